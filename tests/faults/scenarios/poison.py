"""Rows that no release can read: a route, a letter, a reminder. One is settled or waits; all others go on.

At the end each is mended, as a release or a hand would, and goes on too.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tests.faults.rig.clients import Client, submission_of
from tests.faults.rig.installation import Installation
from tests.faults.rig.trial import Fault, Proof, Scenario
from tests.faults.rig.world import seat
from tests.support.patience import PATIENCE
from workflow.clock import wait_for

_STRANGE: Final = """
INSERT INTO workflow_definition (key, version, content_hash, content, published_at)
VALUES ('strange', 1, repeat('0', 64), '{"steps": "none"}', clock_timestamp()) RETURNING id
"""
_AGAIN: Final = """
UPDATE outbox SET state = 'new', attempt = 0, excused_count = 0, not_before = clock_timestamp(),
    notice = coalesce(%s, notice) WHERE nomination_id = %s
"""
_DUE: Final = """
UPDATE rung SET fire_at = clock_timestamp(), fired_at = NULL, dead_at = NULL, attempt = 0, recipient = %s
WHERE nomination_id = %s AND ordinal = (SELECT min(ordinal) FROM rung WHERE nomination_id = %s)
"""
_UNREADABLE: Final = """
SELECT count(*) FROM outbox WHERE nomination_id = %s
AND (state_reason LIKE 'unreadable%%' OR state_reason LIKE 'unwritable%%')
"""
_GUARD: Final = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_outbox_notice_known'"
_FAILED: Final = "SELECT count(*) FROM rung WHERE nomination_id = %s AND last_error IS NOT NULL"


def one_submitted(rig: Installation) -> None:
    """Have one nomination wait for its unit, its letter gone: the one to be spoilt."""
    newest = _first(rig, "SELECT max(id) FROM nomination")
    client = Client(rig.port, rig.world, f"spoilt-{newest}", random.Random(1), 0.0)
    assert client.begin() is not None, client.wrong
    [journey] = client.journeys
    assert client.act(journey, submission_of(journey)) is not None, client.wrong
    rig.spoilt = (journey.nomination_id, journey.unit)
    gone = f"SELECT id FROM outbox WHERE nomination_id = {journey.nomination_id} AND state = 'sent'"
    assert wait_for(lambda: bool(_first(rig, gone)), seconds=PATIENCE, every=0.1)


def spoilt(spoil: Callable[[Installation, int], Callable[[], object]], seen: str) -> Fault:
    """Spoil a row, see that it is found out and that lists around it open, and mend it at the end."""

    @contextmanager
    def fault(rig: Installation) -> Iterator[Proof]:
        nomination_id, unit = rig.spoilt
        mend = spoil(rig, nomination_id)

        def proof() -> int:
            found = _first(rig, seen, nomination_id)
            token = rig.world.tokens[seat("unit_reviewer", unit)]
            for path in ("inbox?limit=100", "nominations?limit=100", f"nominations/{nomination_id}/mails"):
                answer = rig.up.ask(f"/api/v1/{path}", token)
                assert answer.status == 200, (path, answer)
            return int(str(found))

        yield proof
        mend()

    return fault


def route(rig: Installation, nomination_id: int) -> Callable[[], object]:
    """Pin a nomination, with a letter to send and a reminder that is due, to a route of no release."""
    pin = "UPDATE nomination SET definition_id = %s WHERE id = %s RETURNING id"
    before = _first(rig, "SELECT definition_id FROM nomination WHERE id = %s", nomination_id)
    strange = _first(rig, _STRANGE)
    _first(rig, pin, strange, nomination_id)
    _do(rig, _AGAIN, None, nomination_id)
    _do(rig, _DUE, "holder", nomination_id, nomination_id)

    def mend() -> None:
        _first(rig, pin, before, nomination_id)
        _do(rig, "DELETE FROM workflow_definition WHERE id = %s", strange)
        _do(rig, _AGAIN, None, nomination_id)

    return mend


def letter(rig: Installation, nomination_id: int) -> Callable[[], object]:
    """Promise a letter of a kind of no release, in a database whose words are not guarded."""
    guard = _first(rig, _GUARD)
    with rig.connect() as connection:
        connection.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    _do(rig, _AGAIN, "strange", nomination_id)

    def mend() -> None:
        _do(rig, _AGAIN, "work_opened", nomination_id)
        with rig.connect() as connection:
            connection.execute(f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_notice_known {guard}")

    return mend


def reminder(rig: Installation, nomination_id: int) -> Callable[[], object]:
    """Have a reminder fall due that is for nobody whom this release knows."""
    _do(rig, _DUE, "strange", nomination_id, nomination_id)
    return lambda: _do(rig, _DUE, "holder", nomination_id, nomination_id)


def _do(rig: Installation, statement: str, *values: object) -> None:
    with rig.connect() as connection:
        found = connection.execute(statement, values)
        assert found.rowcount > 0, statement


def _first(rig: Installation, statement: str, *values: object) -> object:
    with rig.connect() as connection:
        row = connection.execute(statement, values).fetchone()
    return None if row is None else row[0]


SCENARIOS = (
    Scenario("a route that cannot be read", spoilt(route, _UNREADABLE), seconds=20, before=one_submitted),
    Scenario("a letter that cannot be read", spoilt(letter, _UNREADABLE), seconds=20, before=one_submitted),
    Scenario("a reminder that cannot be read", spoilt(reminder, _FAILED), seconds=20, before=one_submitted),
)
