"""A person's due dates as a calendar program reads them, by a reader that is not the library that writes."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.support.absences import go_away
from tests.support.interface import PREFIX, Interface
from tests.support.office import AG, TOP
from tests.support.pages import BASE, browser, form_of, give_passwords
from workflow.domain.notices import AROUND
from workflow.domain.vocabulary import NoticeKind, RoundDate, Via
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.people.absences import end_absence
from workflow.operations.people.accounts import disable_account
from workflow.operations.people.feeds import close_feed, open_feed
from workflow.operations.people.tokens import digest
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.store.access import Account, CalendarFeed
from workflow.store.mail import Outbox
from workflow.store.nominations import WorkItem

_ESCAPED = re.compile(r"\\([\\;,nN])")


@dataclass
class Component:
    """One BEGIN ... END of a feed: its properties by name, values unescaped, and what is in it."""

    name: str
    values: dict[str, str] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def at(self, name: str) -> datetime:
        """Return an instant of form 2 of RFC 5545, 3.3.5."""
        return datetime.strptime(self.values[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def strictly(octets: bytes) -> Component:
    """Read a feed by RFC 5545, 3.1 and 3.3.11: lines of at most 75 octets ended by CRLF, each a property."""
    assert octets.endswith(b"\r\n")
    lines = octets[:-2].split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    whole = re.sub(rb"\r\n[ \t]", b"", octets[:-2]).decode().split("\r\n")
    open_ones, root = list[Component](), None
    for line in whole:
        found = re.fullmatch(r"([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(.*)", line)
        assert found, line
        name, value = (
            found[1],
            re.sub(r"\\([\\;,nN])", lambda one: "\n" if one[1] in "nN" else one[1], found[3]),
        )
        if name == "BEGIN":
            component = Component(value)
            if open_ones:
                open_ones[-1].parts.append(component)
            open_ones.append(component)
            root = root or component
        elif name == "END":
            assert open_ones.pop().name == value
        else:
            assert name not in open_ones[-1].values, f"{name} twice"
            open_ones[-1].values[name] = value
    assert root is not None
    assert not open_ones
    return root


def opened(interface: Interface, part: str) -> str:
    session = interface.office.session
    actor = interface.office.actor(part, interface.clock.now())
    return open_feed(session, actor=actor, via=Via.WEB, now=interface.clock.now())


def client_of(interface: Interface) -> FlaskClient:
    return interface.app.test_client()


def read(interface: Interface, secret: str) -> list[Component]:
    answer = client_of(interface).get(f"{PREFIX}/calendar/{secret}.ics")
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    feed = strictly(answer.data)
    assert (feed.name, feed.values["VERSION"], feed.values["METHOD"]) == ("VCALENDAR", "2.0", "PUBLISH")
    return feed.parts


def submitted(interface: Interface) -> int:
    nomination_id = interface.drafted()
    assert interface.act("nominator", nomination_id, "submit").status_code == 200
    return nomination_id


def test_what_waits_is_an_event_without_a_name(interface: Interface) -> None:
    nomination_id = submitted(interface)
    [event] = read(interface, opened(interface, "reviewer"))
    assert event.name == "VEVENT"
    assert event.at("DTEND") - event.at("DTSTART") == timedelta(minutes=30)
    assert (event.values["STATUS"], event.values["SEQUENCE"], event.values["TRANSP"]) == (
        "CONFIRMED", "0", "TRANSPARENT",
    )  # fmt: skip
    assert event.values["URL"].endswith(f"/nominations/{nomination_id}")
    assert f"hồ sơ số {nomination_id}" in event.values["SUMMARY"]
    [alarm] = event.parts
    assert (alarm.name, alarm.values["ACTION"], alarm.values["TRIGGER"]) == ("VALARM", "DISPLAY", "-P1D")
    shown = str(interface.get("reviewer", "/inbox").json["items"][0])
    subject = interface.get("reviewer", f"/nominations/{nomination_id}").json["subject"]["name"]
    assert subject in shown
    assert subject not in str(event)


def test_what_a_unit_owes_is_called_by_the_names_of_unit_and_round(interface: Interface) -> None:
    dates = {RoundDate.UNIT_DEADLINE: date(2026, 3, 13)}
    new = NewRound("2026-DX", "Đợt đột xuất", 2026, TOP, dates=dates, unit_codes=(AG,))
    open_round(interface.office.session, actor=None, new=new, via=Via.CLI, now=interface.clock.now())
    secret = opened(interface, "nominator")
    [event] = read(interface, secret)
    assert event.values["SUMMARY"] == "Hạn nộp tờ trình: VKSND tỉnh An Giang, Đợt đột xuất"
    assert event.values["URL"].endswith("/rounds/2026-DX")


def test_a_date_that_moved_grows_its_sequence_and_what_is_done_is_called_off(interface: Interface) -> None:
    nomination_id = submitted(interface)
    clock = interface.clock
    clock.advance(timedelta(days=1))
    secret = opened(interface, "reviewer")
    [first] = read(interface, secret)
    assert interface.act("reviewer", nomination_id, "claim").status_code == 200
    [second] = read(interface, secret)
    assert second.values["UID"] == first.values["UID"]
    assert int(second.values["SEQUENCE"]) > int(first.values["SEQUENCE"])
    assert interface.act("reviewer", nomination_id, "approve").status_code == 200
    [third] = read(interface, secret)
    assert (third.values["UID"], third.values["STATUS"]) == (first.values["UID"], "CANCELLED")
    assert int(third.values["SEQUENCE"]) > int(second.values["SEQUENCE"])
    assert third.parts == [], "nobody is warned of what is called off"
    clock.advance(timedelta(days=40))
    assert read(interface, secret) == []


@pytest.mark.parametrize("secret", ["x" * 43, "short", "a.b", "%00", "é" * 43, "A" * 900])
def test_a_wrong_address_is_nobodys(interface: Interface, secret: str) -> None:
    opened(interface, "reviewer")
    answer = client_of(interface).get(f"{PREFIX}/calendar/{secret}.ics")
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_an_address_made_anew_or_taken_back_ends_the_old_one_at_once(interface: Interface) -> None:
    first = opened(interface, "reviewer")
    second = opened(interface, "reviewer")
    client = client_of(interface)
    assert client.get(f"{PREFIX}/calendar/{first}.ics").status_code == 404
    assert client.get(f"{PREFIX}/calendar/{second}.ics").status_code == 200
    session, now = interface.office.session, interface.clock.now()
    kept = session.scalars(select(CalendarFeed.token_hash)).all()
    assert kept == [digest(second)], "the secret itself is nowhere"
    assert close_feed(session, actor=interface.office.actor("reviewer", now), via=Via.WEB, now=now)
    assert client.get(f"{PREFIX}/calendar/{second}.ics").status_code == 404
    third = opened(interface, "reviewer")
    email = session.scalar(select(Account.email).where(Account.id == interface.office.ids["reviewer"]))
    disable_account(session, actor=None, email=str(email), via=Via.CLI, now=now)
    assert client.get(f"{PREFIX}/calendar/{third}.ics").status_code == 404


def test_a_program_that_has_it_already_is_told_so(interface: Interface) -> None:
    submitted(interface)
    path = f"{PREFIX}/calendar/{opened(interface, 'reviewer')}.ics"
    answer = client_of(interface).get(path)
    assert answer.headers["Cache-Control"] == "private, max-age=900"
    again = client_of(interface).get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_nobody_reads_what_waits_for_others(interface: Interface) -> None:
    submitted(interface)
    assert read(interface, opened(interface, "other_reviewer")) == []
    assert AG not in str(read(interface, opened(interface, "stranger")))


def test_what_waits_without_a_date_is_not_called_off(interface: Interface) -> None:
    submitted(interface)
    secret, session = opened(interface, "reviewer"), interface.office.session
    session.execute(update(WorkItem).where(WorkItem.due_at.is_not(None)).values(due_at=None))
    session.commit()
    assert read(interface, secret) == []


def test_who_is_reminded_in_the_place_of_another_is_called_off_nothing(
    interface: Interface, database
) -> None:
    submitted(interface)
    session = interface.office.session
    kept = session.execute(select(Outbox.work_item_id, Outbox.nomination_id).limit(1)).one()
    deputy = interface.office.ids["secretary"]
    values = {"work_item_id": kept.work_item_id, "nomination_id": kept.nomination_id, "account_id": deputy}
    notice = PromisedMail(
        kind=NoticeKind.REMINDER,
        cause=kept.work_item_id,
        at=interface.clock.now(),
        slot=f"2026-03-05{AROUND}",
        **values,
    )
    write_notices(session, [notice])
    session.commit()
    assert read(interface, opened(interface, "secretary")) == []


def test_the_answer_loaded_again_makes_no_second_address(interface: Interface, database) -> None:
    give_passwords(interface.office.session)
    seated = browser(database.sessions, interface.clock)
    seated.sign_in("nv02@example.vn")
    fields = form_of(seated.open("/me/calendar"), "/me/calendar")
    path = fields.pop("")
    first = seated.client.post(path, data=fields, base_url=BASE)
    [secret] = re.findall(r"/calendar/([\w-]+)\.ics</a>", first.get_data(as_text=True))
    assert seated.client.post(path, data=fields, base_url=BASE).status_code == 303
    assert client_of(interface).get(f"{PREFIX}/calendar/{secret}.ics").status_code == 200


def test_what_is_lent_stands_in_the_feed_of_who_acts_is_called_off_and_comes_again(
    interface: Interface,
) -> None:
    office, clock = interface.office, interface.clock
    secret = opened(interface, "deputy")
    absence_id = go_away(office, clock, "reviewer", "deputy")
    nomination_id = submitted(interface)
    [first] = read(interface, secret)
    assert first.values["URL"].endswith(f"/nominations/{nomination_id}")
    end_absence(office.session, actor=None, absence_id=absence_id, via=Via.CLI, now=clock.now())
    [second] = read(interface, secret)
    clock.advance(timedelta(hours=1))
    go_away(office, clock, "reviewer", "deputy")
    [third] = read(interface, secret)
    assert len({one.values["UID"] for one in (first, second, third)}) == 1
    assert [one.values["STATUS"] for one in (first, second, third)] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    numbers = [int(one.values["SEQUENCE"]) for one in (first, second, third)]
    assert numbers == sorted(set(numbers)), "a program believes the greatest number"
