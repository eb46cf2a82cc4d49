"""Papers over JSON beside those of one nomination: what an award asks for, a list's, a unit's answer."""

import pytest
from sqlalchemy import func, insert, select, update

from tests.support.interface import Interface
from tests.support.papers import sent
from workflow.store.attachments import Attachment
from workflow.store.awards import AwardEdition, Round
from workflow.store.history import Event
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn, Submission


@pytest.fixture
def path(interface: Interface) -> str:
    """Return where the papers of a fresh draft lie."""
    return f"/nominations/{interface.drafted()}/attachments"


def test_the_checklist_says_what_the_award_asks_for(interface: Interface, path: str) -> None:
    session = interface.office.session
    session.execute(update(AwardEdition).values(papers=["achievement_report", "proposal"]))
    session.commit()
    before = interface.get("nominator", path).json["needed"]
    assert [(need["kind"], need["level"], need["is_missing"]) for need in before] == [
        ("achievement_report", "nomination", True),
        ("proposal", "submission", True),
    ]
    after = sent(interface, "nominator", path).json
    assert [need["is_missing"] for need in after["needed"]] == [False, True]
    assert "proposal" in [kind["code"] for kind in after["attachable"]]


def test_the_papers_of_a_submission_move_its_version_and_count_for_its_names(
    interface: Interface, path: str
) -> None:
    session, nomination_id = interface.office.session, int(path.split("/")[2])
    nomination = session.get_one(Nomination, nomination_id)
    submission_id = session.scalar(
        insert(Submission)
        .values(
            round_id=nomination.round_id,
            unit_id=nomination.unit_id,
            decider="unit:VKSTC",
            version=1,
            created_by=nomination.created_by,
            created_at=interface.clock.now(),
        )
        .returning(Submission.id)
    )
    session.execute(update(Nomination).values(submission_id=submission_id))
    session.commit()
    answer = sent(interface, "nominator", f"/submissions/{submission_id}/attachments", kind="proposal")
    assert answer.status_code == 201, answer.text
    session.expire_all()
    assert session.get_one(Submission, submission_id).version == 2
    assert [item["at"] for item in interface.get("nominator", path).json["items"]] == ["submission"]
    assert interface.get("stranger", f"/submissions/{submission_id}/attachments").status_code == 404
    streams = session.scalars(select(Event.stream).where(Event.action == "attach")).all()
    assert streams == [f"submission:{submission_id}"]


def test_a_unit_attaches_the_signed_answer_that_it_proposes_nothing(interface: Interface) -> None:
    session = interface.office.session
    round_id = session.scalar(select(Round.id))
    unit_id = session.scalar(select(Unit.id).where(Unit.code == "VKS-AG"))
    if not session.scalar(select(func.count()).select_from(ExpectedReturn)):
        session.execute(
            insert(ExpectedReturn).values(
                round_id=round_id, unit_id=unit_id, due_on=interface.clock.now().date()
            )
        )
        session.commit()
    path = "/rounds/2026-NAM/returns/VKS-AG/attachments"
    assert sent(interface, "nominator", path, kind="answer").status_code == 201
    assert sent(interface, "other_nominator", path, kind="answer").status_code == 404
    assert interface.get("secretary", path).json["items"][0]["kind"] == "answer"
    assert sent(interface, "nominator", path, kind="proposal").status_code == 422
    row = session.scalars(select(Attachment)).one()
    assert row.expected_return_id is not None
