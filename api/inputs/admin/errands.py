"""What the worker may be asked to do, as both edges read it."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from api.reading import Code, Input, Prose
from workflow.domain.rights.errands import GOES_OVER, ErrandKind
from workflow.domain.route.definition import MOST_VERSIONS
from workflow.operations.routes.asked import GoingAsked

_MOST_RENAMED: Final = 100
_Version = Annotated[int, Field(ge=1, le=MOST_VERSIONS)]


class GoingRequest(Input):
    """Open nominations of version `before` of the route `key` go over to its version `after`.

    `renamed` says what steps are called there. With `replans` dates and reminders are counted by the other
    version; else they stay.
    """

    key: Code
    before: _Version
    after: _Version
    renamed: Annotated[dict[Code, Code], Field(max_length=_MOST_RENAMED)] = Field(default_factory=dict)
    replans: bool = False

    def asked(self) -> GoingAsked:
        """Return it as the operation takes it."""
        return GoingAsked(self.key, self.before, self.after, self.renamed, self.replans)


class ErrandRequest(Input):
    """What is to be done: `verify` history, count dates anew, or have nominations go over to another version.

    `replan_shown` and `migrate_shown` only show what `replan` and `migrate` would do. `going` says which
    nominations go over, and belongs to `migrate_shown` and `migrate` alone.
    """

    kind: ErrandKind
    reason: Annotated[Prose, Field(description="Why; whoever it concerns reads it.")] = ""
    going: GoingRequest | None = None

    @model_validator(mode="after")
    def _says_what_goes_over(self) -> Self:
        if (self.kind in GOES_OVER) != (self.going is not None):
            raise ValueError("give 'going' with 'migrate_shown' and 'migrate', and with nothing else")
        return self

    def args(self) -> dict[str, object]:
        """Return what else is asked, as an errand keeps it."""
        return self.going.asked().args() if self.going else {}
