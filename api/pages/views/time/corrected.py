"""What was corrected since a nomination came back: words side by side, what changed in them, papers."""

import re
from collections.abc import Sequence
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
    returned = last_return_among(session, seen.definition_id, entries)
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
    for word, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if a < b:
            before.append(TextPiece("".join(old[a:b]), is_other=word != "equal"))
        if c < d:
            after.append(TextPiece("".join(new[c:d]), is_other=word != "equal"))
    return SideBySide(text.field, tuple(before), tuple(after))
