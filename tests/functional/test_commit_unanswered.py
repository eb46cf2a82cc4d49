"""The database takes a change and its answer is lost: nobody says that nothing changed, nor does it twice."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from tests.conftest import TIMEZONE
from tests.support.interface import DRAFT, Interface, interface_to, settings_for_tests
from tests.support.pages import Browser, browser, give_passwords
from tests.support.proxy import Proxy, proxy, socket_of, through
from workflow.clock import FixedClock
from workflow.store.database import Sessions, make_engine, make_sessions

WROTE = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
WORDS = "Xin xem lại số liệu quý ba."


@pytest.fixture
def wire(database) -> Iterator[Proxy]:
    with proxy(socket_of(database.url)) as running:
        yield running


@pytest.fixture
def engine(database, wire: Proxy) -> Iterator[Engine]:
    made = make_engine(through(database.url, wire), patience=2)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return make_sessions(engine, timezone=TIMEZONE)


@pytest.fixture
def lose_answer(engine: Engine, wire: Proxy) -> Callable[[], None]:
    """Return what loses the answer to the next commit of a transaction that wrote."""
    waiting: list[None] = []

    def deafen(connection: Connection) -> None:
        if waiting and connection.exec_driver_sql(WROTE).scalar_one():
            waiting.clear()
            assert wire.mute() >= 1

    event.listen(engine, "commit", deafen)
    return lambda: waiting.append(None)


@pytest.fixture
def office(session, sessions: Sessions, clock: FixedClock, tmp_path: Path) -> Interface:
    furnished = interface_to(session, sessions, clock, settings_for_tests(tmp_path))
    furnished.token("nominator")
    return furnished


def test_a_program_is_told_that_it_is_not_known_and_asks_again_by_its_key(
    office: Interface, lose_answer: Callable[[], None]
) -> None:
    headers = {"Idempotency-Key": "asked-until-answered", "Accept-Language": "en"}
    lose_answer()
    lost = office.post("nominator", "/nominations", DRAFT, headers=headers)
    assert (lost.status_code, lost.json["code"]) == (503, "outcome-unknown")
    assert "nothing was changed" not in lost.json["detail"].lower()
    again = office.post("nominator", "/nominations", DRAFT, headers=headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert [one["id"] for one in office.get("nominator", "/nominations").json["items"]] == [again.json["id"]]


@pytest.fixture
def writer(office: Interface, session, sessions: Sessions, clock: FixedClock) -> Browser:
    give_passwords(session)
    seated = browser(sessions, clock)
    assert seated.sign_in("nv01@example.vn").status_code == 303
    return seated


@pytest.mark.parametrize(("locale", "said"), [("vi", "chưa biết"), ("en", "not known")])
def test_a_person_is_told_so_and_the_same_form_again_does_it_once(
    office: Interface, writer: Browser, lose_answer: Callable[[], None], locale: str, said: str
) -> None:
    path = f"/nominations/{office.drafted()}"
    writer.open("/")
    writer.send("/language", {"locale": locale})
    page = writer.open(path)
    lose_answer()
    lost = writer.send(f"{path}/comments", {"text": WORDS, "audience": "unit"})
    assert lost.status_code == 503
    assert said in writer.text
    assert WORDS in writer.text
    writer.page = page
    assert writer.send(f"{path}/comments", {"text": WORDS, "audience": "unit"}).status_code == 303
    assert writer.follow().get_data(as_text=True).count(WORDS) == 1
