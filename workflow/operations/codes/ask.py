"""Asking for a code: the reader of a letter has one mailed to the address of their account.

Whoever has the address in a letter may ask, the reader or a stranger it was forwarded to; both get the same
answer after the same work. Whether a code is really sent depends on the account, the work and the route.
Source: ASVS 5.0, 6.3.8 and 6.5.1-6.5.5.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound, TooManyAttempts
from workflow.domain.moves.by_code import allows_code
from workflow.domain.moves.engine import is_personal, open_move
from workflow.domain.rights.policy import Actor, guises, refuse_move
from workflow.domain.rights.scope import Depth, place_of, sees
from workflow.domain.vocabulary import NoticeKind, Via
from workflow.messages.action_links import CODE_MINUTES, ActionLink, ActionLinks
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.people.sign_in_limits import network_of
from workflow.store.access import Account, ActionCode
from workflow.store.conditions import is_active, is_open
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.ids import uuid7
from workflow.store.locked import Locked, read_nominations
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.people import load_actor

WINDOW: Final = timedelta(hours=1)
MOST_FOR_ASKER: Final = 5
MOST_FOR_ACCOUNT: Final = 15
MOST_FOR_ADDRESS: Final = 20
MOST_TRIES: Final = 5
# Whoever presses twice gets one letter.
_AGAIN_AFTER: Final = timedelta(minutes=1)
_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a code: a browser by a name of its own, and the address it comes from.

    `device_of` names the browser to an account that has signed in with it before, by the account's address.
    """

    browser: str
    address: str
    device_of: Callable[[str], str | None]


def offers_code(session: Session, link: ActionLink) -> bool:
    """Return whether the route leaves a letter's action to a mailed code, whoever asks and however it stands.

    Writes nothing. Work of another nomination than the letter's offers none.
    """
    found = session.execute(
        select(Nomination.definition_id, Visit.step)
        .join(WorkItem, WorkItem.nomination_id == Nomination.id)
        .join(Visit, Visit.id == WorkItem.visit_id)
        .where(WorkItem.id == link.work_item_id, Nomination.id == link.nomination_id)
    ).one_or_none()
    return found is not None and allows_code(
        load_definition(session, found.definition_id), found.step, link.action
    )


def ask_code(session: Session, *, link: ActionLink, links: ActionLinks, asker: Asker, now: datetime) -> None:
    """Have a code mailed to the account of a letter, where it may have one, and commit.

    Of one link one code waits in each browser that asked; a new one takes its place, and nobody else's. A
    session that is open goes on: any holder of the address may ask. Raises `NotFound` where the route offers
    none, `TooManyAttempts` where too many were asked for.
    """
    if not offers_code(session, link):
        raise NotFound("This action takes no code.")
    # The account before its codes: another address or password, which end them, lock it first too.
    mine = select(Account.email).where(Account.id == link.account_id)
    email = session.scalar(mine.with_for_update(read=True, key_share=True))
    device, network = asker.device_of(email or ""), network_of(asker.address)
    came_from = f"device {device}"[:100] if device else network
    for name in sorted((f"code for {link.account_id}", f"code from {came_from}")):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    _demand_few_of(session, link.account_id, came_from, is_known=device is not None, now=now)
    is_entitled = _may_have_one(session, link, now)
    pressed_twice = select(ActionCode.id).where(
        *enterable_code_of(link, asker.browser, now), ActionCode.created_at > now - _AGAIN_AFTER
    )
    if session.scalar(pressed_twice) is None:
        _promise(session, link, links, asker.browser, came_from, is_entitled=is_entitled, now=now)
    session.commit()


def waits_until(session: Session, *, link: ActionLink, browser: str, now: datetime) -> datetime | None:
    """Return until when the code that a browser asked for can be entered, None where none waits."""
    created_at = session.scalar(select(ActionCode.created_at).where(*enterable_code_of(link, browser, now)))
    return created_at and created_at + timedelta(minutes=CODE_MINUTES)


