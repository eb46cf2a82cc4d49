"""What became of a date that somebody asked for stands where they look: given, another, refused, lapsed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.functional.test_date_pages import WHY, seated
from tests.support.dates import DAY, LATER, asking, giving, refusing
from tests.support.interface import Interface
from tests.support.office import AG, Office
from tests.support.pages import Browser, text_of
from tests.support.rounds import NEXT, opened
from tests.support.waiting import submitted
from workflow.clock import FixedClock

SAYS = {
    "granted": ("Đã đồng ý lùi hạn đến", "More time was given, until"),
    "other_date": ("hạn đã được lùi đến ngày khác", "another day was given"),
    "refused": ("không được đồng ý", "was not given"),
    "lapsed": ("chưa ai trả lời và không còn hiệu lực", "nobody answered"),
}


def answer(office: Office, clock: FixedClock, number: int, outcome: str) -> None:
    asking(office, clock)(number)
    if outcome == "granted":
        giving(office, clock)(number, part="supervisor")
    elif outcome == "other_date":
        giving(office, clock)(number, part="supervisor", day=LATER, reason="Ngày này thì được")
    elif outcome == "refused":
        refusing(office, clock)(number, part="supervisor")
    else:
        clock.advance(timedelta(days=10))


@pytest.mark.parametrize(("outcome", "locale"), [(one, locale) for one in SAYS for locale in ("vi", "en")])
def test_whoever_asked_reads_on_the_page_what_became_of_it(
    office: Office, desk: Callable[..., Browser], clock: FixedClock, outcome: str, locale: str
) -> None:
    number = submitted(office, clock.now())
    answer(office, clock, number, outcome)
    words = SAYS[outcome][locale == "en"]
    holder = seated(desk, office, "reviewer", locale)
    assert words in text_of(holder.open(f"/nominations/{number}"))
    assert words in text_of(holder.open(f"/nominations/{number}/date"))


@pytest.mark.parametrize("outcome", list(SAYS))
def test_programs_read_what_became_of_it(interface: Interface, clock: FixedClock, outcome: str) -> None:
    number = submitted(interface.office, clock.now())
    answer(interface.office, clock, number, outcome)
    told = interface.get("reviewer", f"/nominations/{number}").json
    assert told["proposed_date"] is None
    assert told["answered_date"] == {"day": DAY.isoformat(), "outcome": outcome}


def test_the_newest_that_was_asked_for_is_told_and_a_new_stay_begins_afresh(
    interface: Interface, clock: FixedClock
) -> None:
    office = interface.office
    number = submitted(office, clock.now())
    assert interface.get("reviewer", f"/nominations/{number}").json["answered_date"] is None
    answer(office, clock, number, "refused")
    clock.advance(timedelta(minutes=1))
    asking(office, clock)(number, day=LATER)
    waits = interface.get("reviewer", f"/nominations/{number}").json
    assert (waits["answered_date"], waits["proposed_date"]["day"]) == (None, LATER.isoformat())
    office.act("reviewer", number, "approve", clock.now())
    assert interface.get("reviewer", f"/nominations/{number}").json["answered_date"] is None


def test_a_unit_reads_what_became_of_the_date_it_asked_for(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now(), unit_codes=(AG,), asks_all_units=False)
    head = seated(desk, office, "unit_head")
    head.open(f"/rounds/{NEXT}")
    assert head.send(f"/returns/{AG}/date", {"day": "20/4/2026", "reason": WHY}).status_code == 303
    above = seated(desk, office, "supervisor")
    above.open(f"/rounds/{NEXT}")
    refused = above.send(f"/returns/{AG}/refuse-date", {"reason": "Không lùi được"})
    assert refused.status_code == 303, refused.text
    assert SAYS["refused"][0] in text_of(head.open(f"/rounds/{NEXT}"))
