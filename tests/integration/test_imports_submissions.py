"""Units' papers out of files: drafted whole or not at all, in somebody's rights, and withdrawn again."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.importing import Desk
from tests.support.office import AG, DT, ROUND, Office, furnish
from workflow.domain.errors import Conflict
from workflow.queries.history.audit import verify_chains
from workflow.store.nominations import Nomination
from workflow.store.submissions import Submission

HEADER = "đợt xét,đơn vị,số tờ trình,ngày ký,người ký,mã cán bộ,danh hiệu,thành tích,người đề nghị\n"
LIST = (
    HEADER
    + f"{ROUND},{AG},12/TTr,02/03/2026,Nguyễn Văn An,NV04,LDTT; CSTDCS,Hoàn thành tốt,Trần Thị Bích\n"
    + f"{ROUND},VKSND tỉnh An Giang,12/TTr,,,NV05,LDTT,Hoàn thành tốt,Trần Thị Bích\n"
    + f"{ROUND},{AG},12/TTr,,,,TTLDTT,Tập thể mạnh,Trần Thị Bích\n"
)


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    return Desk(session, MONDAY, office.actor("nominator", MONDAY))


def stages(session: Session) -> dict[str, int]:
    rows = session.execute(select(Nomination.stage, func.count()).group_by(Nomination.stage))
    return {stage: count for stage, count in rows}  # noqa: C416 - rows are no pairs to the type checker


def test_a_paper_comes_with_its_list_and_again_changes_nothing(session: Session, desk: Desk) -> None:
    looked = desk.look("submission", LIST)
    assert (len(looked.new), stages(session)) == (3, {})
    done = desk.take("submission", LIST)
    assert done.new == looked.new
    assert stages(session) == {"draft": 4}
    numbered = session.scalars(select(Submission).where(Submission.number == "12/TTr")).one()
    assert (numbered.signer, numbered.signed_on.isoformat()) == ("Nguyễn Văn An", "2026-03-02")
    again = desk.take("submission", LIST)
    assert (again.batch_id, again.unchanged_count) == (None, 3)


def test_papers_are_withdrawn_while_they_are_drafts_and_their_number_is_free(
    session: Session, office: Office, desk: Desk
) -> None:
    desk.take("submission", LIST)
    undone = desk.undo()
    assert (undone.withdrawn_count, stages(session)) == (4, {"withdrawn": 4})
    assert verify_chains(session).is_whole
    assert len(desk.take("submission", LIST).new) == 3
    first = session.scalars(
        select(Nomination.id).where(Nomination.stage == "draft").order_by(Nomination.id)
    ).first()
    office.act("nominator", first, "submit", desk.now)
    with pytest.raises(Conflict) as refused:
        desk.undo()
    session.rollback()
    assert [reason.message for reason in refused.value.reasons] == [
        f"nomination {first} is no untouched draft of this import any more"
    ]
    assert stages(session) == {"withdrawn": 4, "draft": 3, "unit_review": 1}


def test_every_name_that_cannot_be_listed_is_a_bad_cell_and_no_other_is_taken(
    session: Session, desk: Desk
) -> None:
    text = (
        HEADER
        + f"{ROUND},{AG},,03/03/2026,,NV04,LDTT,,\n"
        + f"{ROUND},{AG},,,,NV11,LDTT,,\n"
        + f"{ROUND},{AG},,,,NV05,XYZ;LDTT,,\n"
        + f"{ROUND},{AG},,,,NV04,LDTT,,\n"
        + f"{ROUND},{DT},,,,NV12,LDTT,,\n"
        + f"1999,{AG},,,,NV05,LDTT,,\n"
    )
    found = desk.bad("submission", text)
    assert [line.partition(": ")[0] for line in found] == [
        "line 2, ngày ký '03/03/2026'",
        "line 3, mã cán bộ 'NV11'",
        "line 4, danh hiệu 'XYZ;LDTT'",
        "line 5, danh hiệu 'LDTT'",
        f"line 6, đơn vị '{DT}'",
        "line 7, đợt xét '1999'",
    ]
    assert "belongs to another unit" in found[1]
    assert stages(session) == {}
