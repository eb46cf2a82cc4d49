-- A whole decision as separate statements, the limit that `make bench` measures ours against.
-- Written once and then left alone: what decide() reads and writes, with the same joins, each statement
-- prepared once and sent by itself. raw_decision.py runs the sections below by name, in this order.

-- name: actor
SELECT account.id, account.name, account.email, account.locale, account.person_id,
       (SELECT array_agg(g.key)
          FROM "grant" g
         WHERE g.account_id = account.id
           AND g.valid_from <= %(today)s AND (g.valid_to IS NULL OR g.valid_to > %(today)s)) AS keys
  FROM account
 WHERE account.id = %(actor_id)s AND account.disabled_at IS NULL

-- name: claim_request_key
INSERT INTO request_key (actor_id, key, route, mac, created_at)
VALUES (%(actor_id)s, %(key)s, %(route)s, %(mac)s, %(now)s)
ON CONFLICT DO NOTHING

-- name: lock
-- By itself: a statement that waits for a lock reads every other table as it was before the wait.
SELECT id FROM nomination WHERE id = %(nomination_id)s FOR NO KEY UPDATE

-- name: facts
SELECT n.id, n.state, n.stage, n.version, n.is_held, n.unit_id, n.audience, n.created_by, n.subject_kind,
       n.person_id, n.subject_name, n.achievement, n.proposer, n.definition_id,
       unit.code AS unit, parent.code AS parent, owner.code AS round_owner, advised.code AS council,
       cluster.code AS cluster, round.year,
       v.id AS visit_id, v.ordinal, v.entered_at, v.sent_by, v.sent_from, v.clock_unit, v.budget_minutes,
       v.consumed_minutes, v.clock_started_at, v.due_at,
       w.id AS work_item_id, w.owner_key, w.assignee_id, w.first_claimed_at,
       last.seq, last.hash,
       (SELECT array_agg(DISTINCT e.source)
          FROM event e
         WHERE e.stream = 'nomination:' || n.id AND e.actor_id = %(actor_id)s
           AND e.source IS NOT NULL AND e.dest IS NOT NULL AND e.dest <> e.source) AS seats_taken
  FROM nomination n
  JOIN unit ON unit.id = n.unit_id
  LEFT JOIN unit_edition ON unit_edition.unit_id = unit.id
        AND unit_edition.valid_from <= %(today)s
        AND (unit_edition.valid_to IS NULL OR unit_edition.valid_to > %(today)s)
  LEFT JOIN unit parent ON parent.id = unit_edition.parent_id
  JOIN round ON round.id = n.round_id
  JOIN unit owner ON owner.id = round.owner_unit_id
  LEFT JOIN council ON council.id = round.council_id
  LEFT JOIN unit advised ON advised.id = council.unit_id
  LEFT JOIN cluster_member ON cluster_member.unit_id = n.unit_id AND cluster_member.year = round.year
        AND cluster_member.owner_unit_id = round.owner_unit_id
  LEFT JOIN cluster ON cluster.id = cluster_member.cluster_id
  LEFT JOIN visit v ON v.nomination_id = n.id AND v.left_at IS NULL
  LEFT JOIN work_item w ON w.visit_id = v.id AND w.closed_at IS NULL
  LEFT JOIN LATERAL (SELECT event.seq, event.hash
                       FROM event
                      WHERE event.stream = 'nomination:' || n.id
                      ORDER BY event.seq DESC
                      LIMIT 1) last ON true
 WHERE n.id = %(nomination_id)s

-- name: holders
SELECT g.key, account.id, account.person_id
  FROM "grant" g JOIN account ON account.id = g.account_id
 WHERE g.key = ANY(%(keys)s) AND account.disabled_at IS NULL
   AND g.valid_from <= %(today)s AND (g.valid_to IS NULL OR g.valid_to > %(today)s)
 ORDER BY g.key, account.id

-- name: insert_decision
INSERT INTO decision (kind, body, year, number, decided_on, signer)
VALUES (%(kind)s, %(body)s, %(year)s, %(number)s, %(decided_on)s, %(signer)s)
ON CONFLICT DO NOTHING

