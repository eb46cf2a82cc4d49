"""Comments on a nomination: said, and taken back by who said it. Neither is ever written over.

A comment is an event of the nomination's stream; it moves no version, so nobody's screen is stale by it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self, cast
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound, Reason
from workflow.domain.facts import MoveRequest
from workflow.domain.remarks import Remark
from workflow.domain.rights.comments import Standpoint, reads_comment, refuse_comment, standpoint
from workflow.domain.rights.policy import NOT_YOURS, Actor, demand_role
from workflow.domain.rights.scope import keys_over
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Via
from workflow.operations.comments.naming import (
    CommentDraft,
    close_mentions,
    close_own,
    tell_named,
    whom_it_names,
)
from workflow.operations.history.record import Change, append_changes
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.versions import as_of_now, take_nomination
from workflow.store.definitions import load_definition
from workflow.store.history import Event
from workflow.store.locked import Locked


@dataclass(frozen=True, slots=True)
class CommentSaid:
    """What became of a comment: its entry in the history, whom it names and tells, whom it does not reach."""

    id: UUID
    was_answered_before: bool = False
    told: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()

    @property
    def as_result(self) -> dict[str, object]:
        """Give what a request key remembers of it."""
        return {"id": str(self.id), "told": list(self.told), "unheard": list(self.unheard)}

    @classmethod
    def again(cls, result: dict[str, object]) -> Self:
        """Return what a request key remembered."""
        told, unheard = (
            tuple(map(str, cast("list[str]", result.get(name, ())))) for name in ("told", "unheard")
        )
        return cls(UUID(str(result["id"])), was_answered_before=True, told=told, unheard=unheard)


def say(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    comment: CommentDraft,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> CommentSaid:
    """Write a comment for some of those who see the nomination, tell whom it names, and commit.

    Raises `NotFound`, `InvalidField` without words and for a name that several have, `Forbidden` for readers
    it is not theirs to write for, `MoveNotOpen` once it is closed.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return CommentSaid.again(answered)
    demand_role(actor)
    locked = take_nomination(session, nomination_id, None, actor=actor, now=now)
    words, audience = _words(comment.text), comment.audience
    person = _standpoint(session, as_of_now(actor, locked), locked)
    refusal = refuse_comment(person, audience, is_closed=locked.facts.is_closed)
    if refusal is not None:
        raise refusal
    seat = person.seats[0] if person.seats else None
    naming = whom_it_names(
        session, locked, actor=actor, comment=replace(comment, text=words), seat=seat, now=now
    )
    data: dict[str, object] = {"for": audience, "seat": seat} | naming.as_told
    request = MoveRequest(Remark.COMMENT, comment=words)
    [recorded] = append_changes(session, [Change(locked, request, actor, via, now, data=data)])
    close_own(session, locked, account_id=actor.account_id, now=now)
    tell_named(session, naming, locked, actor=actor, event_id=recorded.event_id, now=now)
    said = CommentSaid(recorded.event_id, told=naming.names, unheard=naming.unheard)
    settle_key(session, claim, actor=actor, result=said.as_result)
    session.commit()
    return said


def take_back(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    comment_id: UUID,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> CommentSaid:
    """Take back what the actor said, and commit; that they said something stays, as does the record.

    Raises `NotFound`, for a comment that is not for them too, `Forbidden` for somebody else's, `Conflict` the
    second time.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return CommentSaid.again(answered)
    demand_role(actor)
    locked = take_nomination(session, nomination_id, None, actor=actor, now=now)
    told = _own_comment(session, as_of_now(actor, locked), locked, comment_id)
    data = {"comment": str(comment_id), "for": told["for"], "seat": told["seat"]}
    append_changes(session, [Change(locked, MoveRequest(Remark.WITHDRAW), actor, via, now, data=data)])
    close_mentions(session, event_id=comment_id, now=now)
    settle_key(session, claim, actor=actor, result={"id": str(comment_id)})
    session.commit()
    return CommentSaid(comment_id)


def _own_comment(session: Session, actor: Actor, locked: Locked, comment_id: UUID) -> dict[str, object]:
    """Return what a comment of the actor's tells, which they did not take back yet."""
    stream = f"nomination:{locked.facts.nomination_id}"
    row = session.execute(
        select(Event.actor_id, Event.data).where(
            Event.stream == stream, Event.id == comment_id, Event.action == Remark.COMMENT
        )
    ).one_or_none()
    person = _standpoint(session, actor, locked)
    if row is None or not reads_comment(person, row.data["for"], row.data["seat"], row.actor_id):
        raise NotFound("There is no such comment among those you read.")
    if row.actor_id != actor.account_id:
        message = "Somebody else said this; only they take it back."
        raise Forbidden(message, reasons=[Reason(NOT_YOURS, message)])
    taken = exists().where(
        Event.stream == stream,
        Event.action == Remark.WITHDRAW,
        Event.data["comment"].astext == str(comment_id),
    )
    if session.scalar(select(taken)):
        message = "You took it back already."
        raise Conflict(message, reasons=[Reason("comment_taken_back", message)])
    return dict(row.data)


def _words(text: str) -> str:
    words = normalise(text).strip()
    if not words:
        raise InvalidField("text: Write something.", errors=[FieldError("text", "Write something.")])
    return words


def _standpoint(session: Session, actor: Actor, locked: Locked) -> Standpoint:
    starter, facts = load_definition(session, locked.definition_id).starter, locked.facts
    return standpoint(
        actor.account_id,
        keys_over(actor.keys, actor.scope, unit_id=facts.unit_id, audience=facts.audience),
        audience=facts.audience,
        starter=starter.role if starter else "",
        is_nominee=facts.actor_is_subject,
    )
