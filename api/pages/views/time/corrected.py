"""What was corrected since a nomination came back: words side by side, what changed in them, papers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.papers.rules import PaperAction
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import BuiltIn
from workflow.queries.nominations.diff import NominationDiff, RewrittenText, diff_since, last_return_among
from workflow.queries.nominations.events import EventView
from workflow.queries.nominations.seen import Seen

_PIECES: Final = re.compile(r"\s+|\S+")
# Beyond so many pieces between what both begin and end with, all between counts as other: the library takes
# minutes for the longest text of few different words.
_MOST_COMPARED: Final = 8_000
_WRITTEN: Final = frozenset({BuiltIn.EDIT, PaperAction.ATTACH, PaperAction.REMOVE})


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Some words of a text, and whether the other text has them too."""

    text: str
    is_other: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One part of the dossier as it was and is; `before` is None where its words were not kept then."""

    field: str
    before: tuple[TextPiece, ...] | None
    after: tuple[TextPiece, ...]


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of a nomination since it came back: why it did, its words before and after, its papers."""

    returned: EventView
    texts: tuple[SideBySide, ...]
    diff: NominationDiff


def corrected_since_return(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    seen: Seen,
    entries: Sequence[EventView],
    now: datetime,
) -> Corrected | None:
    """Return what was corrected, None where it never came back or nothing was written since."""
    returned = last_return_among(session, nomination_id, seen.definition_id, entries)
    if returned is None or not any(e.seq > returned.seq and e.action in _WRITTEN for e in entries):
        return None
    diff = diff_since(session, actor=actor, nomination_id=nomination_id, seq=returned.seq, now=now, seen=seen)
    if not diff.texts and not diff.papers:
        return None
    return Corrected(returned, tuple(map(side_by_side, diff.texts)), diff)


def side_by_side(text: RewrittenText) -> SideBySide:
    """Return both texts in pieces, those marked that the other one has not."""
    if text.before is None:
        return SideBySide(text.field, None, (TextPiece(text.after, is_other=False),))
    old, new = _PIECES.findall(text.before), _PIECES.findall(text.after)
    before, after = list[TextPiece](), list[TextPiece]()
    for is_other, one, other in _parts(old, new):
        if one:
            before.append(TextPiece("".join(one), is_other))
        if other:
            after.append(TextPiece("".join(other), is_other))
    return SideBySide(text.field, tuple(before), tuple(after))


def _parts(old: list[str], new: list[str]) -> Iterator[tuple[bool, list[str], list[str]]]:
    """Yield both texts part by part, each with whether it is other in the second."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    one, other = old[head : len(old) - tail], new[head : len(new) - tail]
    yield False, old[:head], new[:head]
    if len(one) + len(other) > _MOST_COMPARED:
        yield True, one, other
    else:
        for word, a, b, c, d in SequenceMatcher(None, one, other).get_opcodes():
            yield word != "equal", one[a:b], other[c:d]
    yield False, old[len(old) - tail :], new[len(new) - tail :]


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Return with how many same pieces both begin."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(old), len(new)))
