"""A unit's submission with its list: composing it, and putting more names on it.

Rows are checked one by one and answered by number; the good ones are drafted set-wise. Names that different
bodies decide on go on submissions of their own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, SubmissionSent
from workflow.domain.facts import SignedDocument
from workflow.domain.papers.growing import GrowingList, demand_growing
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import demand_amender, demand_composer
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.decide_many import MOST_AT_ONCE
from workflow.operations.rounds.answers import demand_unanswered
from workflow.operations.submissions.drafts import draft_list
from workflow.operations.submissions.lists import BLANK, ComposedList, FilledSubmission
from workflow.operations.submissions.rows import ListPlace, ListRow, RowsToCheck, lay_out, place_of
from workflow.operations.submissions.versions import bump, is_number_taken, number_taken, take_submission
from workflow.store.database import local_day
from workflow.store.drafts import Roster
from workflow.store.locked_submissions import LockedSubmission
from workflow.store.submissions import Submission

_WORDS: Final = ("number", "signed_on", "signer")


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A list to compose: codes of round and unit, its rows, its words as far as they are known."""

    round_code: str
    unit_code: str
    rows: Sequence[ListRow]
    paper: SignedDocument = BLANK


def create_submission(
    session: Session, *, actor: Actor, new: NewSubmission, via: Via, now: datetime, claim: Claim | None = None
) -> ComposedList:
    """Compose a unit's submission and list, drafting a nomination for each award of each row, and commit.

    What is drafted already and on no list is put on this one.
    Rows are refused one by one. Raises `InvalidField` for a round that is not open, an unknown unit or an
    unreadable words, `Forbidden` without the right, `Conflict` for a number the unit has used in this round,
    `NothingListed` when no row can be taken.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return ComposedList.again(answered)
    paper = clean_document(new.paper, today=local_day(session, now))
    _demand_size(new.rows)
    place = place_of(session, new.round_code, new.unit_code)
    actor = demand_composer(actor, place.unit_code, said=new.unit_code)
    desk = lay_out(session, new.rows, actor=actor, place=place, now=now)
    _demand_place(desk)
    demand_unanswered(session, desk.roster.round_id, desk.roster.unit_id, unit_code=place.unit_code)
    made = draft_list(session, desk, paper, via, existing=None)
    settle_key(session, claim, actor=actor, result=made.as_result())
    session.commit()
    return made


def add_rows(
    session: Session,
    *,
    actor: Actor,
    submission_id: int,
    version: int,
    rows: Sequence[ListRow],
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> ComposedList:
    """Put more names on a list that is still with the unit, and commit; rows are answered one by one.

    Names that another body decides on go on submissions of their own. Raises `NotFound`, `Forbidden`,
    `StaleSubmission`, `SubmissionSent` once a name has left the unit, `Conflict` when the round is closed
    or the unit no more, `NothingListed` when no row can be taken.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return ComposedList.again(answered)
    _demand_size(rows)
    taken = take_submission(session, submission_id, version, actor=actor, with_names=True)
    actor = demand_composer(actor, taken.unit_code)
    desk = lay_out(session, rows, actor=actor, place=ListPlace(taken.round_code, taken.unit_code), now=now)
    demand_growing(_growing(taken, desk.roster))
    demand_unanswered(session, taken.round_id, taken.unit_id, unit_code=taken.unit_code)
    made = draft_list(
        session,
        desk,
        SignedDocument(),
        via,
        existing=FilledSubmission(taken.id, taken.decider, taken.version, 0),
    )
    settle_key(session, claim, actor=actor, result=made.as_result())
    session.commit()
    return made


def _growing(taken: LockedSubmission, roster: Roster) -> GrowingList:
    return GrowingList(
        has_left=taken.has_left,
        round_code=taken.round_code,
        takes_drafts=roster.round_id is not None,
        unit_name=roster.unit_name,
        is_unit_there=roster.unit_id is not None,
    )


