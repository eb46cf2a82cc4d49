"""What is said of a submission and its list, and what came of it, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from workflow.domain.facts import SignedDocument
from workflow.operations.submissions.rows import RowProblem

BLANK: Final = SignedDocument()


@dataclass(frozen=True, slots=True)
class Listed:
    """One nomination that a row became: for which award, on which submission."""

    award_code: str
    nomination_id: int
    submission_id: int


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: its nominations, or everything that is wrong with it."""

    number: int
    listed: tuple[Listed, ...] = ()
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class FilledSubmission:
    """A submission that names were put on: who decides on them, its version afterwards, how many names."""

    submission_id: int
    decider: str
    version: int
    names: int


@dataclass(frozen=True, slots=True)
class ComposedList:
    """What became of a list: its submissions, one for each deciding body, and every row by number."""

    submissions: tuple[FilledSubmission, ...]
    rows: tuple[RowResult, ...]
    was_answered_before: bool = False

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {
            "submissions": [[m.submission_id, m.decider, m.version, m.names] for m in self.submissions],
            "rows": [
                {
                    "number": row.number,
                    "listed": [[one.award_code, one.nomination_id, one.submission_id] for one in row.listed],
                    "problems": [problem.as_result() for problem in row.problems],
                }
                for row in self.rows
            ],
        }

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the answer a request key remembered."""
        rows = tuple(
            RowResult(
                row["number"],
                tuple(Listed(*one) for one in row["listed"]),
                tuple(RowProblem.again(problem) for problem in row["problems"]),
            )
            for row in result["rows"]
        )
        return cls(
            tuple(FilledSubmission(*made) for made in result["submissions"]), rows, was_answered_before=True
        )
