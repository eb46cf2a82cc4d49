"""What a request about many things answers of each: done, or refused and why; and how a key keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from workflow.domain.errors import FieldError, Reason, Refusal


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """A refusal as plain values: its stable code and status, its words in English, the rules behind it."""

    code: str
    status: int
    title: str
    detail: str
    reasons: tuple[Reason, ...] = ()
    errors: tuple[FieldError, ...] = ()
    params: Mapping[str, str] | None = None

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """Return the refusal as plain values."""
        return cls(
            refusal.code,
            refusal.status,
            refusal.title,
            refusal.detail,
            refusal.reasons,
            refusal.errors,
            dict(refusal.params),
        )

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {
            "code": self.code,
            "status": self.status,
            "title": self.title,
            "detail": self.detail,
            "reasons": [reason_result(reason) for reason in self.reasons],
            "errors": [{"field": error.field, "message": error.message} for error in self.errors],
            "params": dict(self.params or {}),
        }

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the refusal a request key remembered."""
        return cls(
            result["code"],
            result["status"],
            result["title"],
            result["detail"],
            tuple(reason_again(reason) for reason in result["reasons"]),
            tuple(FieldError(error["field"], error["message"]) for error in result["errors"]),
            result["params"],
        )


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one nomination of a list: where it stands now, or why it was left as it is.

    `version` and `state` are those after it; of a refused one those it has, None where it is not to be seen.
    """

    nomination_id: int
    version: int | None
    state: str | None
    refused: RefusedItem | None = None

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {
            "nomination_id": self.nomination_id,
            "version": self.version,
            "state": self.state,
            "refused": self.refused.as_result() if self.refused else None,
        }

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the answer a request key remembered."""
        refused = result["refused"]
        return cls(
            result["nomination_id"],
            result["version"],
            result["state"],
            RefusedItem.again(refused) if refused else None,
        )


@dataclass(frozen=True, slots=True)
class ListOutcome:
    """What became of every nomination that a request named, in the order it named them."""

    items: tuple[ItemResult, ...]
    was_answered_before: bool = False

    @property
    def done(self) -> tuple[ItemResult, ...]:
        """Give those that were carried out."""
        return tuple(item for item in self.items if item.refused is None)

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {"items": [item.as_result() for item in self.items]}

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the outcome a request key remembered."""
        items: Sequence[Mapping[str, Any]] = result["items"]
        return cls(tuple(ItemResult.again(item) for item in items), was_answered_before=True)


def reason_result(reason: Reason) -> dict[str, object]:
    """Return a reason as JSON can hold it."""
    return {"code": reason.code, "message": reason.message, "params": dict(reason.params)}


def reason_again(result: Mapping[str, Any]) -> Reason:
    """Return a reason from what JSON held."""
    code, message, params = result["code"], result["message"], result["params"]
    return Reason(code, message, params)
