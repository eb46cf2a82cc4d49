"""Which open nominations are to go over to which version of their route, and whether each step can."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, Reason
from workflow.domain.route.counterparts import NoCounterpart, why_no_counterpart
from workflow.domain.route.definition import Definition
from workflow.operations.foresight.impact import open_on
from workflow.store.definitions import definition_id_of, load_definition
from workflow.store.nominations import Nomination


@dataclass(frozen=True, slots=True)
class GoingAsked:
    """What is asked: a route, from which version to which, what steps are called there, and of dates.

    With `replans` dates and reminders are counted by the other version; else they stay as they are.
    """

    key: str
    before: int
    after: int
    renamed: Mapping[str, str] = field(default_factory=dict)
    replans: bool = False

    def args(self) -> dict[str, object]:
        """Return it as an errand keeps it."""
        return {
            "key": self.key,
            "before": self.before,
            "after": self.after,
            "renamed": dict(self.renamed),
            "replans": self.replans,
        }

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> Self:
        """Return what an errand kept."""
        return cls(**{name: args[name] for name in ("key", "before", "after", "renamed", "replans")})


@dataclass(frozen=True, slots=True)
class StepGoing:
    """A step in which nominations stand, where they go, how many, and why they cannot (None: they can)."""

    step: str
    to: str
    count: int
    problem: NoCounterpart | None


@dataclass(frozen=True, slots=True)
class Going:
    """The two versions, and each step of the first in which something is open."""

    asked: GoingAsked
    before_id: int
    before: Definition
    after_id: int
    after: Definition
    steps: tuple[StepGoing, ...]

    def step_of(self, step: str) -> str:
        """Return what a step is called in the version after."""
        return self.asked.renamed.get(step, step)


def read_going(session: Session, asked: GoingAsked) -> Going:
    """Return what is asked with the steps in which nominations are open.

    Raises `NotFound` for a version that is not published, `InvalidField` for the same version twice or a
    renamed step that is none.
    """
    before_id = definition_id_of(session, asked.key, asked.before)
    after_id = definition_id_of(session, asked.key, asked.after)
    if before_id == after_id:
        message = "choose another version than the one they are on"
        raise InvalidField(f"after: {message}.", errors=[FieldError("after", message)])
    before, after = load_definition(session, before_id), load_definition(session, after_id)
    wrong = [old for old, new in asked.renamed.items() if not (before.has_step(old) and after.has_step(new))]
    if wrong:
        message = f"no such step in one of the versions: {', '.join(wrong)}"
        raise InvalidField(f"renamed: {message}.", errors=[FieldError("renamed", message)])
    rows = session.execute(
        select(Nomination.state, func.count().label("open"))
        .where(*open_on(before_id))
        .group_by(Nomination.state)
        .order_by(Nomination.state)
    )
    steps = tuple(
        StepGoing(row.state, to, row.open, why_no_counterpart(before, after, row.state, to))
        for row in rows
        for to in [asked.renamed.get(row.state, row.state)]
    )
    return Going(asked, before_id, before, after_id, after, steps)


def demand_counterparts(going: Going) -> None:
    """Raise `Conflict` naming each step in which something is open and that has no counterpart."""
    reasons = [
        Reason(
            "step_without_counterpart",
            f"{one.count} nominations stand in '{one.step}'; the other version has no open '{one.to}' "
            "of the same stage and for the same seat.",
            {"step": one.step, "to": one.to, "count": str(one.count)},
        )
        for one in going.steps
        if one.problem is not None
    ]
    if reasons:
        raise Conflict("Nothing went over: steps have no counterpart.", reasons=reasons)
