"""Late work is reported inside its own house; a sister unit, a unit below and the sector hear of it never."""

from collections.abc import Iterator
from datetime import date
from typing import cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.definitions import text_of
from tests.support.foretold import Watched, as_mails, foretold
from tests.support.mail import Scene, mail_server
from tests.support.office import AG, DT, TOP, Office, furnish
from tests.support.waiting import HEAD_AT, NEXT_LEVEL_AT, add_account, drop_grant, events, submitted, told
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Recipient, Via
from workflow.operations.deadlines.recipients import OwedWork, resolve_return_recipients
from workflow.operations.setup.organise import NewUnit, add_units
from workflow.operations.setup.publish import publish_definition
from workflow.operations.sweep.escalate import fire_due
from workflow.store.access import Account, Grant
from workflow.store.awards import AwardEdition

DAY = MONDAY.date()
# Two districts below each province, written apart from the code that climbs.
HOUSE = {
    "AG-1": ("AG-1", AG),
    "AG-2": ("AG-2", AG),
    AG: (AG,),
    "DT-1": ("DT-1", DT),
    DT: (DT,),
    TOP: (TOP,),
}
UNITS = tuple(HOUSE)
SEATS = tuple(
    seat
    for unit in UNITS
    for seat in (
        f"head@unit:{unit}",
        f"supervisor@unit:{unit}",
        f"appraiser@council:{unit}",
        f"council_secretary@council:{unit}",
    )
)
EVERYTHING = {f"supervisor@unit:{TOP}", "supervisor@all"}
ESCALATIONS = (Recipient.HEAD, Recipient.NEXT_LEVEL)
PEOPLE = 8


def three_levels(session: Session) -> None:
    districts = [NewUnit(code, f"VKSND khu vực {code}", HOUSE[code][1]) for code in ("AG-1", "AG-2", "DT-1")]
    add_units(session, districts, valid_from=date(2020, 1, 1))
    session.commit()


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    found = furnish(session, now=clock.now())
    three_levels(session)
    return found


@pytest.fixture
def people(office: Office, session: Session, clock: FixedClock) -> list[int]:
    """Return accounts without a seat; whoever had one has left."""
    session.execute(update(Grant).values(valid_to=DAY))
    rows = [
        {"email": f"p{n}@example.vn", "name": f"Người {n}", "created_at": clock.now()} for n in range(PEOPLE)
    ]
    ids = session.scalars(insert(Account).returning(Account.id, sort_by_parameter_order=True), rows).all()
    session.commit()
    return list(ids)


def may_hear(unit: str, word: Recipient) -> set[str]:
    """Return the seats inside the house of a unit, by a plain table."""
    inside = {f"head@unit:{one}" for one in HOUSE[unit]} | {f"supervisor@unit:{one}" for one in HOUSE[unit]}
    if unit == TOP:
        return inside - ({f"head@unit:{TOP}"} if word is Recipient.NEXT_LEVEL else set())
    inside |= {f"{role}@council:{one}" for one in HOUSE[unit] for role in ("appraiser", "council_secretary")}
    return inside


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(
    seated=st.dictionaries(
        st.sampled_from((*SEATS, "supervisor@all")), st.integers(0, PEOPLE - 1), max_size=14
    ),
    writers=st.lists(st.integers(0, PEOPLE - 1), min_size=len(UNITS), max_size=len(UNITS)),
)
def test_whoever_sits_where_a_report_stays_in_the_house_or_comes_to_who_supervises_everything(
    session: Session, people: list[int], seated: dict[str, int], writers: list[int]
) -> None:
    written = dict(zip((f"nominator@unit:{unit}" for unit in UNITS), writers, strict=True))
    rows = [
        {"account_id": people[who], "key": key, "valid_from": DAY} for key, who in (seated | written).items()
    ]
    session.execute(insert(Grant), rows)
    asked = {
        place: (OwedWork(UUID(int=place + 1), f"nominator@unit:{unit}", None), set[Recipient](ESCALATIONS))
        for place, unit in enumerate(UNITS)
    }
    found = resolve_return_recipients(session, asked, today=DAY)
    session.rollback()
    for place, unit in enumerate(UNITS):
        others = {key for key, who in seated.items() if who != writers[place]}
        for word in ESCALATIONS:
            inside = others & may_hear(unit, word)
            one = found[place][word]
            if inside:
                assert one.key in inside, (unit, word)
            else:
                assert one.key in ((others & EVERYTHING) or {None}), (unit, word)
            assert people[writers[place]] not in one.account_ids, "whose work it is hears of it as its holder"


def test_a_province_reports_to_its_head_and_then_to_its_own_office(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    head = add_account(session, "head-ag@example.vn", f"head@unit:{AG}", clock.now())
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    clerk = add_account(session, "office-ag@example.vn", f"council_secretary@council:{AG}", clock.now())
    number = submitted(office, clock.now())
    for at in (HEAD_AT, NEXT_LEVEL_AT):
        clock.advance(at - clock.now())
        fire_due(database.sessions, clock=clock)
    assert [who for notice, who in told(session, number) if notice == "escalation"] == [head, clerk]


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    """Open work in a province, on a route that goes to the top a week after it is due."""
    office = furnish(session, now=clock.now())
    three_levels(session)
    text = text_of("standard").replace("key: standard", "key: climbing", 1)
    rung = "      - {at: +3 working_days, do: escalate, to: next_level}\n"
    assert rung in text
    text = text.replace(rung, f"{rung}      - {{at: +5 working_days, do: escalate, to: top}}\n", 1)
    publish_definition(session, text=text, filename="climbing.yaml", actor=None, via=Via.CLI, now=clock.now())
    session.execute(update(AwardEdition).values(workflow_key="climbing"))
    session.commit()
    add_account(session, "head-ag@example.vn", f"head@unit:{AG}", clock.now())
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    with mail_server() as server:
        yield Scene(office, session, database.sessions, clock, server)


def test_only_a_word_of_the_route_reaches_the_sector_and_it_is_foretold_and_warned_of(scene: Scene) -> None:
    number = submitted(scene.office, scene.clock.now())
    watched = Watched(scene)
    expected = as_mails(foretold(scene, 18))
    assert {mail.at.date() for mail in expected if mail.to == "nv22@example.vn"} == {date(2026, 3, 16)}
    assert watched.run(18) == expected
    scene.session.rollback()
    climbed = [event.data["key"] for event in events(scene.session, number) if event.action == "escalate"]
    assert climbed == [f"head@unit:{AG}", f"head@unit:{AG}", f"head@unit:{TOP}"]
    warned = [
        one["key"]
        for event in events(scene.session, number)
        for one in cast("list[dict[str, str]]", event.data.get("announces", []))
    ]
    assert warned == [f"head@unit:{AG}", f"head@unit:{AG}", f"head@unit:{TOP}"]
