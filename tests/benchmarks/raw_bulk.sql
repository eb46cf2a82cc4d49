-- Many whole decisions as set-based statements, the limit that `make bench` measures ours against.
-- Written once and then left alone: what decide_inbox() reads and writes for a list of which all moves are
-- allowed, each statement over the whole list. raw_bulk.py runs the sections below by name, in this order.

-- name: prepare
-- Once a connection: what one list was found to be, emptied at every commit.
CREATE TEMPORARY TABLE found (
    id bigint, version bigint, created_by bigint, owner_key text, visit_id uuid, ordinal bigint,
    work_item_id uuid, seq bigint, hash bytea, also jsonb, told text, event_id uuid, new_visit_id uuid, new_work_item_id uuid
) ON COMMIT DELETE ROWS

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
SELECT id FROM nomination WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE

-- name: find
-- The facts that the rules of these moves read: version, state, whose the work is, whether the dossier is whole.
INSERT INTO found
SELECT n.id, n.version, n.created_by, w.owner_key, v.id, v.ordinal, w.id, last.seq, last.hash,
       (SELECT jsonb_agg(DISTINCT e.source ORDER BY e.source)
          FROM event e
         WHERE e.stream = 'nomination:' || n.id AND e.actor_id = %(actor_id)s AND e.source <> n.state
           AND e.source IS NOT NULL AND e.dest IS NOT NULL AND e.dest <> e.source),
       CASE WHEN %(seat)s = ANY(n.audience) THEN NULL ELSE '"reached":["' || %(seat)s || '"]' END,
       gen_random_uuid(), gen_random_uuid(), gen_random_uuid()
  FROM unnest(%(ids)s::bigint[], %(versions)s::bigint[]) AS wanted(id, version)
  JOIN nomination n ON n.id = wanted.id AND n.version = wanted.version
  JOIN unit ON unit.id = n.unit_id
  JOIN round ON round.id = n.round_id
  JOIN unit owner ON owner.id = round.owner_unit_id
  JOIN award_edition ON award_edition.id = n.award_edition_id
  LEFT JOIN council ON council.id = round.council_id
  LEFT JOIN unit advised ON advised.id = council.unit_id
  LEFT JOIN submission ON submission.id = n.submission_id
  LEFT JOIN expected_return ON expected_return.round_id = n.round_id AND expected_return.unit_id = n.unit_id
  JOIN visit v ON v.nomination_id = n.id AND v.left_at IS NULL
  JOIN work_item w ON w.visit_id = v.id AND w.closed_at IS NULL
 CROSS JOIN LATERAL (SELECT event.seq, event.hash
                       FROM event
                      WHERE event.stream = 'nomination:' || n.id
                      ORDER BY event.seq DESC
                      LIMIT 1) last
 WHERE n.state = %(source)s AND NOT n.is_held AND w.owner_key = ANY(%(keys)s)
   AND (w.assignee_id IS NULL OR w.assignee_id = %(actor_id)s)
   AND n.person_id IS DISTINCT FROM %(person_id)s
   AND n.achievement <> '' AND n.proposer <> ''
   AND NOT EXISTS (SELECT FROM unnest(award_edition.papers) AS needed(kind)
                    WHERE NOT EXISTS (SELECT FROM attachment
                                       WHERE (attachment.nomination_id = n.id
                                              OR attachment.submission_id = n.submission_id)
                                         AND attachment.kind = needed.kind AND attachment.removed_at IS NULL))

-- name: holders
SELECT g.key, account.id, account.person_id
  FROM "grant" g JOIN account ON account.id = g.account_id
 WHERE g.key = ANY(%(owner_keys)s) AND account.disabled_at IS NULL
   AND g.valid_from <= %(today)s AND (g.valid_to IS NULL OR g.valid_to > %(today)s)
 ORDER BY g.key, account.id

-- name: update_nominations
UPDATE nomination
   SET state = %(state)s, stage = %(stage)s, version = nomination.version + 1, is_held = false,
       audience = CASE WHEN %(seat)s = ANY(audience) THEN audience ELSE array_append(audience, %(seat)s) END
  FROM found
 WHERE nomination.id = found.id AND nomination.version = found.version AND nomination.state = %(source)s