@dataclass(frozen=True, slots=True)
class SubmissionEdit:
    """What to change on a submission; None leaves a part as it is. `reason` is asked for once it was sent."""

    number: str | None = None
    signed_on: date | None = None
    signer: str | None = None
    reason: str = ""


def edit_submission(
    session: Session,
    *,
    actor: Actor,
    submission_id: int,
    version: int,
    changes: SubmissionEdit,
    via: Via,
    now: datetime,
) -> int:
    """Write a submission's number, date and signer, commit, and return its version afterwards.

    Once a name has left the unit the words stand; then only a correction with a reason changes them. Raises
    `NotFound`, `Forbidden`, `StaleSubmission`, `SubmissionSent` without that reason, `InvalidField`,
    `Conflict` for a number the unit has used in this round.
    """
    taken = take_submission(session, submission_id, version, actor=actor, with_names=True)
    actor = demand_amender(actor, taken.unit_code)
    written = SignedDocument(taken.number, taken.signed_on, taken.signer)
    given = {name: value for name in _WORDS if (value := getattr(changes, name)) is not None}
    paper = clean_document(replace(written, **given), today=local_day(session, now))
    reason = normalise(changes.reason, field="reason")
    if paper == written:
        return taken.version
    if taken.has_left and not reason:
        raise SubmissionSent("The paper was sent; to correct its number, date or signer, give the reason.")
    moved = _rewrite(session, taken, written, paper, actor=actor, via=via, now=now, reason=reason)
    session.commit()
    return moved


def _rewrite(
    session: Session,
    taken: LockedSubmission,
    written: SignedDocument,
    paper: SignedDocument,
    *,
    actor: Actor,
    via: Via,
    now: datetime,
    reason: str,
) -> int:
    changed = {name for name in _WORDS if getattr(paper, name) != getattr(written, name)}
    try:
        session.execute(update(Submission).where(Submission.id == taken.id).values(asdict(paper)))
    except IntegrityError as problem:
        if is_number_taken(problem):
            raise number_taken(paper.number) from problem
        raise
    append_event(
        session,
        f"submission:{taken.id}",
        "correct" if taken.has_left else "edit",
        actor=actor,
        via=via,
        now=now,
        data={"fields": sorted(changed), **_spelt(paper)},
        words=reason,
    )
    return bump(session, taken.id)


def _spelt(paper: SignedDocument) -> dict[str, object]:
    signed_on = paper.signed_on.isoformat() if paper.signed_on else None
    return {"number": paper.number, "signed_on": signed_on, "signer": paper.signer}


def clean_document(paper: SignedDocument, *, today: date) -> SignedDocument:
    """Return the words in one Unicode form. Raises `InvalidField`, also for a date after `today`."""
    if paper.signed_on is not None and paper.signed_on > today:
        message = f"lies in the future; today is {today.isoformat()}"
        raise InvalidField(f"signed_on {message}.", errors=[FieldError("signed_on", message)])
    return SignedDocument(
        normalise(paper.number, field="number", single_line=True),
        paper.signed_on,
        normalise(paper.signer, field="signer", single_line=True),
    )


def _demand_size(rows: Sequence[ListRow]) -> None:
    names = sum(max(1, len(row.award_codes)) for row in rows)
    if not rows or names > MOST_AT_ONCE:
        message = f"holds {names} names; a request takes from 1 to {MOST_AT_ONCE}"
        raise InvalidField(f"rows {message}.", errors=[FieldError("rows", message)])


def _demand_place(desk: RowsToCheck) -> None:
    place, roster = desk.place, desk.roster
    errors = [
        FieldError(field, message)
        for field, message, wrong in (
            ("round", f"no open round '{place.round_code}'", roster.round_id is None),
            ("unit", f"no unit '{place.unit_code}'", roster.unit_id is None),
        )
        if wrong
    ]
    if errors:
        raise InvalidField("; ".join(error.message for error in errors) + ".", errors=errors)