-- name: find_decision
SELECT id, decided_on, signer, kind FROM decision
 WHERE body = %(body)s AND year = %(year)s AND number = %(number)s

-- name: update_nomination
UPDATE nomination
   SET state = %(state)s, stage = %(stage)s, version = version + 1, is_held = false,
       audience = CASE WHEN %(seat)s::text IS NULL OR %(seat)s = ANY(audience) THEN audience
                       ELSE array_append(audience, %(seat)s) END,
       decision_id = coalesce(%(decision_id)s, decision_id), closed_at = %(closed_at)s
 WHERE id = %(nomination_id)s AND version = %(version)s AND state = %(source)s

-- name: insert_event
INSERT INTO event (stream, seq, id, actor_id, on_behalf_of, via, action, source, dest, reason_code,
                   occurred_on, recorded_at, data, text_digest, hash)
VALUES (%(stream)s, %(seq)s, %(id)s, %(actor_id)s, NULL, %(via)s, %(action)s, %(source)s, %(dest)s, NULL,
        NULL, %(now)s, %(data)s, NULL, %(hash)s)

-- name: close_visit
-- The race stands still at one instant: no time is worked between two decisions.
UPDATE visit SET left_at = %(now)s, ended = 'moved', working_minutes = 0 WHERE id = %(visit_id)s

-- name: close_work
UPDATE work_item SET closed_at = %(now)s, outcome = %(action)s WHERE id = %(work_item_id)s

-- name: stop_rungs
UPDATE rung SET fire_at = NULL, promised_at = fire_at WHERE work_item_id = %(work_item_id)s AND fired_at IS NULL

-- name: open_visit
INSERT INTO visit (id, nomination_id, ordinal, nth, step, stage, sent_by, sent_from, entered_at, clock_unit,
                   budget_minutes, clock_started_at, due_at, calendar_version)
VALUES (%(visit_id)s, %(nomination_id)s, %(ordinal)s, 1, %(step)s, %(stage)s, %(actor_id)s, %(source)s, %(now)s,
        %(clock_unit)s, %(budget_minutes)s, %(clock_started_at)s, %(due_at)s, %(calendar_version)s)

-- name: open_work
INSERT INTO work_item (id, visit_id, nomination_id, kind, owner_key, assignee_id, opened_at, due_at)
VALUES (%(work_item_id)s, %(visit_id)s, %(nomination_id)s, 'stage', %(owner_key)s, NULL, %(now)s, %(due_at)s)

-- name: plan_rungs
INSERT INTO rung (id, work_item_id, nomination_id, ordinal, kind, recipient, fire_at, warns)
SELECT ladder.id, %(work_item_id)s, %(nomination_id)s, ladder.ordinal, ladder.kind, ladder.recipient, ladder.fire_at,
       ladder.warns
  FROM unnest(%(ids)s::uuid[], %(ordinals)s::bigint[], %(kinds)s::text[], %(recipients)s::text[],
              %(fire_at)s::timestamptz[], %(warns)s::boolean[])
       AS ladder(id, ordinal, kind, recipient, fire_at, warns)

-- name: write_mails
INSERT INTO outbox (id, dedupe_key, notice, mail_class, account_id, nomination_id, work_item_id, event_id,
                    fold_key, state, not_before, created_at)
SELECT mail.id, mail.dedupe_key, %(notice)s, %(mail_class)s, mail.account_id, %(nomination_id)s, %(work_item_id)s,
       %(event_id)s, mail.id::text, 'new', %(now)s, %(now)s
  FROM unnest(%(ids)s::uuid[], %(dedupe_keys)s::text[], %(account_ids)s::bigint[])
       AS mail(id, dedupe_key, account_id)
ON CONFLICT (dedupe_key) DO NOTHING

-- name: settle_request_key
UPDATE request_key SET result = %(result)s WHERE actor_id = %(actor_id)s AND key = %(key)s
