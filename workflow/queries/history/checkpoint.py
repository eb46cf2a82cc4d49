"""The ends of all streams, signed, to be kept elsewhere: what was cut off later, or deleted whole, shows.

Inside the database nobody can see that a stream's last events are gone together with what they changed. A
checkpoint is a text of one line for each stream (name, number of its last event, hash), signed with Ed25519
(RFC 8032); kept on another machine, it convicts whoever shortened history since.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.history.wrong import Fault, Wrong
from workflow.store.history import Event

_TITLE: Final = "commendo checkpoint 1"
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a stream when a checkpoint was taken."""

    stream: str
    seq: int
    hash: bytes

    def line(self) -> str:
        """Return the head as a line of a checkpoint."""
        return f"{self.stream} {self.seq} {self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint whose signature was found right: by which key (in hex), when it was taken, its heads."""

    public_key: str
    taken_at: str
    heads: Sequence[Head]


def write_checkpoint(session: Session, key: Ed25519PrivateKey, *, now: datetime) -> Iterator[str]:
    """Yield the lines of a checkpoint of all streams as they end now, its signature last."""
    lines = [
        _TITLE,
        f"taken {now.astimezone(UTC).isoformat(timespec='seconds')}",
        f"key {key.public_key().public_bytes_raw().hex()}",
    ]
    newest = (
        select(Event.stream, Event.seq, Event.hash)
        .ext(distinct_on(Event.stream))
        .order_by(Event.stream, Event.seq.desc())
    )
    rows = session.execute(newest.execution_options(yield_per=_BATCH))
    lines += [Head(row.stream, row.seq, row.hash).line() for row in rows]
    yield from lines
    yield f"signature {key.sign(_signed(lines)).hex()}"


def read_checkpoint(text: str) -> Checkpoint:
    """Return what a checkpoint says; raise `InvalidField` for one that is none or is signed wrongly."""
    lines = text.splitlines()
    if len(lines) < len((_TITLE, "taken", "key", "signature")) or lines[0] != _TITLE:
        raise _refused(f"this is no checkpoint: its first line is not '{_TITLE}'")
    try:
        taken_at, key = lines[1].removeprefix("taken "), lines[2].removeprefix("key ")
        signature = bytes.fromhex(lines[-1].removeprefix("signature "))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, _signed(lines[:-1]))
        heads = [_head(line) for line in lines[3:-1]]
    except InvalidSignature as problem:
        raise _refused("its signature does not fit: it was changed after it was signed") from problem
    except ValueError as problem:
        raise _refused("it is cut short or was changed: a line cannot be read") from problem
    return Checkpoint(key, taken_at, heads)


def compare(session: Session, checkpoint: Checkpoint) -> Iterator[tuple[str, Fault]]:
    """Yield `(stream, fault)` for each stream that does not hold what the checkpoint saw of it."""
    for heads in _batches(checkpoint.heads):
        wanted = {(head.stream, head.seq): head for head in heads}
        rows = session.execute(
            select(Event.stream, Event.seq, Event.hash).where(
                tuple_(Event.stream, Event.seq).in_(list(wanted))
            )
        )
        found = {(row.stream, row.seq): row.hash for row in rows}
        for place, head in wanted.items():
            if place not in found:
                yield head.stream, Fault(Wrong.CUT_OFF, {"events": head.seq})
            elif found[place] != head.hash:
                yield head.stream, Fault(Wrong.OTHER_EVENTS, {"events": head.seq})


def _batches(heads: Sequence[Head]) -> Iterable[Sequence[Head]]:
    return (heads[first : first + _BATCH] for first in range(0, len(heads), _BATCH))


def _signed(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _head(line: str) -> Head:
    stream, seq, digest = line.split(" ")
    return Head(stream, int(seq), bytes.fromhex(digest))


def _refused(message: str) -> InvalidField:
    return InvalidField(f"The checkpoint: {message}.", errors=[FieldError("checkpoint", message)])
