-- The columns of an inbox as one statement that writes the answer's JSON itself. Words, working time and the reasons why
-- something is here are constants: they are computed in Python by ours.
SELECT json_build_object('items', coalesce(json_agg(item), '[]'), 'next', 'a place in the list')::text
FROM (
    SELECT item.id, item.kind, nomination.id AS nomination_id, item.expected_return_id,
        CASE WHEN submission.id IS NOT NULL THEN json_build_object('id', submission.id, 'number', submission.number) END AS submission,
        nomination.version, nomination.subject_name AS subject,
        json_build_object('code', award.code, 'title', json_build_object('vi', award_edition.name_vi, 'en', award_edition.name_en)) AS award,
        json_build_object('code', unit.code, 'name', unit_edition.name) AS unit, round.code AS round,
        nomination.state, nomination.stage, json_build_object('vi', 'Xét ở đơn vị', 'en', 'Review at the unit') AS label,
        nomination.is_held, false AS is_returned, json_build_object('kind', 'group', 'source', item.owner_key) AS why,
        json_build_object('key', item.owner_key, 'role', split_part(item.owner_key, '@', 1),
            'seat', split_part(item.owner_key, '@', 2),
            'assignee', CASE WHEN account.id IS NOT NULL THEN json_build_object('id', account.id, 'name', account.name) END,
            'is_empty', false) AS holder,
        item.opened_at, item.due_at, json_build_object('minutes', 480, 'working_days', 1.0) AS working_time_left,
        json_build_object('minutes', 480, 'working_days', 1.0) AS age
    FROM (
        SELECT open.* FROM (
            (SELECT free.* FROM unnest(%(keys)s::text[]) AS held(key) CROSS JOIN LATERAL (
                SELECT work_item.* FROM work_item
                WHERE owner_key = held.key AND assignee_id IS NULL AND closed_at IS NULL
                ORDER BY assignee_id, coalesce(due_at, 'infinity'), id LIMIT 50
            ) free)
            UNION ALL
            (SELECT work_item.* FROM work_item WHERE assignee_id = %(account_id)s AND closed_at IS NULL
                ORDER BY coalesce(due_at, 'infinity'), id LIMIT 50)
        ) open ORDER BY coalesce(open.due_at, 'infinity'), open.id LIMIT 50
    ) item
    JOIN nomination ON nomination.id = item.nomination_id
    JOIN award_edition ON award_edition.id = nomination.award_edition_id
    JOIN award ON award.id = award_edition.award_id
    JOIN unit ON unit.id = nomination.unit_id
    JOIN round ON round.id = nomination.round_id
    LEFT JOIN unit_edition ON unit_edition.unit_id = unit.id AND unit_edition.valid_from <= CURRENT_DATE
        AND (unit_edition.valid_to IS NULL OR unit_edition.valid_to > CURRENT_DATE)
    LEFT JOIN submission ON submission.id = nomination.submission_id
    LEFT JOIN account ON account.id = item.assignee_id
    ORDER BY coalesce(item.due_at, 'infinity'), item.id
) item
