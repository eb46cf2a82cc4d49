"""Who is away hears nothing; who stands in for them does what they might and no more, from that moment on."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.absences import go_away, local_day, staffed, waits
from tests.support.office import AG, DT, TOP, Office
from tests.support.waiting import (
    add_account,
    events,
    is_chained,
    submitted,
)
from workflow.clock import FixedClock
from workflow.domain.errors import AlreadyClaimed, Conflict, Forbidden, InvalidField, NotFound
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.operations.people.absences import NewAbsence, announce_absence, end_absence
from workflow.operations.people.accounts import disable_account
from workflow.operations.people.grants import revoke_role
from workflow.queries.absences import people_of_office
from workflow.queries.history.audit import verify_chains
from workflow.queries.inbox.inbox import inbox_counts
from workflow.queries.inbox.rows import WhyKind
from workflow.queries.nominations.moves import moves_for
from workflow.store.absences import Absence
from workflow.store.access import Account, Grant
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.people import load_actor

REVIEWER = f"unit_reviewer@unit:{AG}"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return staffed(session, clock)


def refused(office: Office, who: str, nomination_id: int, action: str, clock: FixedClock) -> str:
    with pytest.raises((Forbidden, NotFound, AlreadyClaimed)) as found:
        office.act(who, nomination_id, action, clock.now())
    office.session.rollback()
    return found.value.reasons[0].code if found.value.reasons else ""


def open_to(office: Office, who: str, nomination_id: int, clock: FixedClock) -> set[str]:
    office.session.rollback()
    actor = load_actor(office.session, office.ids[who], today=local_day(clock))
    assert actor is not None
    found = moves_for(office.session, actor=actor, nomination_id=nomination_id, now=clock.now())
    office.session.rollback()
    return {move.name for move in found if move.is_open}


def assignee(session: Session, nomination_id: int) -> int | None:
    session.rollback()
    work = (WorkItem.nomination_id == nomination_id, WorkItem.closed_at.is_(None))
    return session.scalars(select(WorkItem.assignee_id).where(*work)).one()


def test_a_substitute_decides_in_the_place_of_who_is_away_and_history_says_so(office, session, clock):
    nomination_id = submitted(office, clock.now())
    assert refused(office, "deputy", nomination_id, "approve", clock) == "not-your-role"
    go_away(office, clock, "reviewer", "deputy")
    assert waits(office, "deputy", clock) == [(nomination_id, WhyKind.SUBSTITUTE, "reviewer NV02")]
    counts = inbox_counts(session, actor=office.actor("deputy", clock.now()), now=clock.now())
    assert (counts.total, counts.unclaimed, counts.escalated, counts.substitute) == (1, 0, 0, 1)
    assert "approve" in open_to(office, "deputy", nomination_id, clock)
    office.act("deputy", nomination_id, "approve", clock.now())
    session.rollback()
    last = events(session, nomination_id)[-1]
    assert (last.action, last.actor_id) == ("approve", office.ids["deputy"])
    assert last.on_behalf_of == f"account:{office.ids['reviewer']}"
    assert is_chained(events(session, nomination_id))
    assert verify_chains(session).problems == ()


def test_what_somebody_could_do_themselves_they_do_in_nobodys_place(office, session, clock):
    nomination_id = submitted(office, clock.now())
    go_away(office, clock, "reviewer", "deputy")
    office.act("reviewer", nomination_id, "approve", clock.now())
    assert events(session, nomination_id)[-1].on_behalf_of is None


def test_it_begins_on_its_first_day_and_ends_with_its_last(office, clock):
    nomination_id = submitted(office, clock.now())
    go_away(office, clock, "reviewer", "deputy", after=1, days=2)
    seen = []
    for hours in (0, 14, 2, 46, 2):
        clock.advance(timedelta(hours=hours))
        seen.append((local_day(clock).day, "approve" in open_to(office, "deputy", nomination_id, clock)))
    # 09:00 and 23:00 of the 2nd, 01:00 of the 3rd, 23:00 of the 4th, 01:00 of the 5th, all in Hà Nội.
    assert seen == [(2, False), (2, False), (3, True), (4, True), (5, False)]


def test_ended_early_it_is_over_at_once(office, session, clock):
    nomination_id = submitted(office, clock.now())
    absence_id = go_away(office, clock, "reviewer", "deputy")
    end_absence(session, actor=None, absence_id=absence_id, via=Via.CLI, now=clock.now())
    assert waits(office, "deputy", clock) == []
    assert refused(office, "deputy", nomination_id, "approve", clock) == "not-your-role"
    with pytest.raises(Conflict, match="over already"):
        end_absence(session, actor=None, absence_id=absence_id, via=Via.CLI, now=clock.now())


@pytest.mark.parametrize("how", ["disabled", "left the unit", "absent disabled", "absent lost the seat"])
def test_whoever_loses_account_or_unit_stands_in_no_more(office, session, clock, how):
    nomination_id = submitted(office, clock.now())
    go_away(office, clock, "reviewer", "deputy", "second")
    emails = dict(session.execute(select(Account.id, Account.email)).all())
    session.rollback()
    deputy, reviewer = emails[office.ids["deputy"]], emails[office.ids["reviewer"]]
    {
        "disabled": lambda: disable_account(session, actor=None, email=deputy, via=Via.CLI, now=clock.now()),
        "left the unit": lambda: revoke_role(
            session, actor=None, email=deputy, key=f"unit_deputy@unit:{AG}", via=Via.CLI, now=clock.now()
        ),
        "absent disabled": lambda: disable_account(
            session, actor=None, email=reviewer, via=Via.CLI, now=clock.now()
        ),
        "absent lost the seat": lambda: revoke_role(
            session, actor=None, email=reviewer, key=REVIEWER, via=Via.CLI, now=clock.now()
        ),
    }[how]()
    expected = [(nomination_id, WhyKind.SUBSTITUTE, "reviewer NV02")] if "absent" not in how else []
    assert waits(office, "second", clock) == expected
    if how != "disabled":
        assert waits(office, "deputy", clock) == []
        assert refused(office, "deputy", nomination_id, "approve", clock) in {"not-your-role", ""}


def test_the_second_is_asked_where_the_first_is_the_nominee(office, session, clock):
    # NV03 is the deputy: the reviewer's first substitute may not judge themselves.
    theirs = office.draft(clock.now(), person_code="NV03").nomination_id
    others = office.draft(clock.now(), person_code="NV05").nomination_id
    for nomination_id in (theirs, others):
        office.act("nominator", nomination_id, "submit", clock.now())
    go_away(office, clock, "reviewer", "deputy", "second")
    assert [one[0] for one in waits(office, "deputy", clock)] == [others]
    assert [one[0] for one in waits(office, "second", clock)] == [theirs]
    assert refused(office, "second", others, "approve", clock) == "not-your-role"
    assert refused(office, "deputy", theirs, "approve", clock) == "not-your-role"
    office.act("second", theirs, "approve", clock.now())
    office.act("deputy", others, "approve", clock.now())


def test_nobody_does_for_somebody_away_what_they_might_not(office, session, clock):
    """The reviewer is nominated: their going away passes the work on nobody may do from that seat."""
    office.ids["colleague"] = add_account(session, "colleague@example.vn", REVIEWER, clock.now())
    nomination_id = office.draft(clock.now(), person_code="NV02").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    go_away(office, clock, "reviewer", "deputy")
    assert waits(office, "deputy", clock) == []
    assert "approve" not in open_to(office, "deputy", nomination_id, clock)
    assert refused(office, "deputy", nomination_id, "approve", clock) == "not-your-role"
    office.act("colleague", nomination_id, "approve", clock.now())


def test_work_in_the_hands_of_who_goes_away_is_in_their_substitutes_and_theirs_again(office, session, clock):
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "claim", clock.now())
    absence_id = go_away(office, clock, "reviewer", "deputy")
    assert assignee(session, nomination_id) == office.ids["reviewer"]
    assert waits(office, "deputy", clock) == [(nomination_id, WhyKind.SUBSTITUTE, "reviewer NV02")]
    assert {"approve", "return", "release"} <= open_to(office, "deputy", nomination_id, clock)
    end_absence(session, actor=None, absence_id=absence_id, via=Via.CLI, now=clock.now())
    assert waits(office, "deputy", clock) == []
    assert "approve" in open_to(office, "reviewer", nomination_id, clock)


def test_a_claim_of_a_substitute_is_the_absents(office, session, clock):
    nomination_id = submitted(office, clock.now())
    go_away(office, clock, "reviewer", "deputy")
    office.act("deputy", nomination_id, "claim", clock.now())
    assert assignee(session, nomination_id) == office.ids["reviewer"]
    last = events(session, nomination_id)[-1]
    assert (last.actor_id, last.data["assignee"]) == (office.ids["deputy"], office.ids["reviewer"])
    clock.advance(timedelta(days=6))
    assert "approve" not in open_to(office, "deputy", nomination_id, clock)
    office.act("reviewer", nomination_id, "approve", clock.now())


def test_what_nobody_does_for_who_is_away_is_the_groups_meanwhile(office, session, clock):
    office.ids["colleague"] = add_account(session, "colleague@example.vn", REVIEWER, clock.now())
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "claim", clock.now())
    assert refused(office, "colleague", nomination_id, "approve", clock) == "already-claimed"
    go_away(office, clock, "reviewer")
    assert waits(office, "colleague", clock) == [(nomination_id, WhyKind.GROUP, None)]
    assert assignee(session, nomination_id) == office.ids["reviewer"], "nothing is rewritten"
    office.act("colleague", nomination_id, "approve", clock.now())


def test_a_substitute_who_is_away_too_is_stood_in_for_and_circles_end(office, session, clock):
    nomination_id = submitted(office, clock.now())
    go_away(office, clock, "reviewer", "deputy")
    go_away(office, clock, "deputy", "second")
    assert waits(office, "deputy", clock) == []
    assert waits(office, "second", clock) == [(nomination_id, WhyKind.SUBSTITUTE, "reviewer NV02")]
    go_away(office, clock, "second", "reviewer")
    assert [waits(office, who, clock) for who in ("deputy", "second")] == [[], []]
    assert refused(office, "second", nomination_id, "approve", clock) == "not-your-role"


def test_the_chain_is_bounded(office, session, clock):
    nomination_id = submitted(office, clock.now())
    chain = ["reviewer", "deputy", "second", "third", "fourth"]
    for name in chain[3:]:
        office.ids[name] = add_account(session, f"{name}@example.vn", f"unit_deputy@unit:{AG}", clock.now())
    go_away(office, clock, "reviewer", "deputy")
    go_away(office, clock, "deputy", "second")
    go_away(office, clock, "second", "third")
    assert [one[0] for one in waits(office, "third", clock)] == [nomination_id]
    go_away(office, clock, "third", "fourth")
    assert waits(office, "fourth", clock) == []


def test_no_power_over_others_and_no_ballot_is_ever_lent(office, session, clock):
    for who in ("supervisor", "admin"):
        go_away(office, clock, who, "secretary")
    actor = office.actor("secretary", clock.now())
    assert [loan.keys for loan in actor.loans] == [frozenset(), frozenset()]
    assert not actor.scope.is_everything
    assert not actor.scope.counted


def test_nobody_signs_for_the_head_but_they_return_it(office, session, clock):
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "approve", clock.now())
    office.act("secretary", nomination_id, "approve", clock.now())
    go_away(office, clock, "head", "secretary")
    assert waits(office, "secretary", clock) == [(nomination_id, WhyKind.SUBSTITUTE, "head NV22")]
    assert refused(office, "secretary", nomination_id, "approve", clock) == "signed_in_person"
    assert "return" in open_to(office, "secretary", nomination_id, clock)


def test_one_seat_alone_may_be_left(office, session, clock):
    office.session.rollback()
    mine = submitted(office, clock.now())
    go_away(office, clock, "reviewer", "deputy", key=REVIEWER)
    assert [one[0] for one in waits(office, "deputy", clock)] == [mine]
    with pytest.raises(InvalidField, match="do not hold"):
        go_away(office, clock, "deputy", "second", key=REVIEWER)


def test_an_absence_of_a_moment_ago_counts_for_who_waited_for_the_lock(office, session, clock, database):
    """The substitute opened the page; the absence ends before they press: they do nothing any more."""
    nomination_id = submitted(office, clock.now())
    absence_id = go_away(office, clock, "reviewer", "deputy")
    actor = office.actor("deputy", clock.now())
    session.rollback()
    end_absence(session, actor=None, absence_id=absence_id, via=Via.CLI, now=clock.now())
    assert session.get_one(Absence, absence_id, populate_existing=True).ended_at == clock.now()
    version = session.get_one(Nomination, nomination_id, populate_existing=True).version
    session.rollback()
    command = Command(nomination_id, version, MoveRequest("approve"), Via.API)
    with pytest.raises(Forbidden):
        decide(session, actor=actor, command=command, now=clock.now())


def test_a_draft_of_who_is_away_goes_on(office, session, clock):
    nomination_id = office.draft(clock.now()).nomination_id
    go_away(office, clock, "nominator", "deputy")
    assert waits(office, "deputy", clock) == [(nomination_id, WhyKind.SUBSTITUTE, "nominator NV01")]
    office.act("deputy", nomination_id, "submit", clock.now())
    assert events(session, nomination_id)[-1].on_behalf_of == f"account:{office.ids['nominator']}"


def test_the_absences_of_unknown_units_change_nothing_elsewhere(office, session, clock):
    session.execute(update(Account).where(Account.id == office.ids["stranger"]).values(person_id=None))
    session.commit()
    go_away(office, clock, "stranger", "other_reviewer")
    assert {seat for loan in office.actor("other_reviewer", clock.now()).loans for seat in loan.keys} == {
        f"unit_deputy@unit:{DT}"
    }
    assert TOP not in str(office.actor("other_reviewer", clock.now()).scope)


def test_who_only_may_look_at_a_unit_sends_nobody_there_away_and_presses_nobody(office, session, clock):
    """A supervisor of one unit who audits all the others."""
    nomination_id, now, today = submitted(office, clock.now()), clock.now(), local_day(clock)
    both = office.ids["both"] = add_account(session, "both@example.vn", f"supervisor@unit:{DT}", now)
    session.add(Grant(account_id=both, key="auditor@all", valid_from=today))
    session.commit()
    actor = office.actor("both", now)
    people = {one.id for one in people_of_office(session, actor=actor, now=now)}
    assert office.ids["other_reviewer"] in people
    assert office.ids["reviewer"] not in people
    new = NewAbsence(office.ids["reviewer"], today, today)
    with pytest.raises(NotFound):
        announce_absence(session, actor=actor, new=new, via=Via.API, now=now)
    session.rollback()
    assert open_to(office, "both", nomination_id, clock) == set()
