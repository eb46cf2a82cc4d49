"""Putting papers to a nomination, a submission or a unit's answer.

The file is on the disk before its row is committed; whoever uploads it confirms that nothing in it is a state
secret. A secret paper is a stub: its number and where it is kept, never its bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self, cast
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, Reason, RequirementsMissing
from workflow.domain.papers.filenames import clean_filename
from workflow.domain.papers.kinds import Target
from workflow.domain.papers.media import Incoming
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.papers.rules import (
    PaperAction,
    demand_attachable,
)
from workflow.domain.rights.policy import Actor
from workflow.domain.text import normalise
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.papers.roots import Held, lock_root, record_on
from workflow.store.attachments import Attachment
from workflow.store.conditions import is_kept
from workflow.store.ids import uuid7
from workflow.store.paper_files import PaperFolder
from workflow.store.paper_room import demand_room, wait_for_other_papers

LONGEST_PLACE: Final = 300


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper as it is handed in: its kind and its file, or the number and the place of a secret one.

    `seen_version` is that of what it is put to, where somebody saw one; adding contradicts nothing.
    """

    kind: PaperKind
    filename: str = ""
    confirms_not_secret: bool = False
    secret_number: str = ""
    secret_place: str = ""
    file: Incoming | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """How an installation keeps papers: where, how much, and whether it asks if a file is a state secret."""

    folder: PaperFolder
    quota: PaperQuota
    asks_secrecy: bool = True


@dataclass(frozen=True, slots=True)
class Filed:
    """Which row a paper became. `is_new` is false when the same file of the same kind lay there already."""

    attachment_id: UUID
    is_new: bool = True
    was_answered_before: bool = False

    @classmethod
    def again(cls, result: dict[str, object]) -> Self:
        """Return what a request key remembered."""
        return cls(UUID(str(result["attachment_id"])), is_new=False, was_answered_before=True)


def attach(
    session: Session,
    *,
    actor: Actor,
    target: Target,
    paper: NewPaper,
    archive: Archive,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> Filed:
    """Put a received file, or the stub of a secret paper, to what it belongs to and commit.

    Raises `NotFound`, `StaleNomination`, `Forbidden`, `InvalidField`, `RequirementsMissing` without the
    confirmation that the archive asks for, `PapersFull` beyond its quota.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return Filed.again(answered)
    values = paper_values(paper, asks_secrecy=archive.asks_secrecy)
    held = lock_root(session, actor, target, version=paper.seen_version, now=now)
    actor = demand_attachable(actor, held.root.desk, paper.kind)
    filed = put(
        session,
        held,
        values,
        actor=actor,
        quota=archive.quota,
        confirms_not_secret=paper.confirms_not_secret,
        via=via,
        now=now,
    )
    settle_key(session, claim, actor=actor, result={"attachment_id": str(filed.attachment_id)})
    if filed.is_new and paper.file is not None:
        archive.folder.keep(paper.file)
    session.commit()
    return filed


def put(
    session: Session,
    held: Held,
    values: Mapping[str, object],
    *,
    actor: Actor,
    quota: PaperQuota,
    confirms_not_secret: bool,
    via: Via,
    now: datetime,
) -> Filed:
    """Write that a paper lies at what is held, unless the same one does already. Never commits.

    The same file may lie at many: it is kept once. Raises `PapersFull` before anything is written.
    """
    twin = session.scalars(_same(held, values)).first()
    if twin is not None:
        return Filed(twin, is_new=False)
    attachment_id = uuid7(now)
    if "byte_count" in values:
        wait_for_other_papers(session, actor.account_id)
        demand_room(
            session,
            held.root,
            account_id=actor.account_id,
            byte_count=cast("int", values["byte_count"]),
            storage_name=str(values["storage_name"]),
            quota=quota,
            now=now,
        )
    data = told_of(attachment_id, values, confirms_not_secret=confirms_not_secret)
    record_on(session, held, PaperAction.ATTACH, actor=actor, via=via, now=now, data=data)
    row = {"id": attachment_id, held.column: held.root.id, "uploaded_by": actor.account_id}
    session.execute(insert(Attachment).values(**row, **values, uploaded_at=now))
    return Filed(attachment_id)


def told_of(
    attachment_id: UUID, values: Mapping[Any, Any], *, confirms_not_secret: bool = False
) -> dict[str, object]:
    """Return what history says of a paper: never its name, which may be somebody's.

    `confirms_not_secret`: whoever brought it confirmed that nothing in it is a state secret.
    """
    told: dict[str, object] = {"attachment": str(attachment_id), "kind": str(values["kind"])}
    digest = values.get("sha256")
    if digest is None:
        return told | {"secret": True}
    confirmed = {"not_secret": True} if confirms_not_secret else {}
    return told | {"sha256": digest.hex(), "size": values["byte_count"]} | confirmed


def paper_values(paper: NewPaper, *, asks_secrecy: bool) -> dict[str, object]:
    """Return the columns that say what the paper is: a file with its hash, or a stub."""
    number = normalise(paper.secret_number, field="secret_number", single_line=True)
    place = normalise(paper.secret_place, field="secret_place", single_line=True)
    if paper.file is None:
        return {"kind": paper.kind, "filename": "", **_stub(number, place)}
    if number or place:
        message = "a secret paper is named by number and place; its file stays where it is"
        raise InvalidField(f"file: {message}.", errors=[FieldError("file", message)])
    if asks_secrecy and not paper.confirms_not_secret:
        message = "Confirm that nothing in the file is a state secret."
        raise RequirementsMissing(message, reasons=[Reason("secrecy_not_confirmed", message)])
    return {
        "kind": paper.kind,
        "filename": clean_filename(paper.filename, paper.file.media_type),
        "media_type": paper.file.media_type,
        "byte_count": paper.file.byte_count,
        "sha256": paper.file.sha256,
        "storage_name": paper.file.storage_name,
    }


def _stub(number: str, place: str) -> dict[str, object]:
    given = {"secret_number": number, "secret_place": place}
    if not any(given.values()):
        message = "send a file, or the number and the place of a secret paper"
        raise InvalidField(f"file: {message}.", errors=[FieldError("file", message)])
    errors = [FieldError(name, "is required of a secret paper") for name, text in given.items() if not text]
    errors += [FieldError(name, "is too long") for name, text in given.items() if len(text) > LONGEST_PLACE]
    if errors:
        raise InvalidField("A secret paper needs its number and its place.", errors=errors)
    return dict(given)


def _same(held: Held, values: Mapping[str, object]) -> Select[UUID]:
    """Select the same paper where it lies already: the same bytes or secret number, as this kind."""
    name = "sha256" if "sha256" in values else "secret_number"
    return select(Attachment.id).where(
        getattr(Attachment, held.column) == held.root.id,
        Attachment.kind == values["kind"],
        getattr(Attachment, name) == values[name],
        is_kept(),
    )
