"""Random scenes of work that cannot go on: laid anywhere, with terms, accounts and addresses that end."""

from datetime import datetime, timedelta
from random import Random

import psycopg

from tests.conftest import Database
from tests.support.office import AG, CLUSTER, DT, ROLES, TOP
from tests.support.servers import connect
from workflow.domain.vocabulary import Stage

KEYS = (
    f"nominator@unit:{AG}",
    f"unit_reviewer@unit:{AG}",
    f"unit_deputy@unit:{AG}",
    f"unit_reviewer@unit:{DT}",
    f"cluster_head@cluster:{CLUSTER}",
    f"council_secretary@council:{TOP}",
    f"head@unit:{TOP}",
    f"head@unit:{AG}",
    "auditor@all",
)
ROUTE = """
key: guarded
version: 1
title: {vi: "Tuyến thử", en: "Tried route"}
calendar: vn
initial: draft
steps:
  - {name: draft, stage: draft, label: {vi: "Nháp", en: "Draft"}, owner: nominator@subject.unit}
  - name: unit_review
    stage: unit_review
    label: {vi: "Xét", en: "Review"}
    owner: unit_reviewer@subject.unit
    due: 5 working_days
  - name: council
    stage: council
    label: {vi: "Họp", en: "Council"}
    owner: council_secretary@council
    due: 5 working_days
  - {name: approved, stage: approved, final: true, label: {vi: "Xong", en: "Done"}}
moves:
  - {name: submit, from: draft, to: unit_review, by: owner, label: {vi: "Gửi", en: "Submit"}}
  - name: approve
    from: unit_review
    to: council
    by: unit_deputy@subject.unit
    guards: [not_own_subject, not_own_unit, subject_is_collective]
    label: {vi: "Xong", en: "Endorse"}
  - name: approve
    from: unit_review
    to: council
    by: owner
    guards: [subject_is_individual, not_own_unit]
    label: {vi: "Xong", en: "Endorse"}
  - name: sign
    from: council
    to: approved
    by: head@round
    guards: [decision_recorded]
    label: {vi: "Ký", en: "Sign"}
"""

STATES = {
    "standard": ["draft", "unit_review", "cluster_review", "council"],
    "annual": ["draft", "unit_review", "appraisal", "decision"],
    "guarded": ["draft", "unit_review", "council"],
}


def shuffle(database: Database, ids: list[int], luck: Random, now: datetime) -> None:
    """Lay each nomination somewhere on some route, and end terms, accounts, addresses and reminders."""
    people = [code for code, _, _ in ROLES.values()]
    with connect(database.migration_url) as connection:
        connection.execute("DELETE FROM delivery_report")
        for place, nomination_id in enumerate(ids):
            _lay(connection, nomination_id, place, people, luck)
        connection.execute("SELECT setseed(%s)", (luck.random(),))
        connection.execute(
            "UPDATE \"grant\" SET valid_to = CASE WHEN random() < %s THEN DATE '2026-02-01' END",
            (luck.choice([0.0, 0.3, 0.6]),),
        )
        connection.execute("UPDATE account SET disabled_at = CASE WHEN random() < 0.15 THEN now() END")
        connection.execute(
            "INSERT INTO delivery_report (id, message_id, account_id, email, action, source, bounce_class,"
            " words, reported_at) SELECT gen_random_uuid(), id::text, id,"
            " CASE WHEN random() < 0.8 THEN email ELSE 'old@x' END,"
            " 'failed', 'smtp', 'permanent', '', now() FROM account WHERE random() < 0.3"
        )
        connection.execute("UPDATE rung SET fired_at = CASE WHEN random() < 0.7 THEN now() END")
        connection.execute(
            "UPDATE work_item SET due_at = CASE WHEN random() < 0.5 THEN %s END WHERE closed_at IS NULL",
            (now - timedelta(minutes=luck.choice([-5, 5])),),
        )
        connection.commit()


def send_away(database: Database, luck: Random) -> None:
    """Let some be away on that day, from all or from one seat, with and without somebody who stands in."""
    with connect(database.migration_url) as connection:
        connection.execute("DELETE FROM substitute")
        connection.execute("DELETE FROM absence")
        ids = [row[0] for row in connection.execute("SELECT id FROM account ORDER BY id").fetchall()]
        for account_id in ids:
            if luck.random() < 0.5:
                continue
            [absence_id] = connection.execute(
                "INSERT INTO absence (account_id, key, valid_from, valid_to, announced_at, changed_at)"
                " VALUES (%s, %s, %s, '2026-03-05', now(), now()) RETURNING id",
                (account_id, luck.choice([None, *KEYS]), luck.choice(["2026-02-20", "2026-03-03"])),
            ).fetchone() or (0,)
            if luck.random() < 0.5:
                other = luck.choice([one for one in ids if one != account_id])
                connection.execute(
                    "INSERT INTO substitute (absence_id, ordinal, account_id, seat)"
                    " SELECT %s, 1, id, coalesce("
                    " (SELECT split_part(key, '@', 2) FROM \"grant\" WHERE account_id = account.id LIMIT 1),"
                    " 'all') FROM account WHERE id = %s",
                    (absence_id, other),
                )
        connection.commit()


def _lay(
    connection: psycopg.Connection, nomination_id: int, place: int, people: list[str], luck: Random
) -> None:
    person = luck.choice([None, *people])
    route = luck.choice(list(STATES))
    state = luck.choice(STATES[route])
    stage = state if state in set(Stage) else "council"
    connection.execute(
        "UPDATE nomination SET person_id = (SELECT id FROM person WHERE code = %s), subject_kind = %s,"
        " unit_id = (SELECT id FROM unit WHERE code = %s), state = %s, stage = %s, is_held = %s,"
        " decider = %s, definition_id = (SELECT max(id) FROM workflow_definition WHERE key = %s),"
        " award_edition_id = (SELECT id FROM award_edition ORDER BY id OFFSET %s LIMIT 1) WHERE id = %s",
        (
            person,
            "person" if person else "collective",
            luck.choice([AG, DT]),
            state,
            stage,
            luck.random() < 0.1,
            luck.choice(["", f"unit:{TOP}", "state"]),
            route,
            place,
            nomination_id,
        ),
    )
    connection.execute(
        "UPDATE work_item SET owner_key = %s, assignee_id = CASE WHEN %s THEN"
        " (SELECT id FROM account ORDER BY id OFFSET %s LIMIT 1) END"
        " WHERE nomination_id = %s AND closed_at IS NULL",
        (luck.choice(KEYS), luck.random() < 0.4, luck.randrange(10), nomination_id),
    )
