-- A year of stays: units below the top one, nominations that have gone the yearly route from its first step to its
-- last, each step once. One statement for each table.

-- name: units
INSERT INTO unit (code, code_sort) SELECT 'BT-' || lpad(n::text, 4, '0'), 'bt-' || lpad(n::text, 4, '0') FROM generate_series(1, %(units)s) n;

-- name: round
INSERT INTO round (code, title, year, owner_unit_id, dates, opened_at, closed_at)
SELECT %(round)s, 'Đợt xét', %(year)s, id, '{}', make_timestamptz(%(year)s, 1, 1, 8, 0, 0), make_timestamptz(%(year)s, 12, 31, 8, 0, 0)
FROM unit WHERE code = %(top)s;

-- name: nominations
INSERT INTO nomination (round_id, award_edition_id, definition_id, unit_id, subject_kind, subject_name, name_search,
    name_sort, state, stage, version, audience, created_by, created_at)
SELECT round.id, edition.id, definition.id, home.id, 'person', 'Cán bộ ' || n, 'can bo ' || n, 'can bo ' || n,
    'approved', 'approved', 7, ARRAY['unit:' || home.code], author.id, round.opened_at
FROM generate_series(1, %(nominations)s) n
JOIN (SELECT id, code, row_number() OVER (ORDER BY id) AS place FROM unit WHERE code LIKE 'BT-%%') home
    ON home.place = n %% %(units)s + 1
CROSS JOIN (SELECT id FROM account ORDER BY id LIMIT 1) author
CROSS JOIN (SELECT max(id) AS id FROM workflow_definition WHERE key = 'annual') definition
CROSS JOIN (SELECT min(id) AS id FROM award_edition WHERE subject_kind = 'person') edition
JOIN round ON round.code = %(round)s;

-- name: visits
-- A stay takes from a minute to some weeks; half of them in a quarter of that.
INSERT INTO visit (id, nomination_id, ordinal, step, stage, sent_by, entered_at, left_at, due_at, calendar_version, ended, first_claimed_at)
SELECT gen_random_uuid(), nomination.id, way.ordinal, way.step, way.stage, nomination.created_by, began.at, began.at + began.took,
    began.at + INTERVAL '7 days', 'bench', 'moved', CASE WHEN nomination.id %% 10 < 7 THEN began.at + began.took * 0.6 END
FROM nomination
JOIN round ON round.id = nomination.round_id AND round.code = %(round)s
CROSS JOIN (VALUES (1, 'draft', 'draft'), (2, 'unit_review', 'unit_review'), (3, 'reception', 'council'),
    (4, 'appraisal', 'council'), (5, 'council', 'council'), (6, 'decision', 'council')) AS way (ordinal, step, stage)
CROSS JOIN LATERAL (
    SELECT round.opened_at + abs(hashint8extended(nomination.id * 8 + way.ordinal, 1)) %% 360 * INTERVAL '1 day' AS at,
        exp(abs(hashint8extended(nomination.id * 8 + way.ordinal, 2)) %% 100000 / 7000.0) * INTERVAL '1 second' AS took
) AS began;

-- name: limit
-- What the same figures cost by every stay, for somebody who may see everything.
SELECT nomination.unit_id, visit.step, count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY span.took) AS median,
    percentile_cont(0.85) WITHIN GROUP (ORDER BY span.took) AS p85,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY span.took) AS p90,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY span.waited) AS waiting,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY span.served) AS service
FROM visit
JOIN nomination ON nomination.id = visit.nomination_id
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM left_at - entered_at)::float AS took, extract(epoch FROM first_claimed_at - entered_at)::float AS waited,
        extract(epoch FROM left_at - first_claimed_at)::float AS served
) AS span
WHERE visit.entered_at >= %(since)s AND visit.entered_at < %(until)s
GROUP BY nomination.unit_id, visit.step
ORDER BY nomination.unit_id, visit.step;
