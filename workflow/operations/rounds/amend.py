"""Mending a round that is open: its title, an award that it forgot, a unit that it did not ask.

Nothing is taken away: what units were asked, and were told of, stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.rounds.returns import expect_returns
from workflow.operations.rounds.rounds import (
    RoundOutcome,
    again,
    demand_alive,
    demand_open,
    demand_right,
    lock_round,
    named_by_code,
    round_title,
)
from workflow.store.awards import Award, Round, RoundAward
from workflow.store.database import local_day
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is mended of a round: another title, awards and units that join. What is not given stays."""

    round_code: str
    title: str | None = None
    award_codes: Sequence[str] = ()
    unit_codes: Sequence[str] = ()


def amend_round(
    session: Session,
    *,
    actor: Actor | None,
    amend: Amendment,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> RoundOutcome:
    """Mend a round, ask the units that join for their papers, and commit; what is so already changes nothing.

    Units that join owe by the round's own day and are told as all were when it opened. Raises `NotFound`,
    `Conflict` when the round is closed, `Forbidden` as `open_round`, and `InvalidField` for a code that names
    nothing, an award where the round covers every one, and a unit where there is no day any more to owe by.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return again(session, answered)
    found = lock_round(session, amend.round_code)
    demand_right(actor, found.owner_unit_id)
    demand_open(found)
    title = found.title if amend.title is None else round_title(amend.title)
    awards, units = _awards(session, found, amend), _units(session, found, amend, local_day(session, now))
    data = {"awards": sorted(awards), "units": sorted(units), "title": title}
    told = {name: value for name, value in data.items() if value and (name, value) != ("title", found.title)}
    if told:
        session.execute(update(Round).where(Round.id == found.id).values(title=title))
        rows = [{"round_id": found.id, "award_id": award_id} for award_id in awards.values()]
        if rows:
            session.execute(insert(RoundAward), rows)
        append_event(session, f"round:{found.id}", "amend", actor=actor, via=via, now=now, data=told)
        expect_returns(
            session, round_=found, units=units, due_on=_due_on(found), actor=actor, via=via, now=now
        )
    settle_key(session, claim, actor=actor, result={"round": found.code})
    session.commit()
    return RoundOutcome(found.id)


def _awards(session: Session, found: Round, amend: Amendment) -> Mapping[str, int]:
    """Return the awards that join: none of those it covers already."""
    named = named_by_code(session, Award, tuple(amend.award_codes), "awards")
    if not named:
        return {}
    there = set(session.scalars(select(RoundAward.award_id).where(RoundAward.round_id == found.id)))
    if not there:
        message = "the round covers every award already"
        raise InvalidField(f"awards: {message}.", errors=[FieldError("awards", message)])
    return {code: award_id for code, award_id in named.items() if award_id not in there}


def _units(session: Session, found: Round, amend: Amendment, today: date) -> Mapping[str, int]:
    """Return the units that are asked besides: none of those that are asked already."""
    named = named_by_code(session, Unit, tuple(amend.unit_codes), "units")
    if not named:
        return {}
    asked = set(session.scalars(select(ExpectedReturn.unit_id).where(ExpectedReturn.round_id == found.id)))
    fresh = {code: unit_id for code, unit_id in named.items() if unit_id not in asked}
    demand_alive(session, fresh, today)
    if fresh and (RoundDate.UNIT_DEADLINE not in found.dates or _due_on(found) < today):
        message = "the round has no day, or none that is still to come, by which units owe; extend it first"
        deadline = RoundDate.UNIT_DEADLINE.value
        raise InvalidField(f"{deadline}: {message}.", errors=[FieldError(deadline, message)])
    return fresh


def _due_on(found: Round) -> date:
    day = found.dates.get(RoundDate.UNIT_DEADLINE)
    return date.fromisoformat(str(day)) if day else date.min
