"""What may be asked of another version of a route."""

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from api.reading import Code, Input
from workflow.domain.reading import MAX_CHARACTERS
from workflow.domain.route.definition import MOST_VERSIONS
from workflow.operations.foresight.impact_parts import MOST_AT_ONCE, ImpactAsked

_MOST_RENAMED: Final = 100
Version = Annotated[int, Field(ge=1, le=MOST_VERSIONS)]


class ImpactRequest(Input):
    """A published version, and what would take its place: another published one (`after`) or a `text`.

    `renamed` says what steps of the first are called in the other. An answer counts up to `limit` open
    nominations, or twenty times as many stays of the last 365 days; `cursor` is the `next` of
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
