"""Roles as a definition spells them: a role at a place that is resolved when work opens."""

from enum import StrEnum
from typing import NamedTuple, Self

from workflow.domain.reading import meant
from workflow.domain.vocabulary import RoleScope


class Owner(StrEnum):
    """The word in `by` that means whoever owns the step the move leaves."""

    OF_STEP = "owner"


class RoleAt(NamedTuple):
    """A role at a place that is still a word of the definition, such as nominator@subject.unit."""

    role: str
    scope: RoleScope

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "role@scope"; anything else is a ValueError that says what was expected."""
        role, at, scope = text.partition("@")
        if not (role and at):
            message = f"expected role@scope, such as 'unit_reviewer@subject.unit', not '{text}'"
            raise ValueError(message)
        if scope not in list(RoleScope):
            message = f"unknown scope '@{scope}'{meant(scope, RoleScope)}"
            raise ValueError(message)
        return cls(role, RoleScope(scope))

    def __str__(self) -> str:
        return f"{self.role}@{self.scope}"
