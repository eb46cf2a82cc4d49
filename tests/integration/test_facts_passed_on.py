"""A fact is asked of whoever follows, where nobody is there any more who was asked; and that is foretold."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.integration.test_fact_letters import NOMINATOR, REVIEWER, ask, say, scene, told, watched
from tests.support.absences import go_away
from tests.support.mail import Scene, text_of
from tests.support.office import AG, DT
from tests.support.waiting import add_account
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.facts_passed_on import ask_who_follows
from workflow.operations.people.grants import revoke_role
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Grant
from workflow.store.history import Event
from workflow.store.organisation import Person, Unit

__all__ = ["scene"]
NEXT = "next@example.vn"


def leaves(scene: Scene, email: str, key: str) -> None:
    revoke_role(scene.session, actor=None, email=email, key=key, via=Via.CLI, now=scene.clock.now())


def ends_on(session: Session, key: str, day: date) -> None:
    session.execute(update(Grant).where(Grant.key == key).values(valid_to=day))
    session.commit()


def moves(scene: Scene, code: str, unit: str) -> None:
    there = select(Unit.id).where(Unit.code == unit).scalar_subquery()
    scene.session.execute(update(Person).where(Person.code == code).values(unit_id=there))
    scene.session.commit()


def asked_again(session: Session) -> int:
    return session.scalars(
        select(func.count()).where(Event.action == "ask_fact", Event.data["again"].astext == "true")
    ).one()


def test_who_follows_somebody_who_left_is_asked_and_reminded_and_nobody_else(scene: Scene) -> None:
    ask(scene, "ag_head")
    watched(scene, 1)
    leaves(scene, NOMINATOR, f"nominator@unit:{AG}")
    sent = watched(scene)
    to = [to for _, to in sent if to in {NOMINATOR, REVIEWER}]
    assert to == [REVIEWER] * 3, "asked, and reminded on both days"
    [first, *_] = (text_of(mail) for mail in scene.server.inbox.of(REVIEWER))
    assert "Xếp loại năm 2025" in first
    assert asked_again(scene.session) == 1
    assert not [one for one in verify_chains(scene.session).problems if one.stream.startswith("person:")]


def test_a_term_that_ends_by_its_date_passes_the_question_on_as_foretold(scene: Scene) -> None:
    ends_on(scene.session, f"nominator@unit:{AG}", date(2026, 3, 5))
    ask(scene, "ag_head")
    to = [to for _, to in watched(scene)]
    assert to.count(NOMINATOR) == 1, "asked while the term lasted"
    assert to.count(REVIEWER) == 3


def test_who_is_asked_anew_and_leaves_too_is_followed_by_the_next(scene: Scene) -> None:
    ends_on(scene.session, f"nominator@unit:{AG}", date(2026, 3, 5))
    ends_on(scene.session, f"unit_reviewer@unit:{AG}", date(2026, 3, 10))
    ask(scene, "ag_head")
    to = [to for _, to in watched(scene)]
    assert (to.count(REVIEWER), to.count("nv03@example.vn")) == (1, 2)


def test_where_the_person_moved_the_new_unit_is_asked_by_name(scene: Scene) -> None:
    ask(scene, "ag_head")
    watched(scene, 1)
    moves(scene, "NV04", DT)
    sent = [to for _, to in watched(scene)]
    assert NOMINATOR not in sent
    assert sent.count("nv11@example.vn") == 3


@pytest.mark.parametrize(("days", "to"), [(2, 0), (30, 3)])
def test_who_is_away_is_followed_only_where_they_are_not_back_in_time(
    scene: Scene, days: int, to: int
) -> None:
    ask(scene, "ag_head")
    watched(scene, 1)
    go_away(scene.office, scene.clock, "nominator", days=days)
    assert [one for _, one in watched(scene)].count(REVIEWER) == to


def test_asked_once_answered_or_late_nobody_is_asked_anew(scene: Scene, database) -> None:
    ask(scene, "ag_head")
    watched(scene, 1)
    say(scene)
    leaves(scene, NOMINATOR, f"nominator@unit:{AG}")
    assert ask_who_follows(database.sessions, clock=scene.clock) == 0
    ask(scene, "ag_head", year=2024)
    leaves(scene, REVIEWER, f"unit_reviewer@unit:{AG}")
    assert ask_who_follows(database.sessions, clock=scene.clock) > 0
    assert ask_who_follows(database.sessions, clock=scene.clock) == 0, "each is asked once"
    leaves(scene, "nv03@example.vn", f"unit_deputy@unit:{AG}")
    scene.clock.advance(timedelta(days=30))
    before = told(scene.session)
    assert ask_who_follows(database.sessions, clock=scene.clock) == 0
    assert told(scene.session) == before


def test_whoever_comes_to_seats_that_were_empty_is_asked(scene: Scene, database) -> None:
    for role in ("nominator", "unit_reviewer", "unit_deputy"):
        ends_on(scene.session, f"{role}@unit:{AG}", scene.clock.now().date())
    ask(scene, "ag_head")
    assert ask_who_follows(database.sessions, clock=scene.clock) == 0
    new = add_account(scene.session, NEXT, f"nominator@unit:{AG}", scene.clock.now())
    assert ask_who_follows(database.sessions, clock=scene.clock) > 0
    assert new in {account for _, account, *_ in told(scene.session)}
