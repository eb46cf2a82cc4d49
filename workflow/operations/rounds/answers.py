"""A unit answers, on a signed paper, that it proposes nothing; refused while it does, taken back in time."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, Reason
from workflow.domain.facts import SignedDocument
from workflow.domain.history.chain import return_stream
from workflow.domain.rights.policy import Actor, in_place_of
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Role, Stage, Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.rounds.returns import close_work, find_return, lock_returns, reopen_work
from workflow.store.awards import Round
from workflow.store.codes import stored_code
from workflow.store.database import local_day
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn

_ANSWERS = (Role.NOMINATOR, Role.UNIT_REVIEWER, Role.HEAD)
_NOT_LIVE = (Stage.REJECTED, Stage.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class _Owing:
    """An expected return under lock, with the round's end."""

    row: ExpectedReturn
    round_code: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """The unit that was answered for. `was_answered_before` is true when the request's key had been seen."""

    unit_code: str
    was_answered_before: bool = False


def answer_nothing(
    session: Session,
    *,
    actor: Actor,
    round_code: str,
    unit_code: str,
    paper: SignedDocument,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> AnswerOutcome:
    """Answer for a unit, on a signed paper, that it proposes nothing in a round, and commit.

    Raises `NotFound` where nothing is expected of that unit, `Forbidden` unless the actor drafts for, reviews
    in or heads it, `InvalidField` for a paper without number, date and signer or of a day to come, `Conflict`
    when somebody is proposed, the paper was sent, it was answered already or the round is closed, unless the
    unit is admitted late by exception.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return AnswerOutcome(str(answered["unit"]), was_answered_before=True)
    unit_code, actor = _own_unit(session, actor, unit_code)
    number, signer = _demand_signed(paper, local_day(session, now))
    owing = _lock(session, round_code, unit_code)
    row = _demand_owed(session, owing, unit_code, local_day(session, now))
    session.execute(
        update(ExpectedReturn)
        .where(ExpectedReturn.id == row.id)
        .values(
            answered_at=now,
            answered_by=actor.account_id,
            nothing_number=number,
            nothing_on=paper.signed_on,
            nothing_signer=signer,
        )
    )
    close_work(session, [row.id], outcome="nothing", now=now)
    data = {"number": number, "signed_on": str(paper.signed_on)}
    append_event(session, return_stream(row.id), "answer", actor=actor, via=via, now=now, data=data)
    settle_key(session, claim, actor=actor, result={"unit": unit_code})
    session.commit()
    return AnswerOutcome(unit_code)


def reopen_answer(
    session: Session,
    *,
    actor: Actor,
    round_code: str,
    unit_code: str,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> AnswerOutcome:
    """Take the answer back and commit: the unit owes its paper again. Raises as `answer_nothing` does."""
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return AnswerOutcome(str(answered["unit"]), was_answered_before=True)
    unit_code, actor = _own_unit(session, actor, unit_code)
    owing = _lock(session, round_code, unit_code)
    row = owing.row
    _demand_open(owing, local_day(session, now))
    if row.answered_at is None:
        words = f"Unit {unit_code} has given no answer in round '{round_code}'."
        raise _conflict(Reason("return_unanswered", words, {"unit": unit_code}))
    session.execute(
        update(ExpectedReturn)
        .where(ExpectedReturn.id == row.id)
        .values(answered_at=None, answered_by=None, nothing_number=None, nothing_on=None, nothing_signer=None)
    )
    reopen_work(session, row.id, unit_code, row.due_on, now=now)
    append_event(session, return_stream(row.id), "reopen", actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"unit": unit_code})
    session.commit()
    return AnswerOutcome(unit_code)


def demand_unanswered(session: Session, round_id: int | None, unit_id: int | None, *, unit_code: str) -> None:
    """Raise `Conflict` once the unit answered that it proposes nothing: it takes that back before it drafts.

    An answer under way is waited for, and one that comes later waits for this draft: it finds it then.
    """
    number = session.scalar(
        select(ExpectedReturn.nothing_number)
        .where(
            ExpectedReturn.round_id == round_id,
            ExpectedReturn.unit_id == unit_id,
        )
        .with_for_update(read=True)
    )
    if number is not None:
        words = (
            f"Unit {unit_code} answered that it proposes nothing (paper {number}); "
            "take the answer back on the round's page before you draft."
        )
        raise _conflict(Reason("answered_nothing", words, {"unit": unit_code, "number": number}))


def _demand_owed(session: Session, owing: _Owing, unit_code: str, today: date) -> ExpectedReturn:
    """Return what a unit still owes, or raise `Conflict` saying why it can answer no more."""
    row, round_code = owing.row, owing.round_code
    _demand_open(owing, today)
    if row.sent_at is not None:
        words = f"Unit {unit_code} has sent its submission in round '{round_code}' already."
        raise _conflict(Reason("return_sent", words, {"unit": unit_code}))
    if row.answered_at is not None:
        number_before = row.nothing_number or ""
        words = f"Unit {unit_code} has answered already: paper {number_before}."
        raise _conflict(Reason("return_answered", words, {"unit": unit_code, "number": number_before}))
    if live := _live(session, row):
        words = f"Unit {unit_code} has {live} open nominations in round '{round_code}': withdraw them first."
        raise _conflict(Reason("nominations_live", words, {"unit": unit_code, "count": str(live)}))
    return row


def _lock(session: Session, round_code: str, unit_code: str) -> _Owing:
    found = find_return(session, round_code, unit_code).id
    lock_returns(session, [found])
    row = session.execute(
        select(ExpectedReturn, Round.closed_at)
        .join(Round, Round.id == ExpectedReturn.round_id)
        .where(ExpectedReturn.id == found)
        .execution_options(populate_existing=True)
    ).one()
    return _Owing(row.ExpectedReturn, round_code, row.closed_at)


def _live(session: Session, row: ExpectedReturn) -> int:
    return session.scalar(
        select(func.count())
        .select_from(Nomination)
        .where(
            Nomination.round_id == row.round_id,
            Nomination.unit_id == row.unit_id,
            Nomination.stage.not_in(_NOT_LIVE),
        )
    ) or 0  # fmt: skip


def _own_unit(session: Session, actor: Actor, said: str) -> tuple[str, Actor]:
    """Return the stored code of the unit answered for, and as whom; whether it is there its own learn."""
    unit_code = stored_code(session, Unit.code, said)
    keys = {f"{role}@unit:{unit_code}" for role in _ANSWERS}
    if (acting := in_place_of(actor, keys)).keys.isdisjoint(keys):
        raise Forbidden(f"Only who drafts for, reviews in or heads unit {said} may answer for it.")
    return unit_code, acting


def _demand_open(owing: _Owing, today: date) -> None:
    admitted_until = owing.row.admitted_until
    if owing.closed_at is not None and (admitted_until is None or admitted_until < today):
        words = f"Round '{owing.round_code}' is closed."
        raise _conflict(Reason("round_closed", words, {"round": owing.round_code}))


def _conflict(reason: Reason) -> Conflict:
    return Conflict(reason.message, reasons=[reason])


def _demand_signed(paper: SignedDocument, today: date) -> tuple[str, str]:
    number = normalise(paper.number, field="number", single_line=True)
    signer = normalise(paper.signer, field="signer", single_line=True)
    parts = (("number", number), ("signed_on", paper.signed_on), ("signer", signer))
    errors = [FieldError(name, "is missing") for name, value in parts if not value]
    if paper.signed_on is not None and paper.signed_on > today:
        errors.append(FieldError("signed_on", f"{paper.signed_on} is still to come"))
    if errors:
        raise InvalidField("The answer needs a paper with number, date and signer.", errors=errors)
    return number, signer
