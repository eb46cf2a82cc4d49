"""Who signs in, what they may do, and the short-lived secrets that prove it, kept as SHA-256."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base, BigKey

TOKEN_ID_LENGTH = 12
"""How many hexadecimal digits tell an account's tokens apart."""


class Account(Base):
    """Somebody who can sign in; `person_id` ties it to staff, so that nobody decides on themselves.

    `email_since`: since when the address is this one, null where it never was another.
    """

    __tablename__ = "account"

    id: Mapped[BigKey]
    email: Mapped[str] = mapped_column(unique=True)
    email_since: Mapped[datetime | None]
    name: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), unique=True)
    locale: Mapped[str] = mapped_column(server_default="vi")
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Grant(Base):
    """A role somebody holds at a place, in the words work items use too: `unit_reviewer@unit:VKS-AG`."""

    __tablename__ = "grant"
    __table_args__ = (
        UniqueConstraint("account_id", "key", "valid_from"),
        Index("ix_grant_key", "key"),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class ApiToken(Base):
    """A bearer token, shown once, kept as its hash."""

    __tablename__ = "api_token"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


def token_id(token_hash: bytes) -> str:
    """Return what a token is called where its owner picks one to revoke: it opens nothing."""
    return token_hash.hex()[:TOKEN_ID_LENGTH]


class CalendarFeed(Base):
    """The secret address at which a calendar program reads an account's due dates, kept as its hash."""

    __tablename__ = "calendar_feed"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]


class WebSession(Base):
    """A browser's session; deleting the row signs it out at once."""

    __tablename__ = "web_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class PasswordLink(Base):
    """A one-time link to set a password."""

    __tablename__ = "password_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ActionCode(Base):
    """A code mailed to whoever follows an address in a letter, and the session for that one action it opens.

    Both are kept as hashes. A row whose `code_hash` no code has was asked for by who gets none: to a stranger
    the two look alike. `address` is where it was asked from, `asker` the browser, in which alone it can be
    entered; it opens nothing once it is closed.
    """

    __tablename__ = "action_code"
    __table_args__ = (
        Index("ix_action_code_account", "account_id", "created_at"),
        Index("ix_action_code_address", "address", "created_at"),
        Index("ix_action_code_work_item", "work_item_id"),
        Index(
            "uq_action_code_open",
            "account_id",
            "work_item_id",
            "action",
            "asker",
            unique=True,
            postgresql_where="closed_at IS NULL AND entered_at IS NULL",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"))
    action: Mapped[str]
    address: Mapped[str]
    asker: Mapped[str]
    created_at: Mapped[datetime]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    try_count: Mapped[int] = mapped_column(server_default="0")
    entered_at: Mapped[datetime | None]
    session_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    closed_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """One try to sign in, so that guessing slows down; survives the loss of Redis."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_email", "email", "at"),
        Index("ix_sign_in_attempt_address", "address", "at"),
    )

    id: Mapped[BigKey]
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]
    was_right: Mapped[bool] = mapped_column(Boolean)
