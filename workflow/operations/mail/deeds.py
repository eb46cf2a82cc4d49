"""What the reader of a letter about one work item is asked to do, each action with its address; codes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import CourtesyAction, NoticeKind
from workflow.messages import phrases
from workflow.messages.action_links import CODE_MINUTES, ActionLink
from workflow.messages.compose import LetterLink
from workflow.operations.mail.post import Post
from workflow.operations.mail.said import is_asked
from workflow.store.access import ActionCode
from workflow.store.base import among
from workflow.store.correspondence import Promise
from workflow.store.database import timezone_of
from workflow.store.definitions import load_definition

_ASKS: Final = frozenset({NoticeKind.WORK_OPENED, NoticeKind.REMINDER})
_MOST: Final = 3
_CODE_OVER: Final = "code_over"
_NO_CODE: Final = "no_code"
_LASTS: Final = timedelta(minutes=CODE_MINUTES)


def deeds_of(session: Session, promise: Promise, post: Post) -> tuple[LetterLink, ...]:
    """Return the moves that a letter's work item waits for with their addresses, at most three.

    They are those that the definition gives to whoever owns the step; whether one is open to its reader is
    asked when the address is followed. Behind them stands the address that asks for another date. Who is not
    to do the work gets none.
    """
    if post.action_links is None or promise.notice not in _ASKS or not is_asked(promise):
        return ()
    if promise.nomination_id is None or promise.work_item_id is None or promise.state is None:
        return ()
    definition = load_definition(session, promise.definition_id or 0)
    if not definition.has_step(promise.state):
        return ()
    state, links, base = promise.state, post.action_links, post.base_url.rstrip("/")
    owner = definition.step(state).owner
    moves = [one for one in definition.moves_from(state) if definition.by_of(one, state) == owner]
    link = ActionLink(
        promise.account_id, promise.nomination_id, promise.last_seq or 0, promise.work_item_id, ""
    )
    asked = [(one.name, one.label.text(promise.locale)) for one in moves[:_MOST]]
    if promise.due_at is not None:
        asked.append((CourtesyAction.PROPOSE_DATE, phrases.ASK_FOR_DATE[promise.locale]))
    return tuple(
        LetterLink(f"{base}{links.path_to(replace(link, action=name))}", label) for name, label in asked
    )


def void_codes(session: Session, promises: Iterable[Promise], post: Post, now: datetime) -> dict[UUID, str]:
    """Return by promise why its code is not sent: it is over, or there is none; of other mails nothing."""
    asked = {_code_id(one): one.id for one in promises if one.notice == NoticeKind.ACTION_CODE}
    if not asked:
        return {}
    rows = session.scalars(select(ActionCode).where(among(ActionCode.id, asked)))
    found = {row.id: row for row in rows}
    why = {promise: _why_not(found.get(code_id), post, now) for code_id, promise in asked.items()}
    return {promise: reason for promise, reason in why.items() if reason is not None}


def said_code(session: Session, promise: Promise, post: Post) -> Mapping[str, Any]:
    """Return the code that a letter says and until when it can be entered; nothing of any other letter."""
    if promise.notice != NoticeKind.ACTION_CODE or post.action_links is None:
        return {}
    until = (promise.created_at + _LASTS).astimezone(ZoneInfo(timezone_of(session)))
    return {"code": post.action_links.code_of(_code_id(promise)), "code_until": until}


def _code_id(promise: Promise) -> UUID:
    """Return the code a letter is about: what its fold key ends in."""
    return UUID(promise.fold_key.rpartition(":")[2])


def _why_not(row: ActionCode | None, post: Post, now: datetime) -> str | None:
    links = post.action_links
    if row is None or links is None or row.closed_at is not None or row.created_at <= now - _LASTS:
        return _CODE_OVER
    return None if row.code_hash == links.hash_of_code(row.id, links.code_of(row.id)) else _NO_CODE
