"""Coming in and going out: the check at the door, the sessions it opens, the link that sets a password.

A session is a row: who holds its token is signed in, and deleting the row ends it at once. Tokens are kept
as their SHA-256. Source: ASVS 5.0, 6.3 and 7.1-7.4.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, DateTime, bindparam, delete, not_, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningDelete

from workflow.domain.errors import NotFound, Unauthenticated
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.people.passwords import demand_good, hash_password, is_outdated, is_right
from workflow.operations.people.sign_in_limits import admit, settle
from workflow.operations.people.tokens import digest, end_codes, new_token
from workflow.store.access import Account, ApiToken, PasswordLink, WebSession
from workflow.store.conditions import is_active
from workflow.store.statements import Statement

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
# A request a second must not be a write a second; the idle limit is kept to within this.
_SEEN_EVERY: Final = timedelta(minutes=1)
_LONGEST_EMAIL: Final = 254


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Whose session it is, and whether it is time to note that it is still used."""

    account_id: int
    is_due: bool


@dataclass(frozen=True, slots=True)
class Guest:
    """An account as the door knows it."""

    account_id: int
    email: str
    password_hash: str | None


def sign_in(
    session: Session, *, email: str, password: str, address: str, now: datetime, device: str | None = None
) -> str:
    """Check a password, open a session and return its token; commits.

    `address` is where the request came from, `device` the name of a browser that this account has signed in
    with before: then its own tries are counted, nobody else's. Raises `TooManyAttempts` when it was wrong too
    often, and `Unauthenticated` with the same words and after the same time for an unknown address, a wrong
    password, an account without one and a disabled account.
    """
    email = _one_form(email)
    attempt_id = admit(session, email=email, address=address, device=device, now=now)
    guest = _guest(session, email)
    session.commit()
    if not is_right(guest.password_hash if guest else None, password) or guest is None:
        raise Unauthenticated("This address and password do not fit together.")
    settle(session, attempt_id)
    _demand_unchanged(session, guest)
    if guest.password_hash is not None and is_outdated(guest.password_hash):
        _keep_password(session, guest.account_id, password)
    token = _open(session, guest.account_id, now)
    session.commit()
    return token


def open_session(session: Session, *, token: str, now: datetime) -> OpenSession | None:
    """Return what a token opens, None when it ended; writes nothing.

    A session ends 30 minutes after its last use and 12 hours after it was opened.
    """
    found = _OPENED.fetch(session, {"token_hash": digest(token), "now": now})
    return OpenSession(found[0].account_id, is_due=now - found[0].seen_at >= _SEEN_EVERY) if found else None


def note_use(session: Session, *, token: str, now: datetime) -> None:
    """Note that an open session was used, and commit; of several at once the latest counts."""
    session.execute(
        update(WebSession)
        .where(WebSession.token_hash == digest(token), WebSession.seen_at < now, not_(has_ended(now)))
        .values(seen_at=now)
    )
    session.commit()


def sign_out(session: Session, *, token: str) -> None:
    """End the session of a token and commit; one that ended already is no error."""
    session.execute(delete(WebSession).where(WebSession.token_hash == digest(token)))
    session.commit()


def link_is_open(session: Session, *, token: str, now: datetime) -> bool:
    """Return whether a link to set a password can still be used; looking at it uses nothing up."""
    return session.scalar(select(PasswordLink.account_id).where(*_is_open(token, now))) is not None


def use_password_link(session: Session, *, token: str, password: str, now: datetime) -> int:
    """Set the password of the account a link was made for, end its sessions and tokens, and commit.

    Whoever knew the old one is out everywhere. Returns the account. Raises `NotFound` when the link was used,
    has expired or never was, `InvalidField` when the password cannot be taken (too short or long, common,
    the account's own name or address); the link then stays open.
    """
    link = select(PasswordLink.account_id).where(*_is_open(token, now))
    # The account before its secrets, as everybody locks them; then the link, which may be over by now.
    mine = select(Account).where(Account.id == link.scalar_subquery(), is_active(Account))
    account = session.scalar(mine.with_for_update(key_share=True))
    if account is None or session.scalar(link.with_for_update()) is None:
        raise NotFound("This link was used, or its time is over. Ask for a new one.")
    demand_good(password, email=account.email, name=account.name)
    _keep_password(session, account.id, password)
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.account_id == account.id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
    )
    end_codes(session, account.id, now)
    ended = {
        "sessions": len(session.scalars(_of(WebSession, account.id)).all()),
        "tokens": len(session.scalars(_of(ApiToken, account.id)).all()),
    }
    stream = f"account:{account.id}"
    append_event(session, stream, "password_set", actor=None, via=Via.WEB, now=now, data=ended)
    session.commit()
    return account.id


def choose_locale(session: Session, *, account_id: int, locale: str) -> None:
    """Remember the language an account reads, on the screen and in mails, and commit."""
    session.execute(update(Account).where(Account.id == account_id).values(locale=locale))
    session.commit()


def _of(secret: type[WebSession] | type[ApiToken], account_id: int) -> ReturningDelete[tuple[int]]:
    """Return the statement that ends every secret of a kind that an account has, and names each ended."""
    return delete(secret).where(secret.account_id == account_id).returning(secret.account_id)


def _one_form(email: str) -> str:
    """Return an address as accounts keep it; what cannot be part of one is dropped."""
    return "".join(letter for letter in email.strip().casefold() if letter.isprintable())[:_LONGEST_EMAIL]


def _guest(session: Session, email: str) -> Guest | None:
    row = session.execute(
        select(Account.id, Account.email, Account.password_hash).where(
            Account.email == email, is_active(Account)
        )
    ).one_or_none()
    return row and Guest(row.id, row.email, row.password_hash)


def _demand_unchanged(session: Session, guest: Guest) -> None:
    """Raise `Unauthenticated` when the password was set anew, or the account disabled, while it was checked.

    Locked until the session is written: whoever sets a password after that finds the session and ends it.
    """
    unchanged = select(Account.id).where(
        Account.id == guest.account_id,
        Account.password_hash == guest.password_hash,
        is_active(Account),
    )
    if session.scalar(unchanged.with_for_update(read=True)) is None:
        raise Unauthenticated("This address and password do not fit together.")


def _open(session: Session, account_id: int, now: datetime) -> str:
    """Open a session with a new token, and clear away this account's ended ones."""
    session.execute(delete(WebSession).where(WebSession.account_id == account_id, has_ended(now)))
    token = new_token()
    session.add(WebSession(token_hash=digest(token), account_id=account_id, created_at=now, seen_at=now))
    session.flush()
    return token


def _keep_password(session: Session, account_id: int, password: str) -> None:
    session.execute(
        update(Account).where(Account.id == account_id).values(password_hash=hash_password(password))
    )


def _is_open(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        PasswordLink.token_hash == digest(token),
        PasswordLink.used_at.is_(None),
        PasswordLink.expires_at > now,
    )


def has_ended(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition of a session that was idle too long, or is too old."""
    return or_(WebSession.seen_at <= now - IDLE, WebSession.created_at <= now - ABSOLUTE)


# Asked by each request of a page.
_OPENED: Final = Statement(
    select(WebSession.account_id, WebSession.seen_at).where(
        WebSession.token_hash == bindparam("token_hash"),
        not_(has_ended(bindparam("now", type_=DateTime(timezone=True)))),
    )
)
