"""An award that was rewritten behind the product's back is found, and the place is named."""

from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_audit import forger, found
from tests.support.office import AG, DT, PAPER, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.papers.attach import Archive, NewPaper, attach
from workflow.queries.history.audit import verify_chains
from workflow.store.paper_files import PaperFolder

OTHER = UUID(int=7)


@pytest.fixture
def awarded(session: Session, clock: FixedClock, office: Office) -> int:
    """Have somebody awarded: reviewed, voted on and signed."""
    now = clock.now()
    nomination_id = office.draft(now).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act("reviewer", nomination_id, "approve", now)
    office.act("secretary", nomination_id, "approve", now)
    office.act("head", nomination_id, "approve", now, decision=PAPER)
    return nomination_id


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


MANIPULATIONS = {
    "a decision's number": (
        "UPDATE decision SET number = '1/QĐ'",
        "decision:1: not as it was signed: number",
    ),
    "a decision's signer": (
        "UPDATE decision SET signer = 'Ai đó'",
        "decision:1: not as it was signed: signer",
    ),
    "a decision's day": (
        "UPDATE decision SET decided_on = decided_on + 1",
        "decision:1: not as it was signed: decided_on",
    ),
    "another decision": (
        (
            "WITH other AS (INSERT INTO decision (kind, body, year, number, decided_on, signer) VALUES"
            " ('decision', 'unit:VKSTC', 2026, '9/QĐ', '2026-03-02', 'X') RETURNING id)"
            " UPDATE nomination SET decision_id = other.id FROM other"
        ),
        "nomination:1: not as its history tells: decision",
    ),
    "the nominee's name": (
        "UPDATE nomination SET subject_name = 'Người khác'",
        "nomination:1: not as its history tells: subject_name",
    ),
    "the nominee": (
        "UPDATE nomination SET person_id = (SELECT id FROM person WHERE code = 'NV05')",
        "nomination:1: not as its history tells: person",
    ),
    "the award": (
        "UPDATE nomination SET award_edition_id = (SELECT max(id) FROM award_edition) - 1",
        "nomination:1: not as its history tells: award_edition",
    ),
    "the unit": (
        f"UPDATE nomination SET unit_id = (SELECT id FROM unit WHERE code = '{DT}')",
        "nomination:1: not as its history tells: unit",
    ),
    "who decides": (
        "UPDATE nomination SET decider = 'unit:VKS-DT'",
        "nomination:1: not as its history tells: decider",
    ),
    "who may see it": (
        f"UPDATE nomination SET audience = audience || ARRAY['unit:{DT}']",
        "nomination:1: not as its history tells: audience",
    ),
    "who drafted it": (
        "UPDATE nomination SET created_by = (SELECT max(id) FROM account)",
        "nomination:1: not as its history tells: created_by",
    ),
    "the stage": (
        "UPDATE nomination SET stage = 'rejected'",
        "nomination:1: not as its history tells: stage",
    ),
    "a hold": ("UPDATE nomination SET is_held = true", "nomination:1: not as its history tells: is_held"),
    "a vote that never was": (
        "UPDATE nomination SET vote = '{\"members\": 9}'",
        "nomination:1: not as its history tells: vote",
    ),
    "an outcome above": (
        "UPDATE nomination SET upper_outcome = 'awarded'",
        "nomination:1: not as its history tells: upper_outcome",
    ),
    "an account's person": (
        "UPDATE account SET person_id = NULL WHERE email = 'nv01@example.vn'",
        "account:1: not as its history tells: person",
    ),
    "an account's address": (
        "UPDATE account SET email = 'x@example.vn' WHERE email = 'nv01@example.vn'",
        "account:1: not as its history tells: email",
    ),
    "an account let in again": (
        "UPDATE account SET disabled_at = now() WHERE email = 'nv01@example.vn'",
        "account:1: not as its history tells: is_disabled",
    ),
    "a grant given": (
        "INSERT INTO \"grant\" (account_id, key, valid_from) VALUES (1, 'admin@all', '2026-01-01')",
        "account:1: no history tells of the grant admin@all",
    ),
    "a grant kept": (
        f"UPDATE \"grant\" SET key = 'head@unit:{AG}' WHERE account_id = 1",
        f"account:1: the grant head@unit:{AG} is not as history tells",
    ),
    "a grant taken": (
        'DELETE FROM "grant" WHERE account_id = 1',
        f"account:1: the grant nominator@unit:{AG} is gone, and history tells of it",
    ),
    "a cluster's head": (
        f"UPDATE cluster SET head_unit_id = (SELECT id FROM unit WHERE code = '{AG}')",
        "cluster:1: not as its history tells: head",
    ),
    "a cluster's members": (
        f"DELETE FROM cluster_member WHERE unit_id = (SELECT id FROM unit WHERE code = '{DT}')",
        "cluster:1: not as its history tells: members",
    ),
    "a round's owner": (
        f"UPDATE round SET owner_unit_id = (SELECT id FROM unit WHERE code = '{DT}')",
        "round:1: not as its history tells: owner",
    ),
    "a whole stream": (
        (
            "DELETE FROM event_text USING event WHERE event_id = event.id AND stream = 'account:1';"
            "DELETE FROM event WHERE stream = 'account:1'"
        ),
        "account:1: no history tells of it",
    ),
}


