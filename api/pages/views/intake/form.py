"""What the form of names by papers brought: each file with the places that it is meant for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import request
from werkzeug.datastructures import FileStorage

from api.catalogue import say
from api.pages.identity import current_locale
from api.pages.typed import NotTaken
from workflow.domain.errors import InvalidField, Refusal
from workflow.domain.numerals import whole_number
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.media import Incoming
from workflow.domain.vocabulary import PaperKind
from workflow.operations.papers.attach import NewPaper
from workflow.operations.papers.attach_many import Piece

SHARED: Final = "shared"
"""The file that is meant for several names; `shared_kind` says what it is, `shared_names` whose."""
_CELL: Final = re.compile(r"file-(nomination|submission)-([0-9]{1,18})-([a-z_]{1,40})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Brought:
    """One file, what it is, and the places that it is meant for."""

    file: FileStorage
    kind: PaperKind
    targets: tuple[Target, ...]


def cell_name(target: Target, kind: PaperKind) -> str:
    """Return what the form calls the file of one kind for one place."""
    return f"file-{target.kind}-{target.id}-{kind}"


def brought() -> list[Brought]:
    """Return every file that was chosen, in the order of the form. Raises `NotTaken`."""
    found = []
    for name, file in request.files.items(multi=True):
        if not file.filename:
            continue
        found.append(_shared(file) if name == SHARED else _of_cell(name, file))
    return found


def pieces_of(
    given: Sequence[Brought], received: Sequence[Incoming | Refusal], *, confirms: bool
) -> list[Piece]:
    """Return each paper for each of its places, with what was received of it or why nothing was."""
    pieces = []
    for one, got in zip(given, received, strict=True):
        file, refused = (None, got) if isinstance(got, Refusal) else (got, None)
        paper = NewPaper(
            kind=one.kind, filename=one.file.filename or "", confirms_not_secret=confirms, file=file
        )
        pieces += [Piece(target, paper, refused) for target in one.targets]
    return pieces


def _of_cell(name: str, file: FileStorage) -> Brought:
    match = _CELL.fullmatch(name)
    if match is None or match[3] not in set(PaperKind):
        raise NotTaken({name: say(current_locale(), "form.unreadable")})
    return Brought(file, PaperKind(match[3]), (Target(PaperRoot(match[1]), int(match[2])),))


def _shared(file: FileStorage) -> Brought:
    kind, names = request.form.get("shared_kind", ""), request.form.getlist("shared_names")
    words = {}
    if kind not in set(PaperKind):
        words["shared_kind"] = say(current_locale(), "form.not_in_list")
    if not names:
        words["shared_names"] = say(current_locale(), "intake.nobody_ticked")
    try:
        ids = [whole_number(name, field="shared_names", least=1) for name in dict.fromkeys(names)]
    except InvalidField:
        words["shared_names"] = say(current_locale(), "form.unreadable")
    if words:
        raise NotTaken(words)
    return Brought(file, PaperKind(kind), tuple(Target(PaperRoot.NOMINATION, each) for each in ids))