def _promise(
    session: Session,
    link: ActionLink,
    links: ActionLinks,
    browser: str,
    came_from: str,
    *,
    is_entitled: bool,
    now: datetime,
) -> None:
    """Write a code in the place of the one before, the letter that brings it, and that it was asked for.

    The letter is promised either way, and dropped by the sender where no code fits: both ways write the same.
    """
    waiting = (*open_code_of(link), ActionCode.entered_at.is_(None), ActionCode.asker == browser)
    session.execute(update(ActionCode).where(*waiting).values(closed_at=now))
    code_id = uuid7(now)
    kept = links.hash_of_code(code_id, links.code_of(code_id))
    session.add(
        ActionCode(
            id=code_id,
            account_id=link.account_id,
            work_item_id=link.work_item_id,
            action=link.action,
            address=came_from,
            asker=browser,
            created_at=now,
            code_hash=kept if is_entitled else secrets.token_bytes(_HASH_BYTES),
        )
    )
    session.flush()
    promised = PromisedMail(
        kind=NoticeKind.ACTION_CODE,
        account_id=link.account_id,
        cause=code_id,
        nomination_id=link.nomination_id,
        work_item_id=link.work_item_id,
        at=now,
        slot=str(code_id),
    )
    write_notices(session, [promised])
    note_code(session, link, "code_asked", now, is_sent=is_entitled)


def open_code_of(link: ActionLink) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of what is open of a link: codes that wait, one that has a session."""
    return (
        ActionCode.account_id == link.account_id,
        ActionCode.work_item_id == link.work_item_id,
        ActionCode.action == link.action,
        is_open(ActionCode),
    )


def enterable_code_of(link: ActionLink, browser: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the one code of a link that can still be entered in a browser."""
    return (
        *open_code_of(link),
        ActionCode.asker == browser,
        ActionCode.entered_at.is_(None),
        ActionCode.created_at > now - timedelta(minutes=CODE_MINUTES),
        ActionCode.try_count < MOST_TRIES,
    )


def note_code(session: Session, link: ActionLink, action: str, now: datetime, **data: object) -> None:
    """Append what was done with a code to the history of its account; never commits."""
    about = {"nomination": link.nomination_id, "action": link.action, **data}
    append_event(session, f"account:{link.account_id}", action, actor=None, via=Via.LINK, now=now, data=about)


def _demand_few_of(
    session: Session, account_id: int, came_from: str, *, is_known: bool, now: datetime
) -> None:
    """Raise `TooManyAttempts` at the sixth code an hour for an account from one place.

    Fifteen for an account and twenty from an address are the most that strangers can ask for; a browser which
    the account has signed in with is none, and what they ask for takes nothing from it.
    """
    mine, theirs = ActionCode.account_id == account_id, ActionCode.address == came_from
    _demand_few(session, and_(mine, theirs), MOST_FOR_ASKER, now)
    if not is_known:
        _demand_few(session, mine, MOST_FOR_ACCOUNT, now)
        _demand_few(session, theirs, MOST_FOR_ADDRESS, now)


def _demand_few(session: Session, whose: ColumnElement[bool], most: int, now: datetime) -> None:
    recent = (
        select(ActionCode.created_at)
        .where(whose, ActionCode.created_at > now - WINDOW)
        .order_by(ActionCode.created_at.desc())
        .limit(most)
    )
    found = session.scalars(recent).all()
    if len(found) >= most:
        seconds = ceil((found[-1] + WINDOW - now).total_seconds())
        raise TooManyAttempts(
            f"Too many codes were asked for. Try again in {seconds} s.", seconds=str(seconds)
        )


def _may_have_one(session: Session, link: ActionLink, now: datetime) -> bool:
    """Return whether the account could take this action now, and signs in with a password of ours.

    Who signs in otherwise, or has no password yet, proves more there than a mailbox does.
    """
    has_password = session.scalar(
        select(Account.id).where(
            Account.id == link.account_id, is_active(Account), Account.password_hash.is_not(None)
        )
    )
    waits = session.scalar(select(WorkItem.id).where(WorkItem.id == link.work_item_id, is_open(WorkItem)))
    actor = load_actor(session, link.account_id, today=local_day(session, now))
    locked = read_nominations(
        session, [link.nomination_id], actor=actor or Actor(link.account_id, ""), now=now
    ).get(link.nomination_id)
    is_asked = has_password is not None and waits is not None
    return is_asked and actor is not None and locked is not None and _is_theirs(session, actor, locked, link)


def _is_theirs(session: Session, actor: Actor, locked: Locked, link: ActionLink) -> bool:
    facts, definition = locked.facts, load_definition(session, locked.definition_id)
    move = open_move(definition, facts, link.action)
    if move is None or not move.by_code or not sees(actor.scope, Depth.NAME, place_of(facts)):
        return False
    by, owner = str(definition.by_of(move, facts.state)), str(definition.step(facts.state).owner)
    return any(
        refuse_move(one, seen, by=by, owner=owner, is_drafting=False, is_personal=is_personal(move)) is None
        for one, seen in guises(actor, facts, is_drafting=False)
    )
