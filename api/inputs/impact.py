"""What may be asked of another version of a route, and the answer in parts as both edges tell it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from sqlalchemy.orm import Session

from api.reading import Code, Input
from workflow.domain.reading import MAX_CHARACTERS
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import MOST_VERSIONS
from workflow.domain.route.differences import Difference
from workflow.operations.foresight.impact import ImpactPlace, MovedWork, StepImpact, Versions
from workflow.operations.foresight.impact_parts import MOST_AT_ONCE, ImpactAsked, impact_part, versions_asked
from workflow.queries.paging import decode_cursor, encode_cursor, instant_or_none, uuid, whole
from workflow.queries.shapes import Words, words_of

_MOST_RENAMED: Final = 100
Version = Annotated[int, Field(ge=1, le=MOST_VERSIONS)]


class ImpactRequest(Input):
    """A published version, and what would take its place: another published one (`after`) or a `text`.

    `renamed` says what steps of the first are called in the other. An answer counts up to `limit` open
    nominations, or ten times as many stays of the last 365 days; `cursor` is the `next` of
    the answer before.
    """

    before: Version
    after: Version | None = None
    text: Annotated[str, StringConstraints(max_length=MAX_CHARACTERS)] | None = None
    renamed: Annotated[dict[Code, Code], Field(max_length=_MOST_RENAMED)] = Field(default_factory=dict)
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 1000
    cursor: Annotated[str, StringConstraints(max_length=512)] | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.after is None) == (not self.text):
            raise ValueError("give either 'after', a published version, or 'text', a file")
        return self

    def asked(self, key: str) -> ImpactAsked:
        """Return the question as the operation takes it."""
        return ImpactAsked(key, self.before, self.after, self.text, self.renamed)


@dataclass(frozen=True, slots=True)
class ImpactView:
    """What differs between two versions of a route, and one part of what the second would change.

    Add the counts of `steps` over all parts; `next` is null with the last. `open_total` is how much open work
    the version has, `open_counted` how much of it this part counted. `stays_until`: stays that began up to
    then are counted, null while open work still is. In `steps`, `stays`, `were_late` and `would_be_late` are
    of the last 365 days, all else of open work; `is_gone`: the other version has no such step.
    `labels` say what each step of either is called.
    """

    key: str
    before: int
    after: int
    labels: dict[str, Words]
    differences: tuple[Difference, ...]
    open_total: int
    open_counted: int
    stays_until: datetime | None
    steps: tuple[StepImpact, ...]
    examples: tuple[MovedWork, ...]
    next: str | None


def read_impact(
    session: Session, *, actor: Actor, asked: ImpactAsked, now: datetime, limit: int, cursor: str | None
) -> ImpactView:
    """Return a part of what another version would change.

    Raises what `versions_asked` raises, and `UnreadableCursor` for a cursor of another question.
    """
    versions = versions_asked(session, actor=actor, asked=asked)
    name = _name(versions)
    place = _place(name, cursor) if cursor is not None else None
    found = impact_part(session, actor=actor, versions=versions, place=place, now=now, limit=limit)
    return ImpactView(
        key=found.key,
        before=found.before,
        after=found.after,
        labels={name: words_of(label) for name, label in found.labels.items()},
        differences=found.differences,
        open_total=found.open_total,
        open_counted=found.open_counted,
        stays_until=found.stays_until,
        steps=found.steps,
        examples=found.examples,
        next=_cursor(name, found.place) if found.place else None,
    )


def _name(versions: Versions) -> str:
    """Return what a cursor belongs to: parts of two questions must not be added up."""
    asked = f"{versions.before_id} {versions.after.content_hash} {sorted(versions.renamed.items())}"
    return f"impact {sha256(asked.encode()).hexdigest()[:16]}"


def _place(name: str, cursor: str) -> ImpactPlace:
    nomination_id, entered_at, stay_id = decode_cursor(name, cursor, whole, instant_or_none, uuid)
    if entered_at is None:
        return ImpactPlace(nomination_id if nomination_id >= 0 else None)
    return ImpactPlace(None, (entered_at, stay_id))


def _cursor(name: str, place: ImpactPlace) -> str:
    nomination_id = -1 if place.nomination_id is None else place.nomination_id
    entered_at, stay_id = place.stay or (None, UUID(int=0))
    return encode_cursor(name, nomination_id, entered_at, stay_id)
