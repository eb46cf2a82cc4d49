"""What becomes of the promises of a ladder when the dates that they hang on are counted again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

from workflow.domain.time.ladder import next_morning
from workflow.domain.time.workdays import Calendar

Planned: TypeAlias = Mapping[str, Any]
"""A promise as the ladder plans it: its `kind`, `ordinal` and `fire_at` among what its row will hold."""

_KIND: Final = "kind"


class Promised(Protocol):
    """A promise that was made: which, when it fires, and whether it did or failed for good."""

    kind: Any
    ordinal: Any
    fire_at: Any
    fired_at: Any
    dead_at: Any


def place_of_rung(kind: str, ordinal: int, size: int) -> tuple[str, int]:
    """Return which promise of a ladder of that length a rung is, however often it was made anew.

    The warning of an escalation has the place of the escalation, and is a reminder.
    """
    return kind, (ordinal - 1) % size


def kept_promises(
    there: Sequence[Promised],
    planned: Sequence[Planned],
    size: int,
    calendar: Calendar,
    *,
    renews: bool,
    now: datetime,
) -> list[Planned]:
    """Return which promises of a ladder hold: none twice, none lost because its morning has passed meanwhile.

    One that waited for a morning which is past now comes on the next one. One that was kept is made anew only
    where the date moved away (`renews`).
    """
    places = [(place_of_rung(row.kind, row.ordinal, size), row) for row in there]
    waiting = {place: row for place, row in places if not (row.fired_at or row.dead_at)}
    made = {place for place, _ in places}
    kept: list[Planned] = []
    for row in planned:
        place = place_of_rung(str(row[_KIND]), int(row["ordinal"]), size)
        waits = waiting.get(place)
        if row["fire_at"] >= now:
            if waits is not None or renews or place not in made:
                kept.append(row)
        elif waits is not None and waits.fire_at is not None:
            due_already = waits.fire_at <= now
            morning = next_morning(calendar, now)
            kept.append({**row, "fire_at": waits.fire_at if due_already else morning})
    return kept
