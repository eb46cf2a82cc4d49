"""The list that goes with a submission: who is put forward for what, to be written in an office's form."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, NothingListed, Reason, TooManyRows
from workflow.domain.papers.office_forms import MOST_FORM_ROWS, PUT_FORWARD
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth
from workflow.domain.rights.submission_rights import no_submission
from workflow.domain.vocabulary import SubjectKind
from workflow.queries.shapes import AWARD_COLUMNS, UNIT_COLUMNS, Named, Titled, award_of_row, unit_of_row
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.conditions import TODAY, named_edition
from workflow.store.database import local_day
from workflow.store.locked_submissions import visible_submissions
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.submissions import Submission
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """One name for one award, as it stands on the list."""

    nomination_id: int
    kind: SubjectKind
    name: str
    position: str
    award: Titled


@dataclass(frozen=True, slots=True)
class Annex:
    """A unit's paper and the names on it that are still put forward, by award as the list has them."""

    unit: Named
    round: str
    number: str
    signed_on: date | None
    signer: str
    rows: tuple[AnnexRow, ...]


def list_annex(session: Session, *, actor: Actor, submission_id: int, now: datetime) -> Annex:
    """Return the list of a submission the actor sees, without the names that were withdrawn or refused.

    Raises `NotFound`, `NothingListed` where no name is put forward, `Conflict` where there are names that the
    reader may count and not see (a list in part would look like the whole), and `TooManyRows`.
    """
    named = {"submission_id": submission_id, "today": local_day(session, now)}
    paper = session.execute(_PAPER.where(visible_submissions(actor.scope)), named).one_or_none()
    if paper is None:
        raise no_submission(submission_id)
    rows = session.execute(_ROWS.where(visible(actor.scope)).limit(MOST_FORM_ROWS + 1), named).all()
    if len(rows) > MOST_FORM_ROWS:
        message = f"A file holds at most {MOST_FORM_ROWS} rows; narrow the list, by unit or round say."
        raise TooManyRows(message, most=str(MOST_FORM_ROWS))
    counted = session.scalar(_COUNTED.where(visible(actor.scope, Depth.COUNT)), named) or 0
    if counted > len(rows):
        message = f"You see {len(rows)} of {counted} names on this list, so its annex would lack some."
        reason = Reason("annex_in_part", message, {"seen": str(len(rows)), "all": str(counted)})
        raise Conflict(message, reasons=[reason])
    if not rows:
        raise NothingListed("No name on this list is put forward.")
    return Annex(
        unit_of_row(paper),
        paper.round,
        paper.number,
        paper.signed_on,
        paper.signer,
        tuple(_row(row) for row in rows),
    )


def _row(row: Row[Any]) -> AnnexRow:
    kind = SubjectKind(row.subject_kind)
    return AnnexRow(row.id, kind, row.subject_name, row.subject_position, award_of_row(row))


_PAPER: Final[Select[*tuple[Any, ...]]] = (
    select(
        *UNIT_COLUMNS, Round.code.label("round"), Submission.number, Submission.signed_on, Submission.signer
    )
    .select_from(Submission)
    .join(Unit, Unit.id == Submission.unit_id)
    .outerjoin(UnitEdition, named_edition(TODAY))
    .join(Round, Round.id == Submission.round_id)
    .where(Submission.id == bindparam("submission_id"))
)
_PUT_FORWARD: Final = and_(
    Nomination.submission_id == bindparam("submission_id"), Nomination.stage.in_(PUT_FORWARD)
)
_COUNTED: Final = select(func.count(Nomination.id)).where(_PUT_FORWARD)
_ROWS: Final[Select[*tuple[Any, ...]]] = (
    select(
        Nomination.id,
        Nomination.subject_kind,
        Nomination.subject_name,
        Nomination.subject_position,
        *AWARD_COLUMNS,
    )
    .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
    .join(Award, Award.id == AwardEdition.award_id)
    .where(_PUT_FORWARD)
    .order_by(Nomination.subject_kind, Nomination.name_sort, Nomination.person_id, Award.code, Nomination.id)
)
