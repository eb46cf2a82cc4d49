"""What the routes of submissions with their lists answer, row by row and name by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from api.wording import detail_of, message_of, title_of
from workflow.domain.errors import FieldError, Reason
from workflow.operations.nominations.answers import ItemResult, RefusedItem
from workflow.operations.submissions.lists import ComposedList, RowResult


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one field of a row."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RowNomination:
    """What one award of a row became: a nomination on a submission."""

    award: str
    nomination: int
    submission: int


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What became of one row, by its number: its nominations, or everything that is wrong with it."""

    row: int
    nominations: tuple[RowNomination, ...]
    errors: tuple[RowError, ...]

    @classmethod
    def of(cls, row: RowResult, locale: str) -> Self:
        """Return the answer in the reader's language."""
        return cls(
            row.number,
            tuple(RowNomination(one.award_code, one.nomination_id, one.submission_id) for one in row.listed),
            tuple(
                RowError(problem.field, problem.reason.code, message_of(problem.reason, locale))
                for problem in row.problems
            ),
        )


@dataclass(frozen=True, slots=True)
class SubmissionAnswer:
    """A submission with names put on it. `decider` is who decides on them; `names` counts what is new."""

    id: int
    version: int
    decider: str
    names: int


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """What became of a list: the submissions it went to, one for each deciding body, and every row."""

    submissions: tuple[SubmissionAnswer, ...]
    rows: tuple[RowAnswer, ...]

    @classmethod
    def of(cls, made: ComposedList, locale: str) -> Self:
        """Return the answer in the reader's language."""
        papers = (
            SubmissionAnswer(one.submission_id, one.version, one.decider, one.names)
            for one in made.submissions
        )
        return cls(tuple(papers), tuple(RowAnswer.of(row, locale) for row in made.rows))


@dataclass(frozen=True, slots=True)
class ItemRefusal:
    """Why one nomination was left as it is; `code` is stable, `status` the one a single request would get."""

    code: str
    status: int
    title: str
    detail: str
    reasons: tuple[Reason, ...]
    errors: tuple[FieldError, ...]

    @classmethod
    def of(cls, refused: RefusedItem, locale: str) -> Self:
        """Return the refusal in the reader's language."""
        return cls(
            refused.code,
            refused.status,
            title_of(refused.code, refused.title, locale),
            detail_of(refused.code, refused.detail, refused.params or {}, locale),
            tuple(Reason(one.code, message_of(one, locale), one.params) for one in refused.reasons),
            refused.errors,
        )


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What became of one nomination: its version and state now, and why it was refused, if it was."""

    nomination: int
    ok: bool
    version: int | None
    state: str | None
    refusal: ItemRefusal | None

    @classmethod
    def of(cls, item: ItemResult, locale: str) -> Self:
        """Return the answer in the reader's language."""
        refusal = ItemRefusal.of(item.refused, locale) if item.refused else None
        return cls(item.nomination_id, refusal is None, item.version, item.state, refusal)


@dataclass(frozen=True, slots=True)
class NameAnswers:
    """One answer for each nomination, in the order of the request; `done` counts the carried out."""

    items: tuple[NameAnswer, ...]
    done: int
    refused: int

    @classmethod
    def of(cls, items: Sequence[ItemResult], locale: str) -> Self:
        """Return the answers in the reader's language."""
        answers = tuple(NameAnswer.of(item, locale) for item in items)
        done = sum(one.ok for one in answers)
        return cls(answers, done, len(answers) - done)
