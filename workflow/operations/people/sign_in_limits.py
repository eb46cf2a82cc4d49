"""Guessing slows down: five wrong tries at an account from one address, and twenty an address, are free.

Then each waits longer, up to a minute. So a stranger's tries make nobody at another address wait; fifty at
one account from anywhere slow whom it does not know yet. A browser that it has signed in with is counted
by itself: no stranger makes it wait. Kept in the database (ASVS 5.0, 6.3.1; OWASP's device cookies).
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import TooManyAttempts
from workflow.store.access import SignInAttempt

WINDOW: Final = timedelta(minutes=15)
FREE_FOR_PAIR: Final = 5
FREE_FOR_ACCOUNT: Final = 50
FREE_FOR_ADDRESS: Final = 20
LONGEST_WAIT: Final = timedelta(seconds=60)
KEPT: Final = timedelta(days=1)
"""How long a try to sign in is remembered."""

# One household or office has a whole IPv6 network; a guesser would use a new address for every try.
_IPV6_NETWORK: Final = 64
# Some proxies name the port too, and that is another one for every connection.
_WITH_PORT: Final = re.compile(r"\A(?:\[([0-9A-Fa-f:.]+)\](?::\d+)?|([0-9.]+):\d+)\Z")


def admit(session: Session, *, email: str, address: str, device: str | None, now: datetime) -> int:
    """Count a try as wrong until it proves right and return its id; commits.

    Counted before the password is looked at, so that tries side by side count each other. Raises
    `TooManyAttempts` with the seconds to wait; a refused try is not counted.
    """
    network = f"device {device}"[:100] if device else network_of(address)
    for name in sorted((f"sign-in {email}", f"sign-in {network}")):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    _forget_old(session, email, network, now)
    mine, theirs = SignInAttempt.email == email, SignInAttempt.address == network
    wait = max(
        _wait(_wrong_tries(session, and_(mine, theirs), now, until_right=True), FREE_FOR_PAIR, now),
        _wait(_wrong_tries(session, theirs, now), FREE_FOR_ADDRESS, now),
        timedelta(0) if device else _wait(_wrong_tries(session, mine, now), FREE_FOR_ACCOUNT, now),
    )
    if wait > timedelta(0):
        session.commit()
        seconds = ceil(wait.total_seconds())
        raise TooManyAttempts(f"Too many wrong passwords. Try again in {seconds} s.", seconds=str(seconds))
    row = {"email": email, "address": network, "at": now, "was_right": False}
    attempt_id: int = session.execute(
        insert(SignInAttempt).values(row).returning(SignInAttempt.id)
    ).scalar_one()
    session.commit()
    return attempt_id


def settle(session: Session, attempt_id: int) -> None:
    """Note that a try was right, which forgives the wrong ones from there; never commits."""
    session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(was_right=True))


def _wrong_tries(
    session: Session, whose: ColumnElement[bool], now: datetime, *, until_right: bool = False
) -> Sequence[datetime]:
    """Return the instants of wrong tries in the window, newest first; since the last right one if asked."""
    recent = (
        select(SignInAttempt.at, SignInAttempt.was_right)
        .where(whose, SignInAttempt.at > now - WINDOW)
        .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
        .limit(200)
    )
    tries: list[datetime] = []
    for row in session.execute(recent):
        if row.was_right and until_right:
            break
        if not row.was_right:
            tries.append(row.at)
    return tries


def _wait(wrong: Sequence[datetime], free: int, now: datetime) -> timedelta:
    """Return how long from now the next try must wait: 1, 2, 4 ... seconds after the last one."""
    if len(wrong) < free:
        return timedelta(0)
    doublings = min(len(wrong) - free, 6)
    return wrong[0] + min(LONGEST_WAIT, timedelta(seconds=2**doublings)) - now


def _forget_old(session: Session, email: str, network: str, now: datetime) -> None:
    mine = or_(SignInAttempt.email == email, SignInAttempt.address == network)
    session.execute(delete(SignInAttempt).where(mine, SignInAttempt.at < now - KEPT))


def network_of(address: str) -> str:
    """Return what one guesser cannot change at will; an unreadable address counts as itself."""
    try:
        parsed = ip_address(_WITH_PORT.sub(r"\1\2", address.strip()))
    except ValueError:
        return address[:100]
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, _IPV6_NETWORK), strict=False))
    return str(parsed)
