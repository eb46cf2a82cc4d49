"""An account that changes while its secrets are asked for or used: one waits, and nobody is ended."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, get_ident

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.codes import REVIEWER, CodeDesk, code_desk
from tests.support.office import furnish
from workflow.clock import FixedClock
from workflow.domain.errors import NotFound, Refusal
from workflow.domain.vocabulary import Via
from workflow.messages.action_links import ActionLinks
from workflow.operations.codes.ask import Asker, ask_code
from workflow.operations.people.accounts import issue_link
from workflow.operations.people.addresses import change_address
from workflow.operations.people.sign_in import use_password_link
from workflow.store.access import Account, ActionCode
from workflow.store.conditions import is_open

_LINKS = ActionLinks(b"x" * 32)
# Whoever waits for the other's lock never comes: then the other goes on alone.
_MEET_WITHIN = 1.0
_NEW = "moi@example.vn"


@pytest.fixture
def desk(session: Session, database: Database, clock: FixedClock) -> Iterator[CodeDesk]:
    with code_desk(furnish(session, now=clock.now()), database, clock) as opened:
        yield opened


def side_by_side(
    database: Database, works: dict[str, Callable[[Session], object]]
) -> list[BaseException | None]:
    """Do works in sessions of their own that wait for each other after the first statement of their words."""
    met, waits = Barrier(len(works)), dict[int, str]()

    def wait(_conn, _cursor, statement: str, *_rest: object) -> None:
        words = waits.get(get_ident())
        if words is not None and words in statement:
            del waits[get_ident()]
            with suppress(BrokenBarrierError):
                met.wait(timeout=_MEET_WITHIN)

    def run(words: str) -> BaseException | None:
        waits[get_ident()] = words
        with database.sessions() as own:
            try:
                works[words](own)
            except (DBAPIError, Refusal) as problem:
                return problem
        return None

    event.listen(database.engine, "after_cursor_execute", wait)
    with ThreadPoolExecutor(len(works)) as pool:
        ended = list(pool.map(run, works))
    event.remove(database.engine, "after_cursor_execute", wait)
    return ended


def test_another_address_while_a_code_is_asked_for_deadlocks_nobody_and_leaves_no_code(
    desk: CodeDesk, database: Database, session: Session
) -> None:
    link = _LINKS.read(desk.path().removeprefix("/act/"))
    assert link is not None
    asker = Asker("a browser", "192.0.2.1", device_of=lambda _email: None)

    def ask(own: Session) -> None:
        ask_code(own, link=link, links=_LINKS, asker=asker, now=desk.clock.now())

    def change(own: Session) -> None:
        change_address(own, actor=None, email=REVIEWER, new=_NEW, via=Via.CLI, now=desk.clock.now())

    ask(session)
    desk.clock.advance(timedelta(minutes=2))
    assert side_by_side(database, {"UPDATE action_code": ask, "UPDATE account": change}) == [None, None]
    kept = list(session.execute(select(ActionCode.created_at, ActionCode.closed_at)))
    assert len(kept) == 2
    # Whoever came first: what was mailed to the old address is over.
    email = session.scalar(select(Account.email).where(Account.id == link.account_id))
    waits = session.scalar(select(func.count()).select_from(ActionCode).where(is_open(ActionCode)))
    assert email == _NEW
    assert waits in {0, 1}


def test_another_address_while_a_password_link_is_used_deadlocks_nobody(
    desk: CodeDesk, database: Database, session: Session
) -> None:
    now = desk.clock.now()
    issued = issue_link(session, actor=None, email=REVIEWER, via=Via.CLI, now=now)

    def use(own: Session) -> None:
        use_password_link(own, token=issued.secret, password="một câu dài hơn hẳn", now=now)

    def change(own: Session) -> None:
        change_address(own, actor=None, email=REVIEWER, new=_NEW, via=Via.CLI, now=now)

    used, changed = side_by_side(database, {"FROM password_link": use, "UPDATE account": change})
    assert changed is None
    # The address may have been faster: then the link went to the old one, and is over.
    assert used is None or isinstance(used, NotFound)
