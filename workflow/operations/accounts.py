"""Who may sign in: adding and disabling accounts, one-time links for passwords, tokens for programs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound
from workflow.domain.policy import Actor, may_administer
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Role, Via
from workflow.operations.cluster_grants import follow_unit_heads
from workflow.operations.streams import append_event
from workflow.operations.tokens import digest, new_token
from workflow.store.access import Account, ApiToken, Grant, PasswordLink, WebSession
from workflow.store.database import default_locale, local_day
from workflow.store.nominations import WorkItem
from workflow.store.organisation import Person
from workflow.store.people import load_holders
from workflow.store.seats import known_roles, known_seats, unknown_role

LINK_HOURS: Final = 72
LOCALES: Final = ("vi", "en")
LONGEST_TOKEN_DAYS: Final = 366
# The form a browser takes for an address (WHATWG HTML, "valid e-mail address"): no comma adds a recipient.
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_LONGEST_EMAIL: Final = 254


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Somebody to let in: address, name, the code of the person they are, and `ROLE@SCOPE` keys.

    Without a `locale` they get the installation's.
    """

    email: str
    name: str
    person_code: str | None = None
    grants: Sequence[str] = ()
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A secret as it is told once, to whom it belongs and when it ends."""

    account_id: int
    email: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Disabled:
    """What an account leaves behind: open work in its hands, and seats that nobody holds now."""

    account_id: int
    open_work_count: int
    empty_seats: tuple[str, ...]


def add_account(session: Session, *, actor: Actor | None, new: NewAccount, via: Via, now: datetime) -> Issued:
    """Add somebody who can sign in, with a one-time link to set the password, and commit.

    Raises `InvalidField` naming every field that does not fit (an address that is none, an unknown person,
    role or seat), `Conflict` when the address or the person has an account, `Forbidden` unless an
    administrator asks. Without an actor the command line speaks for the administrator.
    """
    _demand_right(actor)
    email, name = read_email(new.email), normalise(new.name, field="name", single_line=True)
    person_id = _person_id(session, new.person_code)
    grants = tuple(dict.fromkeys(new.grants))
    errors = _problems(session, new, name, person_id, grants)
    if errors:
        raise InvalidField("The account cannot be added.", errors=errors)
    locale = new.locale or default_locale(session)
    values = {"email": email, "name": name, "person_id": person_id, "locale": locale, "created_at": now}
    account_id = _insert(session, values)
    today = local_day(session, now)
    if grants:
        session.execute(
            insert(Grant), [{"account_id": account_id, "key": key, "valid_from": today} for key in grants]
        )
        seats = {key.partition("@unit:")[2] for key in grants if key.startswith(f"{Role.HEAD}@unit:")}
        follow_unit_heads(session, unit_codes=seats, actor=actor, via=via, now=now)
    append_event(
        session,
        f"account:{account_id}",
        "add",
        actor=actor,
        via=via,
        now=now,
        data={"grants": list(grants), "person": new.person_code},
    )
    issued = _issue_link(session, account_id, email, actor=actor, via=via, now=now)
    session.commit()
    return issued


def issue_link(session: Session, *, actor: Actor | None, email: str, via: Via, now: datetime) -> Issued:
    """Make a new one-time link to set the password, end the older ones, and commit.

    Raises `NotFound` without such an account, `Conflict` when it is disabled.
    """
    _demand_right(actor)
    account = _open_account(session, email)
    issued = _issue_link(session, account.id, account.email, actor=actor, via=via, now=now)
    session.commit()
    return issued


def issue_token(
    session: Session, *, actor: Actor | None, email: str, days: int, via: Via, now: datetime
) -> Issued:
    """Make a bearer token that ends after so many days, and commit; it is told once and kept as its hash.

    Raises `NotFound`, `Conflict` when the account is disabled, `InvalidField` for a length that is no good.
    """
    if actor is None or actor.email != email:
        _demand_right(actor)
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        message = f"must lie between 1 and {LONGEST_TOKEN_DAYS}, not {days}"
        raise InvalidField(f"days: {message}", errors=[FieldError("days", message)])
    account = _open_account(session, email)
    secret, expires_at = new_token(), now + timedelta(days=days)
    session.execute(
        insert(ApiToken).values(
            token_hash=digest(secret), account_id=account.id, created_at=now, expires_at=expires_at
        )
    )
    data = {"days": days}
    append_event(session, f"account:{account.id}", "token", actor=actor, via=via, now=now, data=data)
    session.commit()
    return Issued(account.id, account.email, secret, expires_at)


def disable_account(
    session: Session, *, actor: Actor | None, email: str, via: Via, now: datetime
) -> Disabled:
    """Let an account in no longer, at once: sessions, tokens and links end, what it did stays; and commit.

    Raises `NotFound` without such an account, `Conflict` when it is disabled already.
    """
    _demand_right(actor)
    account = _open_account(session, email)
    session.execute(update(Account).where(Account.id == account.id).values(disabled_at=now))
    for secret in (WebSession, ApiToken, PasswordLink):
        session.execute(delete(secret).where(secret.account_id == account.id))
    append_event(session, f"account:{account.id}", "disable", actor=actor, via=via, now=now)
    left = Disabled(account.id, _open_work_count(session, account.id), _empty_seats(session, account.id, now))
    session.commit()
    return left


def read_email(text: str) -> str:
    """Return the address in the one form we keep, or raise `InvalidField`."""
    email = text.strip()
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        message = "is not one e-mail address, as in an@example.org"
        raise InvalidField(f"email: {message}", errors=[FieldError("email", message)])
    return email.lower()


def _demand_right(actor: Actor | None) -> None:
    if actor is not None and not may_administer(actor):
        raise Forbidden("Only an administrator of the whole installation may change accounts.")


def _problems(
    session: Session, new: NewAccount, name: str, person_id: int | None, grants: Sequence[str]
) -> list[FieldError]:
    errors = []
    if not name:
        errors.append(FieldError("name", "is required"))
    if new.locale is not None and new.locale not in LOCALES:
        errors.append(FieldError("locale", f"must be one of {', '.join(LOCALES)}"))
    if new.person_code is not None and person_id is None:
        errors.append(FieldError("person", f"nobody has the code '{new.person_code}'"))
    roles, seats = known_roles(session), known_seats(session, [key.partition("@")[2] for key in grants])
    for key in grants:
        role, at, seat = key.partition("@")
        if not at or not seat:
            errors.append(FieldError("grant", f"'{key}' must look like unit_reviewer@unit:CODE or admin@all"))
            continue
        if role not in roles:
            errors.append(FieldError("grant", f"'{key}': {unknown_role(role, roles)}"))
        if seat not in seats:
            errors.append(FieldError("grant", f"'{key}': there is no '{seat}'"))
    return errors


def _person_id(session: Session, code: str | None) -> int | None:
    return session.scalar(select(Person.id).where(Person.code == code)) if code is not None else None


def _insert(session: Session, values: Mapping[str, object]) -> int:
    try:
        account_id: int = session.execute(insert(Account).values(values).returning(Account.id)).scalar_one()
    except IntegrityError as problem:
        constraint = getattr(getattr(problem.orig, "diag", None), "constraint_name", None)
        if constraint == "uq_account_email":
            raise Conflict(f"{values['email']} has an account already.") from problem
        if constraint == "uq_account_person_id":
            raise Conflict("This person has an account already, under another address.") from problem
        raise
    return account_id


def _open_account(session: Session, email: str) -> Account:
    account = session.scalar(
        select(Account).where(Account.email == email.strip().lower()).with_for_update(key_share=True)
    )
    if account is None:
        raise NotFound(f"There is no account {email}.")
    if account.disabled_at is not None:
        raise Conflict(f"The account {account.email} is disabled.")
    return account


def _issue_link(
    session: Session, account_id: int, email: str, *, actor: Actor | None, via: Via, now: datetime
) -> Issued:
    secret, expires_at = new_token(), now + timedelta(hours=LINK_HOURS)
    session.execute(
        delete(PasswordLink).where(PasswordLink.account_id == account_id, PasswordLink.used_at.is_(None))
    )
    session.execute(
        insert(PasswordLink).values(token_hash=digest(secret), account_id=account_id, expires_at=expires_at)
    )
    append_event(session, f"account:{account_id}", "password_link", actor=actor, via=via, now=now)
    return Issued(account_id, email, secret, expires_at)


def _open_work_count(session: Session, account_id: int) -> int:
    held = select(func.count()).where(WorkItem.assignee_id == account_id, WorkItem.closed_at.is_(None))
    return session.scalar(held) or 0


def _empty_seats(session: Session, account_id: int, now: datetime) -> tuple[str, ...]:
    """Return the keys that this account held and nobody holds without it."""
    today = local_day(session, now)
    held = select(Grant.key).where(
        Grant.account_id == account_id, or_(Grant.valid_to.is_(None), Grant.valid_to > today)
    )
    keys = session.scalars(held.order_by(Grant.key)).all()
    holders = load_holders(session, keys, today=today)
    return tuple(dict.fromkeys(key for key in keys if not holders.get(key)))