-- name: insert_events
-- The hash is of the canonical form of the product's chain; nothing in it here needs escaping.
WITH said AS (
    SELECT found.*, '{' || concat_ws(',', '"also_acted_in":' || replace(also::text, ', ', ','), told) || '}' AS data
      FROM found
)
INSERT INTO event (stream, seq, id, actor_id, on_behalf_of, via, action, source, dest, reason_code,
                   occurred_on, recorded_at, data, text_digest, hash)
SELECT 'nomination:' || id, seq + 1, event_id, %(actor_id)s, NULL, 'api', %(action)s, %(source)s, %(state)s, NULL,
       NULL, %(now)s, data::jsonb, NULL,
       sha256(convert_to(
           '["' || encode(hash, 'hex') || '","nomination:' || id || '",' || seq + 1 || ',' || %(actor_id)s
           || ',null,"api","' || %(action)s || '","' || %(source)s || '","' || %(state)s || '",null,null,"'
           || %(recorded_at)s || '",' || data || ',null]', 'UTF8'))
  FROM said

-- name: close_visits
UPDATE visit SET left_at = %(now)s, ended = 'moved', working_minutes = 0 FROM found WHERE visit.id = found.visit_id

-- name: close_work
UPDATE work_item SET closed_at = %(now)s, outcome = %(action)s FROM found WHERE work_item.id = found.work_item_id

-- name: stop_rungs
UPDATE rung SET fire_at = NULL, promised_at = fire_at FROM found WHERE rung.work_item_id = found.work_item_id AND rung.fired_at IS NULL

-- name: open_visits
INSERT INTO visit (id, nomination_id, ordinal, nth, step, stage, sent_by, sent_from, entered_at, clock_unit,
                   budget_minutes, clock_started_at, due_at, calendar_version)
SELECT new_visit_id, id, ordinal + 1, 1, %(state)s, %(stage)s, %(actor_id)s, %(source)s, %(now)s, %(clock_unit)s,
       %(budget_minutes)s, %(clock_started_at)s, %(due_at)s, %(calendar_version)s
  FROM found

-- name: open_work
INSERT INTO work_item (id, visit_id, nomination_id, kind, owner_key, assignee_id, opened_at, due_at)
SELECT new_work_item_id, new_visit_id, id, 'stage', %(owner_key)s, NULL, %(now)s, %(due_at)s
  FROM found

-- name: plan_rungs
INSERT INTO rung (id, work_item_id, nomination_id, ordinal, kind, recipient, fire_at, warns)
SELECT gen_random_uuid(), new_work_item_id, id, ladder.ordinal, ladder.kind, ladder.recipient, ladder.fire_at,
       ladder.warns
  FROM found
 CROSS JOIN unnest(%(ordinals)s::bigint[], %(kinds)s::text[], %(recipients)s::text[],
                   %(fire_at)s::timestamptz[], %(warns)s::boolean[])
       AS ladder(ordinal, kind, recipient, fire_at, warns)

-- name: write_mails
INSERT INTO outbox (id, dedupe_key, notice, mail_class, account_id, nomination_id, work_item_id, event_id,
                    fold_key, state, not_before, created_at)
SELECT gen_random_uuid(), 'work_opened:' || event_id || ':' || reader, 'work_opened', 'task', reader, id,
       new_work_item_id, event_id, 'work_opened:' || reader || ':' || %(slot)s, 'new', %(now)s, %(now)s
  FROM found
 CROSS JOIN unnest(%(readers)s::bigint[]) AS reader
ON CONFLICT (dedupe_key) DO NOTHING

-- name: settle_request_key
UPDATE request_key
   SET result = (SELECT jsonb_build_object('items', jsonb_agg(jsonb_build_object(
                     'nomination_id', id, 'version', version + 1, 'state', %(state)s::text, 'refused', NULL)
                     ORDER BY id))
                   FROM found)
 WHERE actor_id = %(actor_id)s AND key = %(key)s
