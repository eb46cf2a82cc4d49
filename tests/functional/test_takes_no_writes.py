"""A database that takes no writes: what is there is still read, and what is sent is told why."""

from datetime import timedelta

import pytest

from tests.support.interface import DRAFT, Interface
from tests.support.no_writes import no_writes
from tests.support.pages import Browser, browser, give_passwords
from workflow.clock import FixedClock

CODE = "database-read-only"
SAID = {"vi": "chỉ cho xem", "en": "can be read only"}


@pytest.fixture
def reader(interface: Interface, database, session, clock: FixedClock) -> Browser:
    give_passwords(session)
    seated = browser(database.sessions, clock)
    assert seated.sign_in("nv01@example.vn").status_code == 303
    return seated


def test_whoever_is_signed_in_goes_on_reading_until_their_session_ends(
    interface: Interface, reader: Browser, database, clock: FixedClock
) -> None:
    nomination_id = interface.drafted()
    paths = ("/", "/nominations", f"/nominations/{nomination_id}", "/rounds")
    with no_writes(database):
        for minutes in (0, 2, 27):
            clock.advance(timedelta(minutes=minutes))
            assert {path: reader.open(path).status_code for path in paths} == dict.fromkeys(paths, 200)
            assert interface.get("nominator", f"/nominations/{nomination_id}").status_code == 200
    # Nothing was noted meanwhile, and from now on it is again.
    assert reader.open("/").status_code == 200
    clock.advance(timedelta(minutes=29))
    assert reader.open("/").status_code == 200


@pytest.mark.parametrize("locale", list(SAID))
def test_a_form_is_told_that_there_is_only_reading_and_keeps_what_was_typed(
    interface: Interface, reader: Browser, database, locale: str
) -> None:
    nomination_id = interface.drafted()
    reader.open("/")
    reader.send("/language", {"locale": locale})
    page = reader.open(f"/nominations/{nomination_id}")
    assert page.status_code == 200
    words = {"text": "Xin xem lại số liệu quý ba.", "audience": "unit"}
    with no_writes(database):
        refused = reader.send(f"/nominations/{nomination_id}/comments", words)
        assert refused.status_code == 503
        assert SAID[locale] in reader.text
        assert words["text"] in reader.text
    reader.page = page
    assert reader.send(f"/nominations/{nomination_id}/comments", words).status_code == 303
    assert reader.follow().get_data(as_text=True).count(words["text"]) == 1


def test_a_program_is_told_by_a_code_of_its_own_and_its_key_is_still_good(
    interface: Interface, database
) -> None:
    headers = {"Idempotency-Key": "one-try-and-then-another"}
    interface.token("nominator")
    with no_writes(database):
        refused = interface.post("nominator", "/nominations", DRAFT, headers=headers)
        assert (refused.status_code, refused.json["code"]) == (503, CODE)
        vi = interface.post("nominator", "/nominations", DRAFT, headers={"Accept-Language": "vi"})
        assert "chỉ cho xem" in vi.json["title"]
    made = interface.post("nominator", "/nominations", DRAFT, headers=headers)
    again = interface.post("nominator", "/nominations", DRAFT, headers=headers)
    assert (made.status_code, made.json["id"]) == (201, again.json["id"])


def test_nobody_can_sign_in_and_is_told_why(
    interface: Interface, database, session, clock: FixedClock
) -> None:
    give_passwords(session)
    guest = browser(database.sessions, clock)
    with no_writes(database):
        assert guest.sign_in("nv01@example.vn").status_code == 503
        assert SAID["vi"] in guest.text
    assert guest.sign_in("nv01@example.vn").status_code == 303
