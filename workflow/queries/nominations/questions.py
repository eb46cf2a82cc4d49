"""What who nominates was asked while a nomination stands in its step, and what was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from workflow.domain.vocabulary import BuiltIn
from workflow.queries.shapes import Who


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with its answer; `answered_at` is null while it waits.

    Whoever asked may have taken it back (`is_taken_back`). The nominee reads what is asked, not by whom, and
    no answer that is not their own.
    """

    text: str
    by: Who | None
    at: datetime
    answer: str | None = None
    answered_by: Who | None = None
    answered_at: datetime | None = None
    is_taken_back: bool = False


def questions_of(
    told: Sequence[Mapping[str, Any]] | None, *, reader_id: int, is_withheld: bool
) -> tuple[QuestionView, ...]:
    """Return the questions of this stay, the latest last."""
    found: list[QuestionView] = []
    for one in told or ():
        at, shows = datetime.fromisoformat(one["at"]), not is_withheld or one["by"] == reader_id
        who = Who(one["by"], one["name"]) if shows and one["by"] is not None else None
        if one["action"] == BuiltIn.REQUEST_INFO:
            found.append(QuestionView(one["text"] or "", who, at))
        elif found:
            found[-1] = replace(
                found[-1],
                answer=one["text"] if shows else None,
                answered_by=who,
                answered_at=at,
                is_taken_back=bool(one["back"]),
            )
    return tuple(found)
