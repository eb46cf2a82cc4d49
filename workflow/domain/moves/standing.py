"""A nomination as an action finds it that every nomination knows beside its definition's moves."""

from dataclasses import dataclass

from workflow.domain.errors import Reason, Refusal
from workflow.domain.facts import Facts
from workflow.domain.moves.undoing import LastAct
from workflow.domain.route.definition import Definition


@dataclass(frozen=True, slots=True)
class Standing:
    """A nomination as a built-in action finds it.

    `sent_by` and `sent_from` say who sent it to this step and from which; `has_begun` whether somebody here
    has ever taken the work; `last` what was done last, where that is no longer ago than may be undone.
    """

    definition: Definition
    facts: Facts
    sent_by: int | None
    sent_from: str | None
    has_begun: bool
    last: LastAct | None = None


def no(kind: type[Refusal], code: str, message: str) -> Refusal:
    """Return a refusal with the one rule behind it, whose code the edge translates."""
    return kind(message, reasons=[Reason(code, message)])
