"""What was done to nominations last, where that is so lately that it may be undone."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, exists, or_, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.history.attested import SIGNED
from workflow.domain.moves.undoing import LastAct
from workflow.domain.remarks import Remark
from workflow.domain.vocabulary import MailState, Via, changes_version
from workflow.store.base import among
from workflow.store.database import undo_window
from workflow.store.history import Event
from workflow.store.locked import Locked
from workflow.store.mail import Outbox
from workflow.store.nominations import Decision, Nomination
from workflow.store.outbox_results import MAYBE_SENT

HAS_LEFT: Final = or_(Outbox.state == MailState.SENT, Outbox.state_reason.startswith(MAYBE_SENT))
"""The condition of mails that left, or that a server may have."""


def read_last_act(session: Session, locked: Locked, *, now: datetime) -> LastAct | None:
    """Return what changed a nomination last, None where it is longer ago than may be undone."""
    return read_last_acts(session, [locked], now=now).get(locked.facts.nomination_id)


def read_last_acts(session: Session, nominations: Sequence[Locked], *, now: datetime) -> dict[int, LastAct]:
    """Return what changed each nomination last, by its id, where that may still be undone.

    It asks the database only where something happened within that time.
    """
    since = now - undo_window(session)
    lately = {
        f"nomination:{one.facts.nomination_id}": one.facts.nomination_id
        for one in nominations
        if one.last_at is not None and one.last_at > since
    }
    last, followed = dict[int, Row[Any]](), set[int]()
    for event in _events(session, lately, since=since) if lately else ():
        number = lately[event.stream]
        if number in last:
            continue
        if changes_version(via=event.via, action=event.action):
            last[number] = event
        elif event.via != Via.TIMER and event.action not in set(Remark):
            followed.add(number)
    signed = {decision for event in last.values() if (decision := _signed(event)) is not None}
    told = _told_of(session, signed) if signed else frozenset[int]()
    return {
        number: _to_act(event, is_followed=number in followed, is_told=_signed(event) in told)
        for number, event in last.items()
    }


def _events(session: Session, streams: Iterable[str], *, since: datetime) -> Sequence[Row[Any]]:
    """Return the events of nominations since then, the newest of each first."""
    names = ("id", "stream", "seq", "action", "source", "dest", "via", "actor_id", "recorded_at", "data")
    statement: Select[*tuple[Any, ...]] = (
        select(*(getattr(Event, name) for name in names))
        .where(among(Event.stream, streams), Event.recorded_at > since)
        .order_by(Event.stream, Event.seq.desc())
    )
    return session.execute(statement).all()


def _signed(event: Row[Any]) -> int | None:
    """Return the decision that an event says was signed."""
    return event.data.get("decision") if SIGNED in event.data else None


def _to_act(event: Row[Any], *, is_followed: bool, is_told: bool) -> LastAct:
    return LastAct(
        event_id=event.id,
        seq=event.seq,
        action=event.action,
        source=event.source,
        dest=event.dest,
        via=event.via,
        actor_id=event.actor_id,
        at=event.recorded_at,
        is_followed=is_followed,
        is_told=is_told,
        data=event.data,
    )


def _told_of(session: Session, decisions: Iterable[int]) -> frozenset[int]:
    """Return those of signed numbers of which a letter has left: about any name that they cover.

    It is asked once for all: a list is signed with one number, and its letters are looked through each time.
    """
    telling = aliased(Event)
    told = exists().where(
        Nomination.decision_id == Decision.id,
        Outbox.nomination_id == Nomination.id,
        HAS_LEFT,
        telling.id == Outbox.event_id,
        telling.data["decision"].as_integer() == Decision.id,
    )
    return frozenset(session.scalars(select(Decision.id).where(among(Decision.id, decisions), told)))
