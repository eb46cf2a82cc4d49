-- Twenty years of a sector of 400 units: what is over in rounds that are closed, one in ten nominations still open.
-- One statement for each table, in this order. Everything follows from the number of a row (`salt` of it), so that
-- two runs make the same. Hashes of events are no chain: nothing here is for `audit verify`.

-- name: functions
CREATE FUNCTION pg_temp.salt(n bigint, which int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT (abs(hashint8extended(n, which)) %% 1000)::int $$;
CREATE FUNCTION pg_temp.ordered_id(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS
$$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid $$;

-- name: units
CREATE TEMP TABLE place AS
SELECT unit.id AS unit_id, unit.code, row_number() OVER (ORDER BY unit.code) - 1 AS place
FROM unit WHERE unit.code LIKE 'SZ-%%';

-- name: clusters
WITH made AS (
    INSERT INTO cluster (code, year, owner_unit_id, number, name, kind)
    SELECT year || '/' || %(top)s || '/S' || number, year, top.id, 100 + number, 'Cụm thi đua số ' || number, 'cluster'
    FROM unit top, generate_series(%(last_year)s - 1, %(last_year)s) year, generate_series(1, 16) number
    WHERE top.code = %(top)s RETURNING id, year, number, owner_unit_id
)
INSERT INTO cluster_member (cluster_id, unit_id, year, owner_unit_id)
SELECT made.id, place.unit_id, made.year, made.owner_unit_id
FROM made JOIN place ON place.place %% 16 + 101 = made.number;

-- name: accounts
WITH wanted AS (
    SELECT 'sz-' || role || '-' || lower(code) || '@example.vn' AS email, role || ' ' || code AS name, role || '@unit:' || code AS key
    FROM place, unnest(ARRAY['nominator', 'unit_reviewer', 'head']) role
    UNION ALL
    SELECT 'sz-appraiser-' || n || '@example.vn', 'Chuyên viên ' || n, 'appraiser@council:' || %(top)s FROM generate_series(1, 20) n
), made AS (
    INSERT INTO account (email, name, created_at) SELECT email, name, %(first_day)s FROM wanted RETURNING id, email
)
INSERT INTO "grant" (account_id, key, valid_from) SELECT made.id, wanted.key, DATE '2000-01-01' FROM made JOIN wanted USING (email);

-- name: seats
CREATE TEMP TABLE seat AS
SELECT key, min(account_id) AS account_id FROM "grant" GROUP BY key;
CREATE TEMP TABLE desk AS
SELECT place.*, nominator.account_id AS nominator, reviewer.account_id AS reviewer, cluster.code AS cluster
FROM place
JOIN seat nominator ON nominator.key = 'nominator@unit:' || place.code
JOIN seat reviewer ON reviewer.key = 'unit_reviewer@unit:' || place.code
JOIN cluster_member member ON member.unit_id = place.unit_id AND member.year = %(last_year)s
JOIN cluster ON cluster.id = member.cluster_id;

-- name: rounds
INSERT INTO round (code, title, year, owner_unit_id, council_id, dates, opened_at, closed_at)
SELECT 'SZ-' || lpad(n::text, 4, '0'), 'Đợt xét số ' || n, extract(year FROM day)::int, top.id, council.id,
    jsonb_build_object('unit_deadline', (day + INTERVAL '20 days')::date, 'upper_deadline', (day + INTERVAL '120 days')::date),
    day, CASE WHEN n <= %(rounds)s - %(open_rounds)s THEN day + INTERVAL '150 days' END
FROM generate_series(1, %(rounds)s) n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n > %(rounds)s - %(open_rounds)s THEN %(now)s - INTERVAL '60 days' - n * INTERVAL '1 minute'
        ELSE %(now)s - INTERVAL '240 days' - (%(rounds)s - %(open_rounds)s - n) * INTERVAL '36 days' END AS day
) AS opening
CROSS JOIN unit top JOIN council ON council.unit_id = top.id WHERE top.code = %(top)s;
CREATE TEMP TABLE season AS
SELECT id AS round_id, opened_at, closed_at, row_number() OVER (ORDER BY code) - 1 AS number FROM round WHERE code LIKE 'SZ-%%';

-- name: returns
INSERT INTO expected_return (round_id, unit_id, due_on, sent_at)
SELECT season.round_id, desk.unit_id, (season.opened_at + INTERVAL '20 days')::date,
    CASE WHEN season.closed_at IS NOT NULL OR pg_temp.salt(desk.place + season.number * 400, 1) > 100 THEN season.opened_at + INTERVAL '15 days' END
FROM season, desk;

-- name: submissions
INSERT INTO submission (round_id, unit_id, decider, number, signed_on, signer, version, created_by, created_at)
SELECT season.round_id, desk.unit_id, 'unit:' || %(top)s, season.number || '-' || desk.place || '/TTr', (season.opened_at + INTERVAL '14 days')::date,
    'Viện trưởng ' || desk.code, 3, desk.nominator, season.opened_at + INTERVAL '10 days'
FROM season, desk;

-- name: decisions
INSERT INTO decision (kind, body, year, number, decided_on, signer)
SELECT 'decision', 'unit:' || %(top)s, extract(year FROM season.opened_at)::int, 'SZ' || season.number || '/QĐ', (season.opened_at + INTERVAL '100 days')::date, 'Viện trưởng'
FROM season;

-- name: ways
-- Which way a nomination has gone: its steps in order, where it ends, and how many of a thousand go it.
CREATE TEMP TABLE way (is_open boolean, below int, state text, stage text, steps text[]);
INSERT INTO way VALUES
    (false, 600, 'approved', 'approved', '{draft,unit_review,reception,appraisal,council,decision}'),
    (false, 740, 'rejected', 'rejected', '{draft,unit_review,reception,appraisal}'),
    (false, 800, 'approved', 'approved', '{draft,unit_review,reception,draft,unit_review,reception,appraisal,council,decision}'),
    (false, 900, 'withdrawn', 'withdrawn', '{draft,unit_review}'),
    (false, 1000, 'rejected', 'rejected', '{draft,unit_review}'),
    (true, 150, 'draft', 'draft', '{draft}'),
    (true, 350, 'unit_review', 'unit_review', '{draft,unit_review}'),
    (true, 450, 'reception', 'council', '{draft,unit_review,reception}'),
    (true, 700, 'appraisal', 'council', '{draft,unit_review,reception,appraisal}'),
    (true, 800, 'council', 'council', '{draft,unit_review,reception,appraisal,council}'),
    (true, 880, 'decision', 'council', '{draft,unit_review,reception,appraisal,council,decision}'),
    (true, 940, 'approved', 'approved', '{draft,unit_review,reception,appraisal,council,decision}'),
    (true, 960, 'rejected', 'rejected', '{draft,unit_review,reception,appraisal}'),
    (true, 1000, 'draft', 'draft', '{draft,unit_review,reception,draft}');
CREATE TEMP TABLE going AS
SELECT *, coalesce(lag(below) OVER (PARTITION BY is_open ORDER BY below), 0) AS above FROM way;
CREATE TEMP TABLE staff AS
SELECT person.id, person.name, person.name_search, person.name_sort, person.position, place.place,
    row_number() OVER (PARTITION BY place.place ORDER BY person.code) - 1 AS number, count(*) OVER (PARTITION BY place.place) AS many
FROM person JOIN place ON place.unit_id = person.unit_id;
CREATE INDEX ON staff (place, number);
CREATE TEMP TABLE prize AS
SELECT edition.id, edition.subject_kind, row_number() OVER (PARTITION BY subject_kind ORDER BY id) - 1 AS number,
    count(*) OVER (PARTITION BY subject_kind) AS many
FROM award_edition edition WHERE edition.regime = 'YEARLY' OR edition.regime = 'PLAIN';
ANALYZE staff, place, season, prize, going;

-- name: nominations
-- Turn by turn through the units; the second turn of each round honours the units themselves.
CREATE TEMP TABLE naming AS
SELECT n, season.number AS season, season.round_id, season.opened_at, season.closed_at, i %% 400 AS place, i / 400 AS turn,
    CASE WHEN i / 400 = 1 THEN 'collective' ELSE 'person' END AS kind, going.state, going.stage, going.steps,
    pg_temp.salt(n, 4) AS luck
FROM (SELECT n, (n - 1) / %(per_round)s AS season, (n - 1) %% %(per_round)s AS i FROM generate_series(1, %(nominations)s) n) numbered
JOIN season ON season.number = numbered.season
JOIN going ON going.is_open = (season.closed_at IS NULL) AND pg_temp.salt(n, 3) >= going.above AND pg_temp.salt(n, 3) < going.below;
ANALYZE naming, desk, seat, submission, decision;
INSERT INTO nomination (round_id, award_edition_id, definition_id, unit_id, subject_kind, person_id, subject_name, subject_position,
    name_search, name_sort, achievement, proposer, state, stage, version, is_held, audience, submission_id, decider, recommendation,
    decision_id, created_by, created_at, closed_at)
SELECT naming.round_id, prize.id, definition.id, desk.unit_id, naming.kind, staff.id, coalesce(staff.name, edition.name),
    coalesce(staff.position, ''), coalesce(staff.name_search, edition.name_search), coalesce(staff.name_sort, edition.name_sort),
    'Hoàn thành xuất sắc nhiệm vụ được giao; có giải pháp công tác được áp dụng tại đơn vị.', 'Tập thể ' || desk.code,
    naming.state, naming.stage, cardinality(naming.steps), naming.closed_at IS NULL AND naming.stage = 'council' AND naming.luck < 20,
    CASE WHEN 'reception' = ANY (naming.steps) THEN ARRAY['council:' || %(top)s, 'unit:' || desk.code] ELSE ARRAY['unit:' || desk.code] END,
    CASE WHEN naming.state <> 'draft' THEN submission.id END, 'unit:' || %(top)s,
    CASE WHEN naming.state IN ('decision', 'approved') THEN 'passed' END,
    CASE WHEN naming.state = 'approved' THEN decision.id END, desk.nominator, naming.opened_at + naming.luck * INTERVAL '20 minutes',
    CASE WHEN naming.stage IN ('approved', 'rejected', 'withdrawn') THEN naming.opened_at + INTERVAL '55 days' END
FROM naming
JOIN desk ON desk.place = naming.place
JOIN unit_edition edition ON edition.unit_id = desk.unit_id AND edition.valid_to IS NULL
JOIN prize ON prize.subject_kind = naming.kind AND prize.number = (naming.turn + naming.season) %% prize.many
LEFT JOIN staff ON naming.kind = 'person' AND staff.place = naming.place AND staff.number = (naming.turn + naming.season * 7) %% staff.many
JOIN submission ON submission.round_id = naming.round_id AND submission.unit_id = desk.unit_id
JOIN decision ON decision.number = 'SZ' || naming.season || '/QĐ'
CROSS JOIN (SELECT max(id) AS id FROM workflow_definition WHERE key = 'annual') definition
ORDER BY naming.n;

-- name: stays
-- A stay takes from hours to weeks. What is open has been so for up to a fortnight, whatever went before it.
CREATE TEMP TABLE step (name text, stage text, action text, owner text, hours int);
INSERT INTO step VALUES
    ('draft', 'draft', 'submit', 'nominator@unit:', 60), ('unit_review', 'unit_review', 'approve', 'unit_reviewer@unit:', 70),
    ('reception', 'council', 'approve', 'appraiser@council:', 30), ('appraisal', 'council', 'approve', 'appraiser@council:', 160),
    ('council', 'council', 'approve', 'council_secretary@council:', 90), ('decision', 'council', 'approve', 'head@unit:', 40);
ANALYZE nomination, step;
CREATE TEMP TABLE stay AS
WITH spent AS (
    SELECT nomination.id AS nomination_id, nomination.unit_id, nomination.created_at, nomination.state, going.is_open AS is_running, nomination.closed_at, walk.ordinal, walk.step,
        step.stage, step.owner, cardinality(going.steps) = walk.ordinal AND nomination.closed_at IS NULL AS is_open,
        going.steps[walk.ordinal + 1] AS dest,
        CASE WHEN going.steps[walk.ordinal + 1] = 'draft' THEN 'return' WHEN walk.ordinal < cardinality(going.steps) THEN step.action
            WHEN nomination.state = 'rejected' THEN 'reject' WHEN nomination.state = 'withdrawn' THEN 'withdraw' ELSE step.action END AS verb,
        pg_temp.salt(nomination.id * 16 + walk.ordinal, 5) AS luck,
        step.hours * (0.1 + exp(pg_temp.salt(nomination.id * 16 + walk.ordinal, 6) / 400.0 - 1)) * INTERVAL '1 hour' AS took
    FROM nomination
    JOIN season ON season.round_id = nomination.round_id
    JOIN going ON going.is_open = (season.closed_at IS NULL) AND going.state = nomination.state
        AND cardinality(going.steps) = nomination.version
    CROSS JOIN LATERAL unnest(going.steps) WITH ORDINALITY AS walk (step, ordinal)
    JOIN step ON step.name = walk.step
), run AS (
    SELECT *, sum(took) OVER (PARTITION BY nomination_id ORDER BY ordinal) AS until, sum(took) OVER (PARTITION BY nomination_id) AS whole FROM spent
), placed AS (
    SELECT *, CASE WHEN is_running THEN %(now)s - INTERVAL '1 hour' - whole ELSE created_at END AS began FROM run
)
SELECT pg_temp.ordered_id(began + until - took) AS id, pg_temp.ordered_id(began + until - took) AS item_id, nomination_id, unit_id, state, ordinal, step, stage,
    verb, owner, dest, luck, is_open, began + until - took AS entered_at, CASE WHEN NOT is_open THEN began + until END AS left_at,
    CASE WHEN step <> 'draft' OR ordinal > 1 THEN began + until - took + INTERVAL '7 days' END AS due_at,
    CASE WHEN luck < 700 THEN began + until - took * 0.7 END AS first_claimed_at,
    row_number() OVER (PARTITION BY nomination_id, step ORDER BY ordinal) AS nth
FROM placed ORDER BY began + until - took;

-- name: visits
ANALYZE stay;
INSERT INTO visit (id, nomination_id, ordinal, step, stage, sent_by, entered_at, left_at, clock_unit, budget_minutes, clock_started_at, due_at, calendar_version, nth, ended, first_claimed_at,
    working_minutes, waiting_minutes, service_minutes)
SELECT stay.id, nomination_id, ordinal, step, stage, desk.nominator, entered_at, left_at,
    CASE WHEN due_at IS NOT NULL THEN 'working_days' END, CASE WHEN due_at IS NOT NULL THEN 2400 END, CASE WHEN due_at IS NOT NULL THEN entered_at END, due_at, counted.version,
    nth, CASE WHEN left_at IS NOT NULL THEN CASE verb WHEN 'withdraw' THEN 'withdrawn' ELSE 'moved' END END, CASE WHEN left_at IS NOT NULL THEN first_claimed_at END,
    spent.whole, spent.waiting, spent.whole - spent.waiting
FROM stay JOIN desk USING (unit_id)
-- As in life: why something is due is told from the calendar that it was counted by.
CROSS JOIN (SELECT version FROM calendar_version WHERE calendar = 'vn') AS counted
-- Five days of eight hours in a week of seven days of twenty-four: no calendar is asked, whose figures tests compare.
CROSS JOIN LATERAL (
    -- An expression and no row of its own: of five million rows each got one in a cache that no other one met (Memoize).
    SELECT (extract(epoch FROM left_at - entered_at) / 252)::int AS whole,
        CASE WHEN left_at IS NOT NULL THEN (extract(epoch FROM first_claimed_at - entered_at) / 252)::int END AS waiting
) AS spent
ORDER BY stay.id;

-- name: work
INSERT INTO work_item (id, visit_id, nomination_id, kind, owner_key, assignee_id, opened_at, first_claimed_at, due_at, closed_at, outcome)
SELECT stay.item_id, stay.id, nomination_id, 'stage', key, CASE WHEN luck < 600 THEN seat.account_id END, entered_at, first_claimed_at, due_at, left_at,
    CASE WHEN left_at IS NOT NULL THEN verb END
FROM stay JOIN desk USING (unit_id)
CROSS JOIN LATERAL (SELECT stay.owner || CASE WHEN stay.owner IN ('nominator@unit:', 'unit_reviewer@unit:') THEN desk.code ELSE %(top)s END AS key) named
LEFT JOIN seat USING (key)
ORDER BY stay.item_id;

-- name: rungs
INSERT INTO rung (id, work_item_id, nomination_id, ordinal, kind, recipient, fire_at, fired_at)
SELECT pg_temp.ordered_id(entered_at), item_id, nomination_id, ladder.ordinal, ladder.kind, ladder.recipient,
    CASE WHEN is_open OR fire_at < left_at THEN fire_at END, CASE WHEN fire_at < coalesce(left_at, %(now)s) THEN fire_at END
FROM stay
CROSS JOIN (VALUES (1, 'remind', 'holder', INTERVAL '-2 days'), (2, 'escalate', 'head', INTERVAL '1 day')) AS ladder (ordinal, kind, recipient, away)
CROSS JOIN LATERAL (SELECT due_at + ladder.away AS fire_at) planned
WHERE due_at IS NOT NULL AND (is_open OR luck < 400);

-- name: events
INSERT INTO event (stream, seq, id, actor_id, via, action, source, dest, recorded_at, data, hash)
SELECT 'nomination:' || nomination_id, ordinal + 1, pg_temp.ordered_id(left_at), desk.nominator, 'web', verb, step, coalesce(dest, state), left_at, '{"version": 1}', decode(md5(nomination_id::text || ordinal), 'hex')
FROM stay JOIN desk USING (unit_id) WHERE left_at IS NOT NULL ORDER BY left_at;
INSERT INTO event (stream, seq, id, actor_id, via, action, source, dest, recorded_at, data, hash)
SELECT 'nomination:' || nomination_id, 1, pg_temp.ordered_id(entered_at), desk.nominator, 'web', 'create', NULL, 'draft', entered_at, '{}', decode(md5(nomination_id::text), 'hex')
FROM stay JOIN desk USING (unit_id) WHERE ordinal = 1 ORDER BY entered_at;

-- name: mails
INSERT INTO outbox (id, dedupe_key, notice, mail_class, account_id, nomination_id, work_item_id, fold_key, state, not_before, attempt, message_id, created_at, sent_at)
SELECT made.id, letter.notice || ':' || stay.id || ':' || seat.account_id, letter.notice, letter.class, seat.account_id, nomination_id, item_id, made.id::text, 'sent',
    at, 1, '<mail.' || md5(stay.id::text || letter.notice) || '@example.vn>', at, at
FROM stay JOIN desk USING (unit_id)
CROSS JOIN (VALUES ('work_opened', 'task', 250), ('escalation', 'escalation', 100)) AS letter (notice, class, below)
JOIN seat ON seat.key = CASE WHEN letter.notice = 'escalation' THEN 'head@unit:' || desk.code
    ELSE stay.owner || CASE WHEN stay.owner IN ('nominator@unit:', 'unit_reviewer@unit:') THEN desk.code ELSE %(top)s END END
CROSS JOIN LATERAL (SELECT CASE WHEN letter.notice = 'escalation' THEN due_at + INTERVAL '1 day' ELSE entered_at END AS at) sending
CROSS JOIN LATERAL (SELECT pg_temp.ordered_id(at) AS id) made
WHERE stay.luck < letter.below AND at < %(now)s
ORDER BY at;

-- name: letters
-- Where no mail server is set, what would have gone is kept to be read.
INSERT INTO letter (message_id, account_id, recipient, subject, text, html, written_at)
SELECT message_id, account_id, 'x@example.vn', '[TĐKT] Việc đến tay', repeat('Có việc chờ xử lý. ', 40), repeat('<p>Có việc chờ xử lý.</p>', 40), created_at
FROM outbox WHERE state = 'sent' ORDER BY created_at DESC LIMIT 20000;
