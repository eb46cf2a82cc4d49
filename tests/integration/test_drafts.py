"""Drafting: what a draft lacks, what it names wrongly, and who may still mend it."""

import pytest
from sqlalchemy.orm import Session

from tests.support.office import DT, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import (
    Conflict,
    Forbidden,
    InvalidField,
    MoveNotOpen,
    NotFound,
    RequirementsMissing,
)
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.nominate import Edit, edit


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish the small sector on Monday morning."""
    return furnish(session, now=clock.now())


def test_a_draft_without_achievement_names_everything_it_lacks(office: Office, clock: FixedClock) -> None:
    draft = office.draft(clock.now(), achievement="", proposer="")
    with pytest.raises(RequirementsMissing) as refused:
        office.act("nominator", draft.nomination_id, "submit", clock.now())
    assert len(refused.value.reasons) == 2


def test_the_same_person_for_the_same_award_twice_is_refused(office: Office, clock: FixedClock) -> None:
    office.draft(clock.now())
    with pytest.raises(Conflict):
        office.draft(clock.now())


def test_after_a_withdrawal_the_same_person_may_be_proposed_again(office: Office, clock: FixedClock) -> None:
    first = office.draft(clock.now())
    office.act("nominator", first.nomination_id, "withdraw", clock.now())
    assert office.draft(clock.now()).nomination_id != first.nomination_id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"round_code": "1999"}, "round"),
        ({"award_code": "NOBEL"}, "award"),
        ({"person_code": "NV11"}, "person"),
        ({"person_code": "NOBODY"}, "person"),
        ({"person_code": None}, "person"),
        ({"award_code": "TTLDXS"}, "person"),
    ],
)
def test_a_draft_that_names_something_wrong_says_which_field(
    office: Office, clock: FixedClock, changes: dict[str, str | None], field: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        office.draft(clock.now(), **changes)
    assert field in {error.field for error in refused.value.errors}


def test_a_unit_that_is_none_is_refused_like_one_that_is_not_theirs(
    office: Office, clock: FixedClock
) -> None:
    said = set()
    for code in ("NOWHERE", DT):
        with pytest.raises(Forbidden) as refused:
            office.draft(clock.now(), unit_code=code)
        office.session.rollback()
        said.add(refused.value.detail.replace(code, "X"))
    assert len(said) == 1


def test_a_draft_may_be_edited_by_its_author_and_nothing_else_may(office: Office, clock: FixedClock) -> None:
    draft, now = office.draft(clock.now()), clock.now()
    actor = office.actor("nominator", now)
    changed = edit(
        office.session,
        actor=actor,
        nomination_id=draft.nomination_id,
        version=1,
        changes=Edit(achievement="Mới"),
        via=Via.WEB,
        now=now,
    )
    assert changed.version == 2
    office.act("nominator", draft.nomination_id, "submit", now)
    with pytest.raises(MoveNotOpen):
        edit(
            office.session,
            actor=actor,
            nomination_id=draft.nomination_id,
            version=3,
            changes=Edit(achievement="Khác"),
            via=Via.WEB,
            now=now,
        )
    office.session.rollback()
    with pytest.raises(NotFound):
        edit(
            office.session,
            actor=office.actor("other_nominator", now),
            nomination_id=draft.nomination_id,
            version=3,
            changes=Edit(achievement="Khác"),
            via=Via.WEB,
            now=now,
        )
