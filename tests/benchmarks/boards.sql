-- A sector for the board: units below the top one, their returns, nominations that stand all along the yearly
-- route with every stay they have had, and the work of each stay. One statement for each table.

-- name: units
WITH made AS (
    INSERT INTO unit (code, code_sort)
    SELECT 'BD-' || lpad(n::text, 4, '0'), lpad(n::text, 4, '0') FROM generate_series(1, %(units)s) n RETURNING id, code
)
INSERT INTO unit_edition (
    unit_id, name, name_search, name_sort, parent_id, officer_name, officer_telephone, valid_from
)
SELECT made.id, 'Đơn vị ' || made.code, 'don vi ' || lower(made.code), lower(made.code), top.id, 'Cán bộ ' || made.code, '024 3825 5058',
    DATE '2020-01-01'
FROM made, unit top WHERE top.code = %(top)s;

-- name: round
INSERT INTO round (code, title, year, owner_unit_id, council_id, dates, opened_at)
SELECT %(round)s, 'Đợt xét', 2026, top.id, council.id,
    '{"unit_deadline": "2026-02-20", "upper_deadline": "2026-06-30"}', %(now)s
FROM unit top JOIN council ON council.unit_id = top.id WHERE top.code = %(top)s;

-- name: returns
-- One unit in twenty is silent.
INSERT INTO expected_return (round_id, unit_id, due_on, sent_at)
SELECT round.id, unit.id, DATE '2026-02-20', CASE WHEN unit.id %% 20 <> 0 THEN %(now)s - INTERVAL '20 days' END
FROM round, unit WHERE round.code = %(round)s AND unit.code LIKE 'BD-%%';

-- name: nominations
-- Each stands at the step that its number says: most with the council, a few back home, some through.
WITH busy AS (
    SELECT unit.id, unit.code, row_number() OVER (ORDER BY unit.id) AS place, count(*) OVER () AS units
    FROM unit WHERE unit.code LIKE 'BD-%%' AND unit.id %% 20 <> 0
)
INSERT INTO nomination (round_id, award_edition_id, definition_id, unit_id, subject_kind, subject_name, name_search,
    name_sort, state, stage, version, audience, recommendation, created_by, created_at)
SELECT round.id, edition.id, definition.id, busy.id, 'person', 'Cán bộ ' || n, 'can bo ' || n, 'can bo ' || n,
    stands.state, stands.stage, 5,
    CASE WHEN stands.steps > 2 THEN ARRAY['unit:' || busy.code, 'council:' || %(top)s] ELSE ARRAY['unit:' || busy.code] END,
    CASE WHEN stands.steps > 5 THEN 'passed' END, author.id, %(now)s
FROM generate_series(1, %(nominations)s) n
JOIN busy ON busy.place = n %% busy.units + 1
JOIN (VALUES
    (0, 'draft', 'draft', 1), (1, 'unit_review', 'unit_review', 2), (2, 'reception', 'council', 3),
    (3, 'appraisal', 'council', 4), (4, 'appraisal', 'council', 4), (5, 'council', 'council', 5),
    (6, 'decision', 'council', 6), (7, 'approved', 'approved', 6), (8, 'draft', 'draft', 3), (9, 'rejected', 'rejected', 4)
) AS stands (number, state, stage, steps) ON stands.number = (n / 7) %% 10
CROSS JOIN (SELECT id FROM account ORDER BY id LIMIT 1) author
CROSS JOIN (SELECT max(id) AS id FROM workflow_definition WHERE key = 'annual') definition
CROSS JOIN (SELECT min(id) AS id FROM award_edition WHERE subject_kind = 'person') edition
JOIN round ON round.code = %(round)s;

-- name: visits
-- Every step on the way, and for what was returned the draft once more.
INSERT INTO visit (id, nomination_id, ordinal, step, stage, sent_by, entered_at, left_at, due_at, calendar_version)
SELECT gen_random_uuid(), nomination.id, way.ordinal, way.step, way.stage, nomination.created_by,
    %(now)s - INTERVAL '40 days' + way.ordinal * INTERVAL '5 days',
    CASE WHEN way.is_last AND nomination.stage NOT IN ('approved', 'rejected') THEN NULL
        ELSE %(now)s - INTERVAL '35 days' + way.ordinal * INTERVAL '5 days' END,
    %(now)s + (nomination.id %% 9 - 2) * INTERVAL '1 day', 'bench'
