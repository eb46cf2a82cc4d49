"""Who may sign in: adding and disabling accounts, one-time links for passwords, tokens for programs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound
from workflow.domain.rights.policy import Actor, may_administer
from workflow.domain.text import normalise, visible
from workflow.domain.vocabulary import Role, Via
from workflow.operations.clusters.grants import follow_unit_heads
from workflow.operations.deadlines.accountable import follow_accountable
from workflow.operations.deadlines.claims import release_claims_of
from workflow.operations.deadlines.empty_seats import tell_of_lost_holders
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.people.last_admin import demand_another
from workflow.operations.people.printed import Issued, demand_few, write_link
from workflow.store.access import Account, ApiToken, CalendarFeed, Grant, PasswordLink, WebSession
from workflow.store.codes import meant_code, spellings
from workflow.store.database import default_locale, local_day
from workflow.store.organisation import Person
from workflow.store.people import empty_seats, held_keys
from workflow.store.seats import known_roles, known_seats, meant_seat, unknown_role

LOCALES: Final = ("vi", "en")
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
class Disabled:
    """What an account leaves behind: open work that was in its hands, and seats that nobody holds now."""

    account_id: int
    open_work_count: int
    empty_seats: tuple[str, ...]


def add_account(
    session: Session,
    *,
    actor: Actor | None,
    new: NewAccount,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> Issued:
    """Add somebody who can sign in, with a one-time link to set the password, and commit.

    The same request again makes a new link in place of the first, which may have reached nobody.

    Raises `InvalidField` naming every field that does not fit (an address that is none, an unknown person,
    role or seat), `Conflict` when the address or the person has an account, `Forbidden` unless an
    administrator asks. Without an actor the command line speaks for the administrator.
    """
    demand_right(actor)
    answered = claim_key(session, claim, actor=actor, now=now)
    demand_few(session, actor=actor, now=now)
    if answered is None:
        issued = _add(session, new, actor=actor, via=via, now=now)
    else:
        issued = _link_again(session, read_email(new.email), actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"account": issued.account_id})
    session.commit()
    return issued


def issue_link(session: Session, *, actor: Actor | None, email: str, via: Via, now: datetime) -> Issued:
    """Make a new one-time link to set the password, end the older ones, and commit.

    Raises `NotFound` without such an account, `Conflict` when it is disabled, `TooManyAttempts` where the
    actor has had too many within the hour.
    """
    demand_right(actor)
    demand_few(session, actor=actor, now=now)
    account = open_account(session, email)
    issued = write_link(session, account.id, account.email, actor=actor, via=via, now=now)
    session.commit()
    return issued


def disable_account(
    session: Session, *, actor: Actor | None, email: str, via: Via, now: datetime
) -> Disabled:
    """Let an account in no longer, at once: sessions, tokens and links end, what it did stays; and commit.

    Work in its hands goes back to the groups, whose people are told.
    Raises `NotFound` without such an account, `Conflict` when it is disabled already, or when it is the last
    that runs the installation.
    """
    demand_right(actor)
    account = open_account(session, email)
    demand_another(session, account.id, actor=actor, now=now)
    session.execute(update(Account).where(Account.id == account.id).values(disabled_at=now))
    for secret in (WebSession, ApiToken, PasswordLink, CalendarFeed):
        session.execute(delete(secret).where(secret.account_id == account.id))
    append_event(session, f"account:{account.id}", "disable", actor=actor, via=via, now=now)
    keys = held_keys(session, account.id, today=local_day(session, now))
    released = release_claims_of(session, account.id, actor=actor, via=via, now=now)
    follow_accountable(session, keys, now=now)
    tell_of_lost_holders(session, keys, now=now)
    left = Disabled(account.id, released, empty_seats(session, keys, today=local_day(session, now)))
    session.commit()
    return left


def enable_account(
    session: Session,
    *,
    actor: Actor | None,
    email: str,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> Issued:
    """Let a disabled account in again by a one-time link to set a new password, and commit.

    It holds what of its roles was not ended meanwhile. The same request again makes a new link in place of
    the first. Raises `NotFound` without such an account, `Conflict` when it is not disabled,
    `TooManyAttempts` where the actor has had too many links within the hour.
    """
    demand_right(actor)
    answered = claim_key(session, claim, actor=actor, now=now)
    demand_few(session, actor=actor, now=now)
    if answered is None:
        issued = _enable(session, email, actor=actor, via=via, now=now)
    else:
        issued = _link_again(session, email, actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"account": issued.account_id})
    session.commit()
    return issued


def read_email(text: str) -> str:
    """Return the address in the one form we keep, without what cannot be seen, or raise `InvalidField`."""
    # A sheet or a chat leaves behind what nobody sees, and no address has any of it.
    email = visible(text)
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        message = "is not one e-mail address, as in an@example.org"
        raise InvalidField(f"email: {message}", errors=[FieldError("email", message)])
    return email.lower()


def demand_right(actor: Actor | None) -> None:
    """Raise `Forbidden` unless the actor runs the installation; without one the command line speaks."""
    if actor is not None and not may_administer(actor):
        raise Forbidden("Only an administrator of the whole installation may change accounts.")


def _add(session: Session, new: NewAccount, *, actor: Actor | None, via: Via, now: datetime) -> Issued:
    email, name = read_email(new.email), normalise(new.name, field="name", single_line=True)
    person_id = person_named(session, new.person_code)
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
    return write_link(session, account_id, email, actor=actor, via=via, now=now)


def _problems(
    session: Session, new: NewAccount, name: str, person_id: int | None, grants: Sequence[str]
) -> list[FieldError]:
    errors = []
    if not name:
        errors.append(FieldError("name", "is required"))
    if new.locale is not None and new.locale not in LOCALES:
        errors.append(FieldError("locale", f"must be one of {', '.join(LOCALES)}"))
    if new.person_code is not None and person_id is None:
        near = meant_code(session, Person.code, new.person_code)
        errors.append(FieldError("person", f"nobody has the code '{new.person_code}'{near}"))
    return [*errors, *grant_problems(session, grants)]


def grant_problems(session: Session, grants: Sequence[str]) -> list[FieldError]:
    """Return what is wrong with `ROLE@SCOPE` keys that are to be granted: no such role, no such seat."""
    errors: list[FieldError] = []
    roles, seats = known_roles(session), known_seats(session, [key.partition("@")[2] for key in grants])
    for key in grants:
        role, at, seat = key.partition("@")
        if not at or not seat:
            errors.append(FieldError("grant", f"'{key}' must look like unit_reviewer@unit:CODE or admin@all"))
            continue
        if role not in roles:
            errors.append(FieldError("grant", f"'{key}': {unknown_role(role, roles)}"))
        if seat not in seats:
            near = meant_seat(session, seat)
            errors.append(FieldError("grant", f"'{key}': there is no '{seat}'{near}"))
    return errors


def person_named(session: Session, code: str | None) -> int | None:
    """Return the id of the member of staff with a code, None where nobody has it."""
    if code is None:
        return None
    stored = spellings(session, Person.code, [normalise(code, field="person", single_line=True)])
    return session.scalar(select(Person.id).where(Person.code.in_(list(stored.values()))))


def _insert(session: Session, values: Mapping[str, object]) -> int:
    with one_account_each(values["email"]):
        account_id: int = session.execute(insert(Account).values(values).returning(Account.id)).scalar_one()
    return account_id


@contextmanager
def one_account_each(email: object) -> Iterator[None]:
    """Raise `Conflict` where the address or the person has an account already, also by somebody faster."""
    try:
        yield
    except IntegrityError as problem:
        constraint = getattr(getattr(problem.orig, "diag", None), "constraint_name", None)
        if constraint == "uq_account_email":
            raise Conflict(f"{email} has an account already.") from problem
        if constraint == "uq_account_person_id":
            raise Conflict("This person has an account already, under another address.") from problem
        raise


def open_account(session: Session, email: str, *, or_disabled: bool = False) -> Account:
    """Lock the account of an address and return it. Raises `NotFound`, `Conflict` when it is disabled."""
    account = session.scalar(
        select(Account).where(Account.email == email.strip().lower()).with_for_update(key_share=True)
    )
    if account is None:
        raise NotFound(f"There is no account {email}.")
    if account.disabled_at is not None and not or_disabled:
        raise Conflict(f"The account {account.email} is disabled.")
    return account


def _enable(session: Session, email: str, *, actor: Actor | None, via: Via, now: datetime) -> Issued:
    account = open_account(session, email, or_disabled=True)
    if account.disabled_at is None:
        raise Conflict(f"The account {account.email} is not disabled.")
    account_id, address = account.id, account.email
    # The old password may be why it was shut out.
    values = {"disabled_at": None, "password_hash": None}
    session.execute(update(Account).where(Account.id == account_id).values(values))
    append_event(session, f"account:{account_id}", "enable", actor=actor, via=via, now=now)
    follow_accountable(session, held_keys(session, account_id, today=local_day(session, now)), now=now)
    return write_link(session, account_id, address, actor=actor, via=via, now=now)


def _link_again(session: Session, email: str, *, actor: Actor | None, via: Via, now: datetime) -> Issued:
    """Put a link in the place of one that may have reached nobody; it lives as long."""
    account = open_account(session, email)
    unused = PasswordLink.account_id == account.id, PasswordLink.used_at.is_(None)
    session.execute(delete(PasswordLink).where(*unused))
    return write_link(session, account.id, account.email, actor=actor, via=via, now=now)
