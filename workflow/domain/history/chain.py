"""The hash that chains an event to its stream's previous one, so that a changed past shows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

GENESIS = bytes(32)


def return_stream(return_id: int | None) -> str:
    """Return the name of the history of one expected return."""
    return f"expected_return:{return_id}"


def stream_of_work(nomination_id: int | None, expected_return_id: int | None) -> str:
    """Return the name of the history that work is written to: a nomination's, or of what a unit owes."""
    return return_stream(expected_return_id) if nomination_id is None else f"nomination:{nomination_id}"


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """What the chain covers of an event: ids, codes, dates and the salted digest of its words."""

    stream: str
    seq: int
    actor_id: int | None
    on_behalf_of: str | None
    via: str
    action: str
    source: str | None
    dest: str | None
    reason_code: str | None
    occurred_on: date | None
    recorded_at: datetime
    data: Mapping[str, object]
    text_digest: bytes | None

    @classmethod
    def of(
        cls,
        stream: str,
        seq: int,
        action: str,
        *,
        via: str,
        at: datetime,
        data: Mapping[str, object],
        places: tuple[str | None, str | None] = (None, None),
        actor_id: int | None = None,
    ) -> Self:
        """Return an event without words, reason or day of its own, from one of the `places` to the other."""
        source, dest = places
        return cls(
            stream=stream,
            seq=seq,
            actor_id=actor_id,
            on_behalf_of=None,
            via=via,
            action=action,
            source=source,
            dest=dest,
            reason_code=None,
            occurred_on=None,
            recorded_at=at,
            data=dict(data),
            text_digest=None,
        )


def digest_text(salt: bytes, text: str) -> bytes:
    """Return the salted SHA-256 of an event's words; erasing words and salt leaves the chain whole."""
    return hashlib.sha256(salt + text.encode()).digest()


def link(previous: bytes, entry: ChainedEvent) -> bytes:
    """Return the SHA-256 over the previous hash and the canonical form of one entry.

    The canonical form is a JSON array: fixed order, sorted keys, UTC instants, so no two entries share it.
    """
    canonical = json.dumps(
        [
            previous.hex(),
            entry.stream,
            entry.seq,
            entry.actor_id,
            entry.on_behalf_of,
            entry.via,
            entry.action,
            entry.source,
            entry.dest,
            entry.reason_code,
            entry.occurred_on and entry.occurred_on.isoformat(),
            entry.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.data,
            entry.text_digest and entry.text_digest.hex(),
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(canonical.encode()).digest()
