"""Which open nominations go over to another version of their route now, and what becomes of their dates.

The preview and the operation ask the same functions, so what was shown is what is then done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.calendars.anew import CountedAnew, OpenStay, count_anew
from workflow.operations.calendars.counts import Replanned
from workflow.operations.routes.asked import Going
from workflow.store.base import among
from workflow.store.conditions import open_visit_of_nomination
from workflow.store.database import undo_window
from workflow.store.locked import Locked
from workflow.store.nominations import Nomination, Visit

NOBODY: Final = Actor(account_id=0, name="")


@dataclass(slots=True)
class GoneOver:
    """What went over, or would. `dates` are what becomes of their dates, `own` those of who asks.

    `left` were in somebody's hands, or decided so lately that it may be undone: they go the next time.
    """

    moved: int = 0
    own: int = 0
    left: int = 0
    dates: Replanned = field(default_factory=Replanned)

    def counts(self) -> dict[str, object]:
        """Give the numbers alone."""
        return {**self.dates.counts(), "moved": self.moved, "own": self.own, "left": self.left}


@dataclass(frozen=True, slots=True)
class GoingDesk:
    """What every part is done with: what goes over, who does it, why and how; `slot`: its letters' own."""

    going: Going
    actor: Actor | None
    reason: str
    via: Via
    slot: str = ""


def plan_going(
    session: Session, desk: GoingDesk, there: Mapping[int, Locked], done: GoneOver, *, now: datetime
) -> tuple[list[Locked], dict[int, CountedAnew]]:
    """Return which of these go over, and what becomes of the dates of those that are counted anew."""
    going, since, ready = desk.going, now - undo_window(session), []
    able = {one.step for one in going.steps if one.problem is None}
    for one in there.values():
        if one.definition_id != going.before_id or one.facts.is_closed:
            continue
        if one.facts.actor_is_subject:
            done.own += 1
        elif one.facts.state not in able or (one.last_at is not None and one.last_at > since):
            done.left += 1
        else:
            ready.append(one)
    if not going.asked.replans:
        return ready, {}
    counted = count_anew(session, *_as_there(session, going, ready), now=now, keeps_passed=False)
    done.dates.note(counted)
    return ready, {one.nomination_id: one for one in counted if not one.is_kept}


def _as_there(
    session: Session, going: Going, ready: Sequence[Locked]
) -> tuple[list[OpenStay], dict[int, Locked]]:
    """Return the open stays as the version after knows them."""
    found = {one.facts.nomination_id: _renamed(going, one) for one in ready}
    rows = session.execute(
        select(Nomination.id, Visit.id.label("visit_id"), Visit.calendar_version)
        .join(Visit, open_visit_of_nomination())
        .where(among(Nomination.id, found), Visit.due_at.is_not(None))
        .order_by(Nomination.id)
    )
    return [OpenStay(row.id, row.visit_id, going.after_id, row.calendar_version) for row in rows], found


def _renamed(going: Going, one: Locked) -> Locked:
    return replace(
        one,
        facts=replace(one.facts, state=going.step_of(one.facts.state)),
        sent_from=sent_from_there(going, one.sent_from),
        definition_id=going.after_id,
    )


def sent_from_there(going: Going, step: str | None) -> str | None:
    """Return what the step that it came from is called there, None where there is no such step."""
    name = step and going.step_of(step)
    return name if name and going.after.has_step(name) else None
