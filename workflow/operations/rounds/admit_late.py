"""Late by exception: the office of a round takes what a unit sends after its date, with a reason and a basis.

No date moves, so whatever comes is late and counts as late. Locks what is admitted: the nomination, or what
the unit owes.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, NotFound, Reason
from workflow.domain.history.chain import return_stream
from workflow.domain.rights.policy import Actor, demand
from workflow.domain.rights.round_rights import refuse_own_unit
from workflow.domain.text import normalise
from workflow.domain.time.new_day import MOST_MORE
from workflow.domain.time.round_dates import read_dates
from workflow.domain.vocabulary import CourtesyAction, RoundDate, Stage, Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.rounds.returns import find_return, lock_returns, round_calendar
from workflow.operations.rounds.rounds import demand_right
from workflow.store.awards import Round
from workflow.store.base import table_of
from workflow.store.codes import stored_code
from workflow.store.nominations import Nomination
from workflow.store.nominees import units_of_nominee
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn

_NOMINATION, _RETURN = table_of(Nomination), table_of(ExpectedReturn)


@dataclass(frozen=True, slots=True)
class AdmitLate:
    """What of a round is taken late until the end of which day, why, and on which basis.

    Of one nomination of the unit where it is named, else whatever the unit sends.
    """

    round_code: str
    unit_code: str
    until: date
    reason: str
    basis: str
    nomination_id: int | None = None


def admit_late(
    session: Session,
    *,
    actor: Actor,
    wanted: AdmitLate,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> bool:
    """Admit a nomination, or whatever a unit sends, though its date has passed or the round is closed.

    Commits, and returns whether it was answered before. Admitted again it is until the other day. Raises
    `NotFound` where nothing is expected of the unit, as for who may not see what is, or the nomination is not
    its to send, `Forbidden` for who may not extend the round and for the nominee, of one name as of its whole
    unit, `Conflict` while nothing is late, `InvalidField` without reason or basis and for a day that is past,
    too far away, or passes the date of the level above.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    words = _said(wanted)
    row = _lock(session, wanted, actor)
    calendar = round_calendar(session, row.unit)
    today = calendar.local_day(now)
    if row.closed_at is None and row.due_on >= today:
        message = f"Unit {row.unit} may send until {row.due_on.isoformat()}: nothing is late yet."
        params = {"unit": row.unit, "day": f"{row.due_on:%d/%m/%Y}"}
        raise Conflict(message, reasons=[Reason("nothing_late", message, params)])
    upper_on = read_dates(row.dates).get(RoundDate.UPPER_DEADLINE)
    _demand_day(wanted.until, today, calendar.shift(today, MOST_MORE), upper_on)
    if wanted.nomination_id is not None:
        stream = f"nomination:{wanted.nomination_id}"
        mine = update(_NOMINATION).where(_NOMINATION.c.id == wanted.nomination_id)
        session.execute(mine.values(admitted_until=wanted.until))
    else:
        stream = return_stream(row.id)
        session.execute(update(_RETURN).where(_RETURN.c.id == row.id).values(admitted_until=wanted.until))
    said = {"until": wanted.until.isoformat(), "due_on": row.due_on.isoformat()}
    admitting = CourtesyAction.ADMIT_LATE
    append_event(session, stream, admitting, actor=actor, via=via, now=now, data=said, words=words)
    settle_key(session, claim, actor=actor, result={"unit": row.unit})
    session.commit()
    return False


def _said(wanted: AdmitLate) -> str:
    said = {
        "reason": normalise(wanted.reason, field="reason"),
        "basis": normalise(wanted.basis, field="basis", single_line=True),
    }
    if missing := [name for name, words in said.items() if not words]:
        errors = [FieldError(name, "is required") for name in missing]
        raise InvalidField(f"An exception needs its {' and '.join(missing)}.", errors=errors)
    return "\n".join(said.values())


def _lock(session: Session, wanted: AdmitLate, actor: Actor) -> Row[Any]:
    """Lock what is to be admitted, of a round of the actor to extend; return what its unit owes."""
    unit = stored_code(session, Unit.code, wanted.unit_code)
    found = find_return(session, wanted.round_code, unit, seen_by=actor)
    demand_right(actor, found.owner_unit_id)
    if wanted.nomination_id is None:
        lock_returns(session, [found.id])
        demand(refuse_own_unit(found.unit_id, units_of_nominee(session, actor, found.round_id)))
    else:
        _lock_draft(session, wanted.nomination_id, found, actor)
    owed: Select[*tuple[Any, ...]] = (
        select(
            ExpectedReturn.id, ExpectedReturn.due_on, Unit.code.label("unit"), Round.dates, Round.closed_at
        )
        .join(Round, Round.id == ExpectedReturn.round_id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(ExpectedReturn.id == found.id)
    )
    return session.execute(owed).one()


def _lock_draft(session: Session, nomination_id: int, owed: Row[Any], actor: Actor) -> None:
    draft = session.execute(
        select(_NOMINATION.c.person_id)
        .where(
            _NOMINATION.c.id == nomination_id,
            _NOMINATION.c.round_id == owed.round_id,
            _NOMINATION.c.unit_id == owed.unit_id,
            _NOMINATION.c.stage.in_((Stage.DRAFT, Stage.UNIT_REVIEW)),
        )
        .with_for_update(key_share=True)
    ).one_or_none()
    if draft is None:
        raise NotFound(f"Nomination {nomination_id} is none that this unit could still send.")
    if actor.person_id is not None and actor.person_id == draft.person_id:
        demand(Reason("own_subject", "You are the nominee; somebody else has to take this step."))


def _demand_day(day: date, today: date, last: date, upper_on: date | None) -> None:
    if not today <= day <= last:
        message = f"choose today or a day to come, at most {MOST_MORE} working days from now"
        raise InvalidField(f"until: {message}.", errors=[FieldError("until", message)])
    if upper_on is not None and today <= upper_on < day:
        message = f"everything has to lie at the level above by {upper_on.isoformat()}"
        said = Reason("passes_upper_date", f"until: {message}.", {"day": f"{upper_on:%d/%m/%Y}"})
        raise InvalidField(said.message, reasons=[said], errors=[FieldError("until", message)])
