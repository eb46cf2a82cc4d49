"""Taking back a large file asks no more of the database than taking back a small one."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.importing import Desk
from tests.support.office import AG, furnish
from tests.support.statements import counted_statements
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account
from workflow.store.history import Event
from workflow.store.organisation import Person


def people(first: int, count: int) -> str:
    rows = "".join(f"P{n:04},Người số {n},{AG},Cán bộ\n" for n in range(first, first + count))
    return f"code,name,unit,position\n{rows}"


def accounts(first: int, count: int) -> str:
    rows = "".join(
        f"p{n}@example.vn,Người số {n},,nominator@unit:{AG}\n" for n in range(first, first + count)
    )
    return f"email,name,person,grants\n{rows}"


@pytest.mark.parametrize(("kind", "rows"), [("people", people), ("accounts", accounts)])
def test_an_undo_of_many_rows_sends_no_more_than_one_of_few(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch, kind: str, rows
) -> None:
    furnish(session, now=MONDAY)
    desk = Desk(session, MONDAY)
    kept = [session.scalar(select(func.count()).select_from(model)) for model in (Account, Person)]
    counts = []
    for size in (50, 400):
        desk.take(kind, rows(0, size))
        with counted_statements(monkeypatch, database.engine) as sent:
            assert desk.undo().removed_count == size * (2 if kind == "accounts" else 1)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert [session.scalar(select(func.count()).select_from(model)) for model in (Account, Person)] == kept
    told = session.scalar(select(func.count()).where(Event.action == "undo_import"))
    assert told == (452 if kind == "accounts" else 2)
    assert verify_chains(session).is_whole
