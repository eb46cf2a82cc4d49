"""Several papers put to several places in one request: each is taken or refused by itself.

What is refused of one paper leaves the others where they were put. One file may come for many places: it is
kept once, as the scan of a decision is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, Reason, Refusal, RequirementsMissing
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.media import Incoming
from workflow.domain.papers.rules import demand_attachable
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.answers import RefusedItem
from workflow.operations.papers.attach import Archive, NewPaper, paper_values, put
from workflow.operations.papers.roots import Held, lock_root

MOST_AT_ONCE: Final = 100
"""So many papers are put to places in one request."""
# The lock order: what names are on before the names.
_ORDER: Final = (PaperRoot.SUBMISSION, PaperRoot.NOMINATION, PaperRoot.EXPECTED_RETURN)


@dataclass(frozen=True, slots=True)
class Piece:
    """One paper for one place. `refused` is why its file was not received."""

    target: Target
    paper: NewPaper
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True)
class PieceResult:
    """What became of one paper at one place; `is_new` is false where the same one lay there already."""

    target: Target
    kind: PaperKind
    filename: str
    is_new: bool = False
    refused: RefusedItem | None = None

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {
            "root": self.target.kind,
            "id": self.target.id,
            "kind": self.kind,
            "filename": self.filename,
            "is_new": self.is_new,
            "refused": self.refused.as_result() if self.refused else None,
        }

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the answer a request key remembered."""
        refused = result["refused"]
        return cls(
            Target(PaperRoot(result["root"]), result["id"]),
            PaperKind(result["kind"]),
            result["filename"],
            result["is_new"],
            RefusedItem.again(refused) if refused else None,
        )


@dataclass(frozen=True, slots=True)
class FiledMany:
    """What became of every paper that a request brought, in the order it brought them."""

    pieces: tuple[PieceResult, ...]

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the outcome a request key remembered."""
        return cls(tuple(PieceResult.again(one) for one in result["pieces"]))

    @property
    def taken(self) -> tuple[PieceResult, ...]:
        """Those that lie there now."""
        return tuple(one for one in self.pieces if one.refused is None)

    @property
    def refused(self) -> tuple[PieceResult, ...]:
        """Those that were not taken."""
        return tuple(one for one in self.pieces if one.refused is not None)


def attach_many(
    session: Session,
    *,
    actor: Actor,
    pieces: Sequence[Piece],
    archive: Archive,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> FiledMany:
    """Put each paper where it belongs, answer for each, and commit.

    Raises `InvalidField` for none or too many, `RequirementsMissing` without the confirmation that the
    archive asks for, which is given once for all.
    """
    demand_count(len(pieces))
    if archive.asks_secrecy and not all(one.paper.confirms_not_secret for one in pieces):
        message = "Confirm that nothing in the files is a state secret."
        raise RequirementsMissing(message, reasons=[Reason("secrecy_not_confirmed", message)])
    answered: Mapping[str, Any] | None = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return FiledMany.again(answered)
    desk = _Desk(session, actor, archive, via, now)
    # All places are locked before the first paper is put: that holds back what the account brings elsewhere,
    # and whoever held one of these places meanwhile would wait for it.
    held = {target: desk.hold(target) for target in _in_lock_order(pieces)}
    results = [desk.put(held, piece) for piece in pieces]
    outcome = FiledMany(tuple(results))
    settle_key(session, claim, actor=actor, result={"pieces": [one.as_result() for one in outcome.pieces]})
    for file in _new_files(pieces, results):
        archive.folder.keep(file)
    session.commit()
    return outcome


def demand_count(count: int) -> None:
    """Raise `InvalidField` for no paper at all, and for more than one request brings."""
    if count == 0:
        message = "choose at least one file"
        raise InvalidField(f"file: {message}.", reasons=[Reason("no_file_chosen", message)])
    if count > MOST_AT_ONCE:
        message = f"send at most {MOST_AT_ONCE} papers at once"
        reason = Reason("too_many_papers", message, {"most": str(MOST_AT_ONCE)})
        raise InvalidField(f"file: {message}.", errors=[FieldError("file", message)], reasons=[reason])


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who brings papers, how they are kept here, by which way they came."""

    session: Session
    actor: Actor
    archive: Archive
    via: Via
    now: datetime

    def hold(self, target: Target) -> Held | Refusal:
        """Lock a place, or return why it is none for the actor."""
        try:
            return lock_root(self.session, self.actor, target, version=None, now=self.now)
        except Refusal as refusal:
            return refusal

    def put(self, held: dict[Target, Held | Refusal], piece: Piece) -> PieceResult:
        """Put one paper to its place. What stands against it is raised before anything of it is written."""
        answer = PieceResult(piece.target, piece.paper.kind, piece.paper.filename)
        place = piece.refused or held[piece.target]
        if isinstance(place, Refusal):
            return replace(answer, refused=RefusedItem.of(place))
        try:
            is_new = self._file(place, piece.paper)
        except Refusal as refusal:
            return replace(answer, refused=RefusedItem.of(refusal))
        if is_new:
            # Its version and its phase are read anew for the next paper that comes here.
            held[piece.target] = self.hold(piece.target)
        return replace(answer, is_new=is_new)

    def _file(self, place: Held, paper: NewPaper) -> bool:
        values = paper_values(paper, asks_secrecy=self.archive.asks_secrecy)
        filed = put(
            self.session,
            place,
            values,
            actor=demand_attachable(self.actor, place.root.desk, paper.kind),
            quota=self.archive.quota,
            confirms_not_secret=paper.confirms_not_secret,
            via=self.via,
            now=self.now,
        )
        return filed.is_new


def _in_lock_order(pieces: Sequence[Piece]) -> list[Target]:
    targets = {one.target for one in pieces if one.refused is None}
    return sorted(targets, key=lambda target: (_ORDER.index(target.kind), target.id))


def _new_files(pieces: Sequence[Piece], results: Sequence[PieceResult]) -> list[Incoming]:
    """Return each file that lies anywhere now and did not before, once."""
    found = {
        piece.paper.file.storage_name: piece.paper.file
        for piece, result in zip(pieces, results, strict=True)
        if result.is_new and piece.paper.file is not None
    }
    return list(found.values())
