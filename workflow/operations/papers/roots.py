"""What papers belong to, taken under lock; and its history, in which they are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from workflow.domain.facts import MoveRequest
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.rules import PaperAction
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import Via
from workflow.operations.history.record import Change, write_changes
from workflow.operations.history.streams import append_event
from workflow.operations.nominations.versions import take_nomination
from workflow.operations.submissions.versions import bump, stale_list
from workflow.store.definitions import load_definition
from workflow.store.locked import Locked
from workflow.store.locked_submissions import lock_listed
from workflow.store.paper_desks import PaperHome, nomination_root, read_root
from workflow.store.submissions import ExpectedReturn, Submission


@dataclass(frozen=True, slots=True)
class Held:
    """A root under lock; `locked` and `definition` are those of a nomination."""

    root: PaperHome
    locked: Locked | None = None
    definition: Definition | None = None

    @property
    def column(self) -> str:
        """The column of `attachment` that names it."""
        return f"{self.root.kind}_id"


_LOCKS: Final = {
    PaperRoot.SUBMISSION: select(Submission.id).where(Submission.id == bindparam("root_id")),
    PaperRoot.EXPECTED_RETURN: select(ExpectedReturn.id).where(ExpectedReturn.id == bindparam("root_id")),
}


def lock_root(
    session: Session,
    actor: Actor,
    target: Target,
    *,
    version: int | None,
    now: datetime,
    with_names: bool = False,
) -> Held:
    """Lock what papers belong to. Raises `NotFound`, `StaleNomination`, `StaleSubmission`.

    `with_names` locks a submission's list too, for what no name may rest a step on meanwhile.
    """
    if target.kind is PaperRoot.NOMINATION:
        return _lock_nomination(session, actor, target.id, version, now)
    session.execute(_LOCKS[target.kind].with_for_update(key_share=True), {"root_id": target.id})
    if with_names and target.kind is PaperRoot.SUBMISSION:
        lock_listed(session, [target.id])
    root = read_root(session, actor, target, now=now)
    # What a unit owes a round has no version to be seen.
    if root.kind is PaperRoot.SUBMISSION and version not in {None, root.version}:
        raise stale_list(session, root.id, seen=version or 0, now_at=root.version, actor=actor)
    return Held(root)


def record_on(
    session: Session,
    held: Held,
    action: PaperAction,
    *,
    actor: Actor,
    via: Via,
    now: datetime,
    data: Mapping[str, object],
    words: str = "",
) -> None:
    """Tell in the root's history that a paper came or went; the version moves with the dossier."""
    root = held.root
    if held.locked is not None:
        request = MoveRequest(action, comment=words)
        write_changes(session, [Change(held.locked, request, actor, via, now, data=data)])
        return
    if root.kind is PaperRoot.SUBMISSION:
        bump(session, root.id)
    told = {**data, "unit": root.desk.unit}
    append_event(session, root.stream, action, actor=actor, via=via, now=now, data=told, words=words)


def _lock_nomination(
    session: Session, actor: Actor, nomination_id: int, version: int | None, now: datetime
) -> Held:
    locked = take_nomination(session, nomination_id, version, actor=actor, now=now)
    definition = load_definition(session, locked.definition_id)
    return Held(nomination_root(locked, definition), locked, definition)
