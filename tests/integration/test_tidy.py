"""`commendo tidy`: what is over goes, counted and told; what is not stays; a second time there is nothing."""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from api.commands.tidy import WHAT
from tests.conftest import Database
from tests.support.office import Office, furnish
from tests.support.waiting import events, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.operations.setup.tidy import count_over, tidy
from workflow.queries.history.audit import verify_chains
from workflow.store.access import ActionCode, ApiToken, PasswordLink, SignInAttempt, WebSession
from workflow.store.base import Base
from workflow.store.history import Event, RequestKey
from workflow.store.imports import ImportUpload
from workflow.store.mail import KeptLetter
from workflow.store.nominations import WorkItem
from workflow.store.proposals import DateProposal
from workflow.store.sent_forms import SentForm
from workflow.store.set_aside import PutAside

_numbers = count()
# Of each kind: how old it may become, and what makes one of an age.
KEPT = {
    RequestKey: timedelta(days=30),
    SignInAttempt: timedelta(days=1),
    WebSession: timedelta(minutes=30),
    ApiToken: timedelta(days=30),
    PasswordLink: timedelta(days=30),
    KeptLetter: timedelta(days=365),
    ActionCode: timedelta(days=1),
    PutAside: timedelta(),
    DateProposal: timedelta(days=30),
    ImportUpload: timedelta(days=1),
    SentForm: timedelta(days=3),
}
ALL = {model.__tablename__: 2 for model in KEPT}


def add(session: Session, model: type[Base], account_id: int, at: datetime, of: tuple[UUID, UUID]) -> None:
    work, event = of
    token = f"{next(_numbers)}".encode()
    rows: dict[type[Base], dict[str, object]] = {
        RequestKey: {
            "actor_id": account_id, "key": token.decode(), "route": "r", "mac": b"", "created_at": at,
        },
        SignInAttempt: {"email": "a@example.vn", "address": "::1", "at": at, "was_right": False},
        WebSession: {"token_hash": token, "account_id": account_id, "created_at": at, "seen_at": at},
        ApiToken: {"token_hash": token, "account_id": account_id, "created_at": at, "expires_at": at},
        PasswordLink: {"token_hash": token, "account_id": account_id, "expires_at": at},
        KeptLetter: {
            "message_id": str(uuid4()), "account_id": account_id, "recipient": "a@example.vn", "subject": "s",
            "text": "t", "html": "h", "written_at": at,
        },
        ActionCode: {
            "id": uuid4(), "account_id": account_id, "work_item_id": work, "action": "approve",
            "address": "::1", "asker": "", "created_at": at, "code_hash": token,
        },
        DateProposal: {
            "id": uuid4(), "work_item_id": work, "proposed_by": account_id, "asked_key": "head@unit:X",
            "day": at.date(), "until_at": at, "event_id": event,
        },
        ImportUpload: {
            "account_id": account_id, "kind": "people", "filename": "f", "content": b"", "sha256": token,
            "uploaded_at": at,
        },
        SentForm: {
            "account_id": account_id, "key": token.decode(), "path": "/p", "fields": [], "noted": {},
            "sent_at": at,
        },
        PutAside: {"account_id": account_id, "work_item_id": work, "until_at": at},
    }  # fmt: skip
    session.execute(insert(model), [rows[model]])


def sizes(session: Session) -> dict[str, int]:
    session.rollback()
    return {
        model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0 for model in KEPT
    }


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    office = furnish(session, now=clock.now())
    a_second = timedelta(seconds=1)
    many_submitted(office, session, 3, clock.now())
    work = session.scalars(select(WorkItem.id).where(WorkItem.closed_at.is_(None))).all()
    told = session.scalars(select(Event.id).where(Event.action == "submit")).all()
    each = list(zip(work, told, strict=True))
    for model, kept in KEPT.items():
        ages = (kept + a_second, kept * 3, kept - a_second)
        # Of some things an account has one alone.
        parts = ("nominator", "reviewer", "admin")
        for age, of, part in zip(ages, each, parts, strict=True):
            add(session, model, office.ids[part], clock.now() - age, of)
    session.commit()
    return office


def test_what_is_over_goes_and_the_rest_stays(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    nomination_id = submitted(office, clock.now())
    before = len(events(session, nomination_id))
    assert count_over(session, now=clock.now()) == ALL
    assert WHAT.keys() == ALL.keys(), "the command has a word for each"
    assert sizes(session) == dict.fromkeys(ALL, 3), "counting removes nothing"
    assert tidy(database.sessions, clock=clock) == ALL
    assert sizes(session) == dict.fromkeys(ALL, 1)
    assert len(events(session, nomination_id)) == before
    told = session.scalars(select(Event.data).where(Event.action == "tidy")).one()
    assert {name: told[name] for name in ALL} == ALL
    assert verify_chains(session).is_whole


def test_a_second_time_there_is_nothing_to_do_and_nothing_to_tell(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    tidy(database.sessions, clock=clock)
    assert tidy(database.sessions, clock=clock) == dict.fromkeys(ALL, 0)
    session.rollback()
    assert session.scalar(select(func.count()).where(Event.action == "tidy")) == 1


def test_a_table_of_many_pages_is_gone_through_to_its_end(
    office: Office, session: Session, clock: FixedClock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.operations.setup.tidy._PAGES_AT_ONCE", 2)
    row = {"email": "b@example.vn" * 20, "address": "::1", "was_right": False}
    old, young = clock.now() - timedelta(days=2), clock.now()
    session.execute(insert(SignInAttempt), [row | {"at": young if n % 10 == 0 else old} for n in range(1000)])
    session.commit()
    pages = session.scalar(select(func.pg_relation_size("sign_in_attempt") / 8192)) or 0
    assert pages > 10
    assert tidy(database.sessions, clock=clock)["sign_in_attempt"] == 902
    assert sizes(session)["sign_in_attempt"] == 101
