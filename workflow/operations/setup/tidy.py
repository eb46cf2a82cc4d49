"""Removing what is over and need not be kept: traces of requests and of signing in, letters at `/mailbox`.

Personal data are kept as long as their purpose needs them and no longer (Law 91/2025/QH15). What was decided,
and by whom, is no such trace: no period after which a dossier may go was found, so nothing of it ever does.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, cast, delete, func, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.types import UserDefinedType

from workflow.clock import Clock
from workflow.domain.sent_forms import KEPT_FOR
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.people.sign_in import has_ended
from workflow.operations.people.sign_in_limits import KEPT
from workflow.store.access import ActionCode, ApiToken, PasswordLink, SignInAttempt, WebSession
from workflow.store.base import Base, table_of
from workflow.store.database import Sessions
from workflow.store.history import RequestKey
from workflow.store.imports import ImportUpload
from workflow.store.mail import KeptLetter
from workflow.store.proposals import DateProposal
from workflow.store.sent_forms import SentForm
from workflow.store.set_aside import PutAside

_Over: TypeAlias = Callable[[datetime], ColumnElement[bool]]
OVER: Final[Mapping[type[Base], _Over]] = {
    # Whoever repeats a request does so within hours; after this the same key is a request of its own.
    RequestKey: lambda now: RequestKey.created_at < now - timedelta(days=30),
    SignInAttempt: lambda now: SignInAttempt.at < now - KEPT,
    WebSession: has_ended,
    ActionCode: lambda now: ActionCode.created_at < now - KEPT,
    # A while longer than they open anything, so that whoever wonders why they do not can be told.
    ApiToken: lambda now: ApiToken.expires_at < now - timedelta(days=30),
    PasswordLink: lambda now: PasswordLink.expires_at < now - timedelta(days=30),
    # A reminder of last year asks for nothing any more; where there is a mail server none are kept here.
    KeptLetter: lambda now: KeptLetter.written_at < now - timedelta(days=365),
    # Its event tells of it; nobody can give a day that has passed.
    DateProposal: lambda now: DateProposal.until_at < now - timedelta(days=30),
    # Whoever looked at a file imports it in the same hour, or chooses it again.
    ImportUpload: lambda now: ImportUpload.uploaded_at < now - timedelta(days=1),
    # By then no page asks for it, and what was typed in it is nobody's business.
    SentForm: lambda now: SentForm.sent_at < now - KEPT_FOR,
    # Work is back in the inbox on that day, and no history tells that it was away.
    PutAside: lambda now: PutAside.until_at <= now,
}
# A table is gone through by the places of its rows: no index is needed, and no transaction lasts.
_PAGES_AT_ONCE: Final = 500


class _Place(UserDefinedType[str]):
    """Where a row lies, as PostgreSQL writes it: (page, row)."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Return the name of the type."""
        return "tid"


def count_over(session: Session, *, now: datetime) -> dict[str, int]:
    """Return for each table how many rows `tidy` would remove."""
    return {
        table_of(model).name: session.scalar(select(func.count()).select_from(model).where(over(now))) or 0
        for model, over in OVER.items()
    }


def tidy(sessions: Sessions, *, clock: Clock) -> dict[str, int]:
    """Remove what is over, some pages of a table a transaction, and return how many rows of each table.

    History says how many; where there was nothing, it says nothing.
    """
    removed = {table_of(model).name: _remove(sessions, model, over, clock) for model, over in OVER.items()}
    if any(removed.values()):
        with sessions() as session:
            now = clock.now(session)
            data = {name: count for name, count in removed.items() if count}
            append_event(session, "installation", "tidy", actor=None, via=Via.CLI, now=now, data=data)
            session.commit()
    return removed


def _remove(sessions: Sessions, model: type[Base], over: _Over, clock: Clock) -> int:
    table, place = table_of(model), literal_column("ctid", _Place())
    first, last = (cast(bindparam(name, type_=Text), _Place()) for name in ("first", "last"))
    size = func.pg_relation_size(literal_column(f"'{table.name}'::regclass"))
    pages_now = select(size / cast(func.current_setting("block_size"), BigInteger))
    page, pages, removed = 0, 1, 0
    while page < pages:
        values = {"first": f"({page},0)", "last": f"({page + _PAGES_AT_ONCE},0)"}
        with sessions() as session:
            is_over = over(clock.now(session))
            done = session.connection().execute(
                delete(table).where(place >= first, place < last, is_over), values
            )
            removed += done.rowcount
            pages = session.scalar(pages_now) or 0
            session.commit()
        page += _PAGES_AT_ONCE
    return removed
