-- Firing due reminders as separate statements, the limit that `make bench` measures the sweep against: what is
-- read and written for one nomination, with the same columns. sweeping.py runs the sections in this order.

-- name: lock
SELECT id FROM nomination WHERE id = %(nomination_id)s FOR NO KEY UPDATE SKIP LOCKED

-- name: facts
SELECT n.id, n.state, n.stage, n.is_held, n.person_id, n.audience, w.id AS work_item_id, w.owner_key,
       w.assignee_id, last.seq, last.hash
  FROM nomination n
  LEFT JOIN visit v ON v.nomination_id = n.id AND v.left_at IS NULL
  LEFT JOIN work_item w ON w.visit_id = v.id AND w.closed_at IS NULL
  LEFT JOIN LATERAL (SELECT event.seq, event.hash
                       FROM event
                      WHERE event.stream = 'nomination:' || n.id
                      ORDER BY event.seq DESC
                      LIMIT 1) last ON true
 WHERE n.id = %(nomination_id)s

-- name: due
SELECT id, ordinal, kind, recipient, work_item_id
  FROM rung
 WHERE nomination_id = %(nomination_id)s AND fire_at <= %(now)s AND fired_at IS NULL AND dead_at IS NULL
 ORDER BY fire_at, ordinal

-- name: holders
SELECT account.id, account.person_id
  FROM "grant" g JOIN account ON account.id = g.account_id
 WHERE g.key = %(key)s AND account.disabled_at IS NULL
   AND g.valid_from <= %(today)s AND (g.valid_to IS NULL OR g.valid_to > %(today)s)
 ORDER BY account.id

-- name: event
INSERT INTO event (stream, seq, id, via, action, source, dest, recorded_at, data, hash)
VALUES (%(stream)s, %(seq)s, %(id)s, 'timer', %(action)s, %(state)s, %(state)s, %(now)s, %(data)s, %(hash)s)

-- name: fired
UPDATE rung SET fired_at = %(now)s WHERE id = %(rung_id)s

-- name: mail
INSERT INTO outbox (id, dedupe_key, notice, mail_class, account_id, nomination_id, work_item_id, event_id,
                    fold_key, state, not_before, created_at)
VALUES (%(mail_id)s, %(dedupe_key)s, 'reminder', 'task', %(account_id)s, %(nomination_id)s, %(work_item_id)s,
        %(id)s, %(fold_key)s, 'new', %(now)s, %(now)s)
ON CONFLICT (dedupe_key) DO NOTHING
