"""What one unit owes a round, for whoever decides what becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor, in_place_of
from workflow.domain.rights.round_rights import runs_round
from workflow.domain.vocabulary import Role
from workflow.queries.rounds.returns import ReturnView, list_returns
from workflow.queries.rounds.views import RoundView, get_round
from workflow.store.awards import Round
from workflow.store.codes import is_named
from workflow.store.nominees import nominates
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn


@dataclass(frozen=True, slots=True)
class LateReturn:
    """What a unit owes a round, and whether the reader may move its date, or hand it on."""

    round: RoundView
    row: ReturnView
    may_extend: bool
    may_hand: bool


def get_late_return(
    session: Session, *, actor: Actor, round_code: str, unit_code: str, now: datetime
) -> LateReturn:
    """Return what a unit owes a round as the actor may see it; raises `NotFound` where that is nothing."""
    view = get_round(session, code=round_code, now=now)
    found = list_returns(session, actor=actor, round_code=round_code, now=now, unit_code=unit_code)
    if not found:
        raise NotFound(f"Nothing is expected of a unit '{unit_code}' in round '{round_code}'.")
    owed = session.execute(
        select(Round.owner_unit_id, nominates(actor).label("is_own"))
        .join(ExpectedReturn, ExpectedReturn.round_id == Round.id)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(is_named(session, Round.code, round_code), Unit.code == found[0].unit.code)
    ).one()
    may_extend = view.closed_at is None and runs_round(actor, owed.owner_unit_id) and not owed.is_own
    speaking = {f"{role}@unit:{found[0].unit.code}" for role in (Role.NOMINATOR, Role.HEAD)}
    speaks = view.closed_at is None and not in_place_of(actor, speaking).keys.isdisjoint(speaking)
    return LateReturn(view, found[0], may_extend, may_extend or speaks)