def test_what_was_not_touched_is_whole(database: Database, awarded: int) -> None:
    assert found(database) == []


@pytest.mark.parametrize("what", MANIPULATIONS)
def test_whoever_owns_the_tables_rewrites_nothing_unnoticed(
    database: Database, awarded: int, what: str
) -> None:
    statement, problem = MANIPULATIONS[what]
    with forger(database) as connection:
        connection.execute("UPDATE outbox SET event_id = NULL")
        connection.execute(statement)
    assert problem in found(database)


@pytest.mark.parametrize("what", [name for name in MANIPULATIONS if "decision's" in name])
def test_the_application_itself_may_not_rewrite_what_was_signed(
    database: Database, awarded: int, what: str
) -> None:
    with as_application(database) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(MANIPULATIONS[what][0])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE nomination SET subject_name = 'x'",
        "UPDATE nomination SET person_id = NULL",
        "UPDATE nomination SET award_edition_id = 1",
        "UPDATE nomination SET decider = 'state'",
        "DELETE FROM nomination",
        "DELETE FROM decision",
        "DELETE FROM attachment",
        "UPDATE attachment SET sha256 = NULL",
        "UPDATE event SET dest = 'approved'",
        "DELETE FROM event_text",
        "UPDATE workflow_definition SET content = '{}'",
        "TRUNCATE decision CASCADE",
    ],
)
def test_the_application_has_no_right_to_what_is_written_once(
    database: Database, awarded: int, statement: str
) -> None:
    with as_application(database) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_a_paper_that_lost_its_row_or_was_slipped_in_is_named(
    database: Database, session: Session, office: Office, clock: FixedClock, tmp_path: Path
) -> None:
    now, folder = clock.now(), PaperFolder(tmp_path)
    nomination_id = office.draft(now).nomination_id
    paper = attach(
        session,
        actor=office.actor("nominator", now),
        target=Target(PaperRoot.NOMINATION, nomination_id),
        paper=NewPaper(PaperKind.OTHER, secret_number="01/M", secret_place="Két sắt"),
        archive=Archive(folder, PaperQuota()),
        via=Via.API,
        now=now,
    ).attachment_id
    assert verify_chains(session, folder=folder).problems == ()
    session.rollback()
    with forger(database) as connection:
        connection.execute("UPDATE attachment SET id = %s", [OTHER])
    with database.sessions() as fresh:
        problems = [str(problem) for problem in verify_chains(fresh, folder=folder).problems]
    assert problems == [
        f"paper:{paper}: history tells of it, and its row is gone",
        f"paper:{OTHER}: history does not tell of this file",
    ]


def as_application(database: Database) -> psycopg.Connection[tuple[object, ...]]:
    """Connect with the rights of the application."""
    url = make_url(database.url).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False))
