"""Letting people into the demo: new random passwords for its sign-ins, told once and kept nowhere."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.people.passwords import hash_password
from workflow.simulate.demo.script import sign_ins
from workflow.store.access import Account
from workflow.store.conditions import is_active

# Letters and figures that look alike are left out; fifteen of the 31 others are 74 bits.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 3
_GROUP_LENGTH: Final = 5


@dataclass(frozen=True, slots=True)
class SignIn:
    """How somebody tries the demo: the part they play, whose name, and what opens the door."""

    part: str
    name: str
    email: str
    password: str


def renew_passwords(session: Session, *, now: datetime) -> list[SignIn]:
    """Give the demo's sign-ins new random passwords, which are told here and kept nowhere, and commit."""
    people = sign_ins()
    names = {
        row.email: (row.id, row.name)
        for row in session.execute(
            select(Account.id, Account.email, Account.name)
            .where(Account.email.in_(people.values()), is_active(Account))
            .order_by(Account.id)
        )
    }
    renewed = []
    for part, email in people.items():
        if email in names:
            account_id, name = names[email]
            password = _fresh_password()
            kept = update(Account).where(Account.id == account_id)
            session.execute(kept.values(password_hash=hash_password(password)))
            stream = f"account:{account_id}"
            append_event(session, stream, "password_set", actor=None, via=Via.CLI, now=now)
            renewed.append(SignIn(part, name, email, password))
    session.commit()
    return renewed


def _fresh_password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
