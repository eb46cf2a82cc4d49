"""What was said beside a nomination, as its reader may read it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from workflow.domain.remarks import MENTIONS, Audience, Remark
from workflow.domain.rights.comments import Standpoint, audiences_of, reads_comment, standpoint
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import keys_over
from workflow.queries.nominations.prepared import keys_of
from workflow.queries.nominations.seen import Seen
from workflow.store.definitions import shown_definition
from workflow.store.history import Event
from workflow.store.locked import Locked

REMARKS: Final = frozenset(Remark)


@dataclass(frozen=True, slots=True)
class CommentNote:
    """For whom an entry of the history was said, and whether its author took it back: its words go then.

    `mentioned` are those whom it names and who were told, `names_me` whether the reader is one; whom it named
    and did not reach (`unheard`) its author alone is told.
    """

    audience: Audience
    seat: str | None
    is_taken_back: bool
    is_mine: bool
    mentioned: tuple[str, ...]
    names_me: bool
    unheard: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remarks:
    """What makes of an entry with a comment what one person reads of it."""

    person: Standpoint
    taken_back: Collection[str]

    def hides(self, data: Mapping[str, Any], author_id: int | None) -> bool:
        """Return whether the entry is not for this reader at all."""
        return not reads_comment(self.person, data["for"], data["seat"], author_id)

    def note(
        self, event_id: object, data: Mapping[str, Any], author_id: int | None, names: Mapping[int, str]
    ) -> CommentNote:
        """Return what an entry says beside its words, with the `names` of accounts."""
        is_taken_back, is_mine = str(event_id) in self.taken_back, author_id == self.person.account_id
        told = () if is_taken_back else data.get(MENTIONS, ())
        return CommentNote(
            Audience(data["for"]),
            data["seat"],
            is_taken_back,
            is_mine,
            mentioned=tuple(names.get(one, "") for one in told),
            names_me=self.person.account_id in told,
            unheard=tuple(data.get("unheard", ())) if is_mine and not is_taken_back else (),
        )


def remarks_among(
    session: Session, rows: Sequence[Row[Any]], actor: Actor, nomination_id: int, seen: Seen
) -> Remarks | None:
    """Return how the actor reads the comments among these entries, asked only where there is one."""
    if not any(row.action in REMARKS for row in rows):
        return None
    taken = session.scalars(_TAKEN_BACK, {"stream": f"nomination:{nomination_id}"})
    return Remarks(reader_of_comments(session, actor, seen), frozenset(taken))


def reader_of_comments(session: Session, actor: Actor, seen: Seen) -> Standpoint:
    """Return how the actor stands to what was said beside a nomination that they see."""
    starter = shown_definition(session, seen.definition_id).starter
    return standpoint(
        actor.account_id,
        keys_of(actor, nominee=seen.person_id, unit_id=seen.unit_id, audience=seen.audience),
        audience=seen.audience,
        starter=starter.role if starter else "",
        # Once it is decided the nominee reads who reviewed; what was said among them is said to them never.
        is_nominee=seen.person_id is not None and seen.person_id == actor.person_id,
    )


def audiences_for(session: Session, locked: Locked, *, actor: Actor) -> tuple[Audience, ...]:
    """Return for whom the actor may write a comment on a nomination now."""
    facts = locked.facts
    if facts.is_closed:
        return ()
    starter = shown_definition(session, locked.definition_id).starter
    return audiences_of(
        standpoint(
            actor.account_id,
            keys_over(actor.keys, actor.scope, unit_id=facts.unit_id, audience=facts.audience),
            audience=facts.audience,
            starter=starter.role if starter else "",
            is_nominee=facts.actor_is_subject,
        )
    )


_TAKEN_BACK = select(Event.data["comment"].astext).where(
    Event.stream == bindparam("stream"), Event.action == Remark.WITHDRAW
)
