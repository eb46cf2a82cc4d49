"""Entering a code: five tries, then a session for one action of one account, for a quarter of an hour.

The session is a row like any other: a disabled account, another password or address, or the end of the work
ends it at the next request. It opens one address and nothing else.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.messages.action_links import ActionLink, ActionLinks
from workflow.operations.codes.ask import enterable_code_of, note_code, open_code_of
from workflow.operations.people.tokens import digest, new_token
from workflow.store.access import Account, ActionCode
from workflow.store.conditions import is_active, is_open
from workflow.store.nominations import WorkItem

SESSION_MINUTES: Final = 15
"""How long after entering a code its action may be taken."""
_NOBODYS: Final = secrets.token_bytes(32)


def enter_code(
    session: Session, *, link: ActionLink, links: ActionLinks, browser: str, code: str, now: datetime
) -> str | None:
    """Open the session for a link's action with the code that was mailed, and return its token; commits.

    Each try counts before it is looked at, and only at the code that this browser asked for; other codes of
    the link and the session of one before end. None, whatever the cause: a wrong code, another browser's, one
    that is over, was used or tried too often, one that was never sent, an account that was disabled.
    """
    tried = session.execute(
        update(ActionCode)
        .where(*enterable_code_of(link, browser, now))
        .values(try_count=ActionCode.try_count + 1)
        .returning(ActionCode.id, ActionCode.code_hash)
    ).one_or_none()
    code_id, kept = (tried.id, tried.code_hash) if tried else (link.work_item_id, _NOBODYS)
    is_right = hmac.compare_digest(links.hash_of_code(code_id, "".join(code.split())), kept)
    token = new_token()
    if is_right:
        before = (*open_code_of(link), ActionCode.id != code_id)
        session.execute(update(ActionCode).where(*before).values(closed_at=now))
        is_right = bool(
            session.scalar(
                update(ActionCode)
                .where(ActionCode.id == code_id, ActionCode.account_id == Account.id, is_active(Account))
                .values(entered_at=now, session_hash=digest(token))
                .returning(ActionCode.id)
            )
        )
    if tried is not None:
        note_code(session, link, "code_entered" if is_right else "code_wrong", now)
    session.commit()
    return token if is_right else None


def code_session_until(session: Session, *, link: ActionLink, token: str, now: datetime) -> datetime | None:
    """Return until when a token opens a link's action, None where it does not; writes nothing."""
    entered_at = session.scalar(
        select(ActionCode.entered_at)
        .join(Account, Account.id == ActionCode.account_id)
        .join(WorkItem, WorkItem.id == ActionCode.work_item_id)
        .where(
            *open_code_of(link),
            ActionCode.session_hash == digest(token),
            ActionCode.entered_at > now - timedelta(minutes=SESSION_MINUTES),
            is_active(Account),
            is_open(WorkItem),
        )
    )
    return entered_at and entered_at + timedelta(minutes=SESSION_MINUTES)


def end_code_session(session: Session, *, token: str, now: datetime) -> None:
    """End the session of a token and commit; one that is over already is no error."""
    session.execute(
        update(ActionCode)
        .where(ActionCode.session_hash == digest(token), is_open(ActionCode))
        .values(closed_at=now)
    )
    session.commit()
