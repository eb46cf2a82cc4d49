"""Buttons, inbox and letters agree on who acts for whom, and with a plain walk over the absences."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.absences import staffed
from tests.support.office import AG, Office
from tests.support.waiting import add_account
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Recipient
from workflow.operations.deadlines.recipients import resolve_recipients
from workflow.queries.inbox.inbox import inbox, inbox_counts
from workflow.queries.nominations.moves import moves_for
from workflow.store.absences import Absence, Substitute
from workflow.store.access import Account, Grant
from workflow.store.locked import read_nominations
from workflow.store.people import load_actor

REVIEWER = f"unit_reviewer@unit:{AG}"
SITTING = ("reviewer", "colleague")
PEOPLE = (*SITTING, "deputy", "second", "third")
TODAY = MONDAY.date()
# Whose nomination it is, and who took it.
WORK = (("NV05", None), ("NV04", "reviewer"), ("NV03", None), ("NV02", None), ("NV01", "colleague"))


@dataclass(frozen=True)
class Away:
    """One person's absence: the seat alone or all, who acts in order, whether it began before today."""

    is_of_seat: bool
    substitutes: tuple[str, ...]
    is_old: bool


@dataclass(frozen=True)
class Ground:
    office: Office
    nominations: dict[int, tuple[int | None, str | None]]
    persons: dict[str, int | None]


AWAY = st.builds(
    Away, st.booleans(), st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True).map(tuple), st.booleans()
)
ABSENCES = st.dictionaries(st.sampled_from(PEOPLE), AWAY, max_size=4)


@pytest.fixture
def ground(session: Session, clock: FixedClock) -> Ground:
    office = staffed(session, clock)
    session.execute(update(Grant).values(valid_from=TODAY - timedelta(days=30)))
    office.ids["colleague"] = colleague = add_account(session, "colleague@example.vn", REVIEWER, clock.now())
    session.execute(update(Grant).where(Grant.account_id == colleague).values(valid_from=TODAY))
    # A seat in which there was work, and which lends nothing of the other.
    old = TODAY - timedelta(days=30)
    session.add(Grant(account_id=colleague, key=f"nominator@unit:{AG}", valid_from=old))
    office.ids["third"] = add_account(session, "third@example.vn", f"unit_deputy@unit:{AG}", clock.now())
    found = {}
    for code, taker in WORK:
        number = office.draft(clock.now(), person_code=code).nomination_id
        office.act("nominator", number, "submit", clock.now())
        if taker:
            office.act(taker, number, "claim", clock.now())
        facts = read_nominations(
            session, [number], actor=office.actor("admin", clock.now()), now=clock.now()
        )[number].facts
        found[number] = (facts.subject_person_id, taker)
    persons = {
        who: session.scalar(select(Account.person_id).where(Account.id == office.ids[who])) for who in PEOPLE
    }
    session.rollback()
    return Ground(office, found, persons)


def write(ground: Ground, absences: dict[str, Away]) -> None:
    session, ids = ground.office.session, ground.office.ids
    for who, away in absences.items():
        row = {
            "account_id": ids[who],
            "key": REVIEWER if away.is_of_seat else None,
            "valid_from": TODAY - timedelta(days=away.is_old),
            "valid_to": TODAY + timedelta(days=3),
            "announced_at": MONDAY,
            "changed_at": MONDAY,
        }
        absence_id = session.execute(insert(Absence).values(row).returning(Absence.id)).scalar_one()
        rows = [
            {"absence_id": absence_id, "ordinal": place, "account_id": ids[one], "seat": f"unit:{AG}"}
            for place, one in enumerate([one for one in away.substitutes if one != who], 1)
        ]
        if rows:
            session.execute(insert(Substitute), rows)


def walk(absences: dict[str, Away], who: str, met: tuple[str, ...], depth: int) -> list[str]:
    """Follow who stands in for somebody, those who are wholly away replaced by theirs, three steps."""
    found: list[str] = []
    for one in absences[who].substitutes:
        if one in met or one == who:
            continue
        is_away = one in absences and not absences[one].is_of_seat
        if not is_away:
            found.append(one)
        elif depth < 3:
            found += walk(absences, one, (*met, one), depth + 1)
    return list(dict.fromkeys(found))


def acting(ground: Ground, absences: dict[str, Away], absent: str, nominee: int | None) -> str | None:
    """Return who acts for somebody away on a nomination: the first who is not the nominee.

    The colleague has sat there since today, so what they said yesterday lends that seat to nobody.
    """
    if absent == "colleague" and absences[absent].is_old:
        return None
    if nominee is not None and ground.persons[absent] == nominee:
        return None
    free = (one for one in walk(absences, absent, (absent,), 1) if ground.persons[one] != nominee)
    return next(free, None)


def may(ground: Ground, absences: dict[str, Away], who: str, number: int) -> bool:
    """Return whether somebody may decide, themselves or in another's place."""
    nominee, _ = ground.nominations[number]
    if nominee is not None and ground.persons[who] == nominee:
        return False
    return is_shown(ground, absences, who, number)


def is_shown(ground: Ground, absences: dict[str, Away], who: str, number: int) -> bool:
    """Return whether it waits for somebody; the nominee of their own seat sees it and may do nothing."""
    nominee, taker = ground.nominations[number]
    is_left = taker in absences and acting(ground, absences, taker, nominee) is None
    if taker is not None and not is_left:
        return who == taker or (taker in absences and acting(ground, absences, taker, nominee) == who)
    if who in SITTING:
        return True
    return any(one in absences and acting(ground, absences, one, nominee) == who for one in SITTING)


def meant(ground: Ground, absences: dict[str, Away], number: int) -> set[str]:
    """Return whom a reminder to whoever holds the work goes to."""
    nominee, taker = ground.nominations[number]
    holders = [taker] if taker is not None else list(SITTING)
    if taker in absences and acting(ground, absences, taker, nominee) is None:
        holders = list(SITTING)
    told = {
        acting(ground, absences, one, nominee) if one in absences else one
        for one in holders
        if one in absences or nominee is None or ground.persons[one] != nominee
    }
    return {one for one in told if one is not None}


@given(absences=ABSENCES)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_buttons_inbox_and_letters_agree_with_a_plain_walk(ground: Ground, absences: dict[str, Away]) -> None:
    session, ids = ground.office.session, ground.office.ids
    write(ground, absences)
    try:
        for who in PEOPLE:
            actor = load_actor(session, ids[who], today=TODAY)
            assert actor is not None
            page = inbox(session, actor=actor, now=MONDAY, limit=50, cursor=None)
            shown = [item.nomination_id for item in page.items]
            expected = {one for one in ground.nominations if is_shown(ground, absences, who, one)}
            assert sorted(shown) == sorted(expected), (who, "inbox")
            assert inbox_counts(session, actor=actor, now=MONDAY).total == len(expected)
            for number in ground.nominations:
                views = {
                    one.name: one for one in moves_for(session, actor=actor, nomination_id=number, now=MONDAY)
                }
                assert views["approve"].is_open == may(ground, absences, who, number), (who, number)
        nobody = load_actor(session, ids["admin"], today=TODAY)
        assert nobody is not None
        read = read_nominations(session, ground.nominations, actor=nobody, now=MONDAY)
        asked = {number: (one.facts, {Recipient.HOLDER}) for number, one in read.items()}
        told = resolve_recipients(session, asked, today=TODAY)
        for number in ground.nominations:
            wanted = {ids[one] for one in meant(ground, absences, number)}
            assert set(told[number][Recipient.HOLDER].account_ids) == wanted, (number, "letters")
    finally:
        session.rollback()
