"""A unit's list in the small sector: colleagues to propose, and the paper that names them."""

from datetime import datetime

from sqlalchemy.orm import Session

from tests.support.office import AG, ROUND, Office
from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import Via
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.operations.submissions.compose import NewSubmission, create_submission
from workflow.operations.submissions.lists import BLANK, ComposedList
from workflow.operations.submissions.rows import ListRow

AWARD = "CSTDCS"
REPORT = "Hoàn thành xuất sắc nhiệm vụ; có sáng kiến được công nhận."


def add_colleagues(session: Session, count: int, *, unit: str = AG, prefix: str = "DS") -> list[str]:
    """Add that many people to a unit and return their codes."""
    codes = [f"{prefix}{number:04}" for number in range(1, count + 1)]
    add_people(session, [NewPerson(code, f"Cán bộ {code}", unit, "Kiểm sát viên") for code in codes])
    session.commit()
    return codes


def row(person: str | None, *awards: str) -> ListRow:
    """Return a complete row of a list."""
    return ListRow(person, awards or (AWARD,), REPORT, "Trần Thị Bích")


def compose(
    office: Office,
    rows: list[ListRow],
    now: datetime,
    *,
    paper: SignedDocument = BLANK,
    part: str = "nominator",
) -> ComposedList:
    """Have the nominator compose the unit's list."""
    new = NewSubmission(ROUND, AG, rows, paper)
    actor = office.actor(part, now)
    return create_submission(office.session, actor=actor, new=new, via=Via.API, now=now)


def names_of(made: ComposedList) -> list[int]:
    """Return the nominations that a list became."""
    return [one.nomination_id for row in made.rows for one in row.listed]
