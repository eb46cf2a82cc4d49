"""What a council's counts mean.

A council advises and never decides: a tie or a share below the threshold is its result, not a refusal by
somebody. The denominator is all members entitled to vote, the absent vote in writing, a tie has not passed:
defaults of this product, which no source read so far fixes. The threshold is the award's own (90 per cent of
all members of the sector's council for `CSTD_NGANH`, seen in circular 01/2019, article 16.1.c).
"""

from collections.abc import Iterator
from typing import Final

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.facts import VoteEntry
from workflow.domain.vocabulary import VoteResult

_ALL: Final = 100
_HALF: Final = 50
COUNTS_FIELD: Final = "decision.counts"
"""Where a request carries the counts."""


def demand_counts(entry: VoteEntry) -> None:
    """Raise `InvalidField` naming every count that cannot be: negative, or more votes than people."""
    errors = [FieldError(f"{COUNTS_FIELD}.{field}", message) for field, message in _impossible(entry)]
    if errors:
        raise InvalidField("; ".join(f"{error.field} {error.message}" for error in errors), errors=errors)


def result_of(entry: VoteEntry, percent: int | None) -> VoteResult:
    """Return what the counts mean: `percent` of all members must be in favour, None asks for more than half.

    Raises `InvalidField` for counts that cannot be.
    """
    demand_counts(entry)
    share = entry.in_favour * _ALL
    is_enough = share > _HALF * entry.members if percent is None else share >= percent * entry.members
    if is_enough:
        return VoteResult.PASSED
    return VoteResult.TIED if entry.in_favour == entry.against else VoteResult.NOT_PASSED


def _impossible(entry: VoteEntry) -> Iterator[tuple[str, str]]:
    if entry.members < 1:
        yield "members", "must be at least 1"
    counts = {"in_favour": entry.in_favour, "against": entry.against, "blank": entry.blank}
    negative = [field for field, count in counts.items() if count < 0]
    yield from ((field, "must not be negative") for field in negative)
    cast = sum(counts.values())
    if not negative and cast > max(entry.members, 0):
        yield "members", f"{cast} votes were counted, but only {entry.members} members may vote"
    if entry.present is None:
        return
    if entry.present > entry.members:
        yield "present", f"{entry.present} voted, but only {entry.members} members may vote"
    elif not negative and cast != entry.present:
        yield "present", f"{entry.present} voted, but {cast} votes were counted"
