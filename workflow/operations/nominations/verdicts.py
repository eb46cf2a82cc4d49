"""What a council's counts leave on a nomination and in its history, set-wise. Never commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Text, func, update
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from workflow.domain.facts import VoteEntry
from workflow.domain.vocabulary import VoteResult
from workflow.domain.votes import result_of
from workflow.store.base import given, table_of
from workflow.store.nominations import Nomination
from workflow.store.statements import Statement


@dataclass(frozen=True, slots=True)
class CouncilVerdict:
    """A council's vote on one nomination: the counts, what they mean against the threshold, and its day."""

    entry: VoteEntry
    result: VoteResult
    percent: int | None
    voted_on: date

    def as_data(self) -> dict[str, object]:
        """Return what history keeps: the denominator and the threshold of that day among them."""
        return {
            "members": self.entry.members,
            "in_favour": self.entry.in_favour,
            "against": self.entry.against,
            "blank": self.entry.blank,
            "percent": self.percent,
            "result": self.result,
            "voted_on": self.voted_on.isoformat(),
        }


_COLUMNS: Mapping[str, tuple[str, TypeEngine[Any]]] = {
    "ids": ("id", BigInteger()),
    "results": ("result", Text()),
    "days": ("day", Date()),
    "members": ("members", BigInteger()),
    "favours": ("in_favour", BigInteger()),
    "against": ("against", BigInteger()),
    "blanks": ("blank", BigInteger()),
    "percents": ("percent", BigInteger()),
}
_COUNTED = ("members", "in_favour", "against", "blank", "percent")
_NOMINATION = table_of(Nomination)
_CAST = given("cast_votes", _COLUMNS)
_WRITE = Statement(
    update(_NOMINATION)
    .where(_NOMINATION.c.id == _CAST.c.id)
    .values(
        recommendation=_CAST.c.result,
        voted_on=_CAST.c.day,
        vote=func.jsonb_build_object(*(part for name in _COUNTED for part in (name, _CAST.c[name]))),
    )
)


def verdict_of(entry: VoteEntry, *, percent: int | None, voted_on: date) -> CouncilVerdict:
    """Return what the counts mean. Raises `InvalidField` for counts that cannot be."""
    return CouncilVerdict(entry, result_of(entry, percent), percent, voted_on)


def write_verdicts(session: Session, verdicts: Sequence[tuple[int, CouncilVerdict]]) -> None:
    """Write each nomination's recommendation; the caller holds them. Costs nothing where there is none."""
    if not verdicts:
        return
    rows = [
        (
            nomination_id,
            str(verdict.result),
            verdict.voted_on,
            verdict.entry.members,
            verdict.entry.in_favour,
            verdict.entry.against,
            verdict.entry.blank,
            verdict.percent,
        )
        for nomination_id, verdict in verdicts
    ]
    _WRITE.run(session, dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))
