"""What another version of a route would change, a part a request: for whoever may publish definitions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.checking.checking import load
from workflow.domain.errors import FieldError, Forbidden, InvalidField, Reason
from workflow.domain.rights.policy import Actor, may_administer
from workflow.domain.route.definition import Definition, Label
from workflow.domain.route.differences import Difference, differences
from workflow.operations.foresight.impact import (
    Impact,
    ImpactPlace,
    MovedWork,
    StepImpact,
    Versions,
    count_part,
    open_on,
)
from workflow.store.definitions import definition_id_of, load_definition
from workflow.store.nominations import Nomination

MOST_AT_ONCE: Final = 5000
"""How many open nominations a part counts at most: each takes some half a millisecond."""


@dataclass(frozen=True, slots=True)
class ImpactAsked:
    """A published version, and another published one (`after`) or the text of one that is not (`text`).

    `renamed` says what steps of the first are called in the other.
    """

    key: str
    before: int
    after: int | None = None
    text: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImpactPart:
    """What differs, and one part of what that would change; the parts together are all of it.

    `labels` say by its name what each step of either version is called.
    `open_total` is how much open work the version has; `open_counted` how much of it this part counted.
    `stays_until`: up to which beginning stays were counted, null while open work still is. `place` is where
    the next part goes on, null where nothing is left.
    """

    key: str
    before: int
    after: int
    labels: Mapping[str, Label]
    differences: tuple[Difference, ...]
    open_total: int
    open_counted: int
    stays_until: datetime | None
    steps: tuple[StepImpact, ...]
    examples: tuple[MovedWork, ...]
    place: ImpactPlace | None


def demand_publisher(actor: Actor) -> None:
    """Raise `Forbidden` for whoever may not publish definitions: routes are the whole installation's."""
    if not may_administer(actor):
        message = "Only an administrator of the whole installation compares versions of a route."
        raise Forbidden(message, reasons=[Reason("publish_not_yours", message)])


def versions_asked(session: Session, *, actor: Actor, asked: ImpactAsked) -> Versions:
    """Return the two versions that are asked about.

    Raises `Forbidden` for whoever may not publish, `NotFound` for a version that is not published,
    `InvalidDefinition` with every problem of the text, `InvalidField` for a renamed step that is none.
    """
    demand_publisher(actor)
    before_id = definition_id_of(session, asked.key, asked.before)
    if asked.after is not None:
        after = load_definition(session, definition_id_of(session, asked.key, asked.after))
    else:
        after = load(asked.text or "", f"{asked.key}.yaml")
    _demand_steps(load_definition(session, before_id), after, asked.renamed)
    return Versions(before_id, after, asked.renamed)


def impact_part(
    session: Session,
    *,
    actor: Actor,
    versions: Versions,
    place: ImpactPlace | None,
    now: datetime,
    limit: int,
) -> ImpactPart:
    """Return a part of what the other version would change, from a place on; writes nothing.

    Raises `Forbidden` for whoever may not publish definitions.
    """
    demand_publisher(actor)
    found, before = Impact(), load_definition(session, versions.before_id)
    total = session.scalar(select(func.count()).select_from(Nomination).where(*open_on(versions.before_id)))
    after = count_part(session, versions, found, place or ImpactPlace(), actor=actor, now=now, limit=limit)
    stay = after.stay if after else (now, None)
    return ImpactPart(
        key=before.key,
        before=before.version,
        after=versions.after.version,
        labels={step.name: step.label for step in (*versions.after.steps, *before.steps)},
        differences=tuple(differences(before, versions.after, versions.renamed)),
        open_total=total or 0,
        open_counted=sum(one.open for one in found.steps.values()),
        stays_until=stay[0] if stay else None,
        steps=tuple(found.steps.values()),
        examples=tuple(found.examples),
        place=after,
    )


def _demand_steps(before: Definition, after: Definition, renamed: Mapping[str, str]) -> None:
    wrong = [f"'{old}' is no step of version {before.version}" for old in renamed if not before.has_step(old)]
    wrong += [
        f"'{new}' is no step of version {after.version}"
        for new in renamed.values()
        if not after.has_step(new)
    ]
    if wrong:
        errors = [FieldError("renamed", message) for message in wrong]
        raise InvalidField(f"renamed: {'; '.join(wrong)}.", errors=errors)