FROM nomination
JOIN round ON round.id = nomination.round_id AND round.code = %(round)s
CROSS JOIN LATERAL (
    SELECT stays.*, row_number() OVER (ORDER BY number) AS ordinal, number = max(number) OVER () AS is_last
    FROM (VALUES (1, 'draft', 'draft'), (2, 'unit_review', 'unit_review'), (3, 'reception', 'council'),
        (4, 'appraisal', 'council'), (5, 'council', 'council'), (6, 'decision', 'council'), (7, 'draft', 'draft')
    ) AS stays (number, step, stage)
    WHERE CASE
        WHEN nomination.state = 'draft' AND cardinality(nomination.audience) > 1 THEN number IN (1, 2, 3, 7)
        WHEN nomination.state IN ('approved', 'decision') THEN number <= 6
        WHEN nomination.state = 'council' THEN number <= 5
        WHEN nomination.state IN ('appraisal', 'rejected') THEN number <= 4
        WHEN nomination.state = 'reception' THEN number <= 3
        WHEN nomination.state = 'unit_review' THEN number <= 2
        ELSE number = 1 END
) AS way;

-- name: work
INSERT INTO work_item (id, visit_id, nomination_id, kind, owner_key, opened_at, due_at, closed_at)
SELECT gen_random_uuid(), visit.id, visit.nomination_id, 'stage',
    CASE WHEN visit.stage = 'council' THEN 'appraiser@council:' || %(top)s ELSE 'nominator@unit:' || unit.code END,
    visit.entered_at, visit.due_at, visit.left_at
FROM visit
JOIN nomination ON nomination.id = visit.nomination_id
JOIN unit ON unit.id = nomination.unit_id
JOIN round ON round.id = nomination.round_id AND round.code = %(round)s;

-- name: count
-- The limit: the same fourteen numbers of each unit by one statement, for somebody who may see everything.
SELECT nomination.unit_id,
    count(*) FILTER (WHERE stage NOT IN ('rejected', 'withdrawn')) AS proposed,
    count(*) FILTER (WHERE stage NOT IN ('rejected', 'withdrawn') AND been.away) AS sent,
    count(*) FILTER (WHERE stage NOT IN ('rejected', 'withdrawn') AND been.received) AS received,
    count(*) FILTER (WHERE stage IN ('draft', 'unit_review') AND been.away) AS returned,
    count(*) FILTER (WHERE stage = 'approved' OR state IN ('council', 'decision')) AS appraised,
    count(*) FILTER (WHERE stage NOT IN ('rejected', 'withdrawn') AND recommendation IS NOT NULL) AS voted,
    count(*) FILTER (WHERE stage = 'approved' AND decision.kind IS DISTINCT FROM 'submission_upward') AS decided,
    count(*) FILTER (WHERE stage = 'approved' AND decision.kind = 'submission_upward') AS upward,
    count(*) FILTER (WHERE stage = 'rejected') AS rejected,
    count(*) FILTER (WHERE stage = 'withdrawn' AND annulment_id IS NULL) AS withdrawn,
    count(*) FILTER (WHERE annulment_id IS NOT NULL) AS annulled,
    count(*) FILTER (WHERE open.due_at < %(now)s) AS overdue,
    count(*) FILTER (WHERE nomination.is_held) AS held,
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM work_item asked WHERE asked.nomination_id = nomination.id AND asked.kind = 'answer' AND asked.closed_at IS NULL
    )) AS asked
FROM nomination
JOIN (
    SELECT visit.nomination_id, bool_or(visit.stage IN ('cluster_review', 'council')) AS away,
        bool_or(visit.stage = 'council') AS received
    FROM visit JOIN nomination ON nomination.id = visit.nomination_id
    WHERE nomination.round_id = %(round_id)s GROUP BY visit.nomination_id
) AS been ON been.nomination_id = nomination.id
LEFT JOIN work_item AS open ON open.nomination_id = nomination.id AND open.closed_at IS NULL
LEFT JOIN decision ON decision.id = nomination.decision_id
WHERE nomination.round_id = %(round_id)s
GROUP BY nomination.unit_id;
