"""The subject of a nomination, whatever seat they hold: they draft it, and steer nothing others weigh."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.support.office import AG, CLUSTER, PAPER, TOP, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.queries.nominations.moves import moves_for
from workflow.store.access import Account, Grant
from workflow.store.locked import read_nominations
from workflow.store.organisation import Person

# Whoever holds any of these and is nominated; `NV02` heads the unit and reviews in it.
SEATS = [
    f"head@unit:{AG}",
    f"unit_reviewer@unit:{AG}",
    f"unit_deputy@unit:{AG}",
    f"cluster_head@cluster:{CLUSTER}",
    f"cluster_deputy@cluster:{CLUSTER}",
    f"council_secretary@council:{TOP}",
    f"council_member@council:{TOP}",
    f"appraiser@council:{TOP}",
    f"head@unit:{TOP}",
    f"supervisor@unit:{TOP}",
    "admin@all",
]
STEERING = ("claim", "release", "reassign", "hold", "release_hold")


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def give(office: Office, part: str, key: str) -> None:
    office.session.add(Grant(account_id=office.ids[part], key=key, valid_from=date(2020, 1, 1)))
    office.session.commit()


def with_every_seat(office: Office, part: str = "deputy") -> None:
    """Give one person every seat there is: the deputy, who is NV03."""
    held = {f"unit_deputy@unit:{AG}"}
    for key in SEATS:
        if key not in held:
            give(office, part, key)


def codes(raised: Forbidden) -> list[str]:
    return [reason.code for reason in raised.reasons]


def on_the_way(office: Office, state: str, clock: FixedClock) -> int:
    """Carry the nomination of NV03 to a step."""
    now = clock.now()
    nomination_id = office.draft(now, person_code="NV03").nomination_id
    steps = (("nominator", "submit"), ("reviewer", "approve"), ("secretary", "approve"))
    for reached, (part, action) in zip(("unit_review", "council", "decision"), steps, strict=True):
        if state == "draft":
            break
        office.act(part, nomination_id, action, now)
        if reached == state:
            break
    return nomination_id


@pytest.mark.parametrize("state", ["draft", "unit_review", "council", "decision"])
def test_nothing_that_steers_is_open_to_the_subject_in_any_seat(office, session, clock, state):
    now, nomination_id = clock.now(), on_the_way(office, state, clock)
    with_every_seat(office)
    subject = office.actor("deputy", now)
    open_moves = {
        move.name
        for move in moves_for(session, actor=subject, nomination_id=nomination_id, now=now)
        if move.is_open
    }
    assert open_moves == set()
    for action in (*STEERING, "approve", "return", "reject"):
        request: dict[str, Any] = {"comment": "Lý do."} if action in {"hold", "return", "reject"} else {}
        request |= {"assignee_id": office.ids["reviewer"]} if action == "reassign" else {}
        request |= {"reason_code": "other"} if action in {"return", "reject"} else {}
        request |= {"to_step": "draft"} if action == "return" and state in {"council", "decision"} else {}
        request |= {"decision": PAPER} if (action, state) == ("approve", "decision") else {}
        if state == "draft" and action in {"claim", "approve", "return", "reject"}:
            continue
        with pytest.raises(Forbidden) as refused:
            office.act("deputy", nomination_id, action, now, **request)
        assert codes(refused.value) == ["own_subject"], action
        session.rollback()


def test_the_subject_does_not_resume_what_somebody_stopped(office, session, clock):
    now, nomination_id = clock.now(), on_the_way(office, "unit_review", clock)
    with_every_seat(office)
    office.act("reviewer", nomination_id, "hold", now, comment="Chờ xác minh.")
    with pytest.raises(Forbidden) as refused:
        office.act("deputy", nomination_id, "release_hold", now)
    assert codes(refused.value) == ["own_subject"]


def test_the_subject_hears_no_name_of_a_reviewer_from_the_actions(office, session, clock):
    now, nomination_id = clock.now(), on_the_way(office, "unit_review", clock)
    with_every_seat(office)
    shown = moves_for(session, actor=office.actor("deputy", now), nomination_id=nomination_id, now=now)
    assert [move.assignees for move in shown if move.assignees] == []
    assert "NV02" not in repr(shown)
    others = moves_for(session, actor=office.actor("admin", now), nomination_id=nomination_id, now=now)
    assert "NV02" in repr(others)


def test_many_at_once_are_asked_one_by_one_whose_they_are(office, session, clock):
    now = clock.now()
    with_every_seat(office)
    own = on_the_way(office, "council", clock)
    other = office.draft(now).nomination_id
    office.act("nominator", other, "submit", now)
    office.act("reviewer", other, "approve", now)
    subject = office.actor("deputy", now)
    for action in ("claim", "hold"):
        request = MoveRequest(action, comment="Lý do." if action == "hold" else "")
        read = read_nominations(session, [own, other], actor=subject, now=now)
        items = [Command(one, read[one].facts.version, request, Via.API) for one in (own, other)]
        answers = decide_inbox(session, actor=subject, items=items, now=now).items
        refused = [
            answer.refused and [reason.code for reason in answer.refused.reasons] for answer in answers
        ]
        assert refused == [["own_subject"], None], action


def test_the_nominator_drafts_sends_takes_back_and_withdraws_the_own_name(office, session, clock):
    now = clock.now()
    nomination_id = office.draft(now, person_code="NV01").nomination_id
    shown = {
        move.name
        for move in moves_for(
            session, actor=office.actor("nominator", now), nomination_id=nomination_id, now=now
        )
        if move.is_open
    }
    assert shown == {"submit", "edit", "withdraw"}
    office.act("nominator", nomination_id, "submit", now)
    office.act("nominator", nomination_id, "recall", now)
    office.act("nominator", nomination_id, "submit", now)
    office.act("nominator", nomination_id, "withdraw", now)


def test_a_nominee_takes_nothing_back_that_they_sent_from_a_review(office, session, clock):
    """Somebody else's file that became one's own: the account was tied to the person afterwards."""
    now = clock.now()
    nomination_id = office.draft(now, person_code="NV03").nomination_id
    office.act("nominator", nomination_id, "submit", now)
    give(office, "stranger", f"unit_reviewer@unit:{AG}")
    office.act("stranger", nomination_id, "approve", now)
    person = session.query(Person).filter_by(code="NV03").one()
    deputy = session.get_one(Account, office.ids["deputy"])
    stranger = session.get_one(Account, office.ids["stranger"])
    deputy.person_id, stranger.person_id = None, None
    session.flush()
    stranger.person_id = person.id
    session.commit()
    with pytest.raises(Forbidden) as refused:
        office.act("stranger", nomination_id, "recall", now)
    assert codes(refused.value) == ["own_subject"]
