"""Engines and sessions: made on demand, never at import, never shared over a fork."""

import os
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary, WeakSet
from zoneinfo import ZoneInfo

import psycopg
from psycopg.errors import LockNotAvailable, QueryCanceled
from psycopg.types.json import JsonbDumper
from sqlalchemy import Engine, create_engine, event, func, select, true
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from workflow.domain.time.workdays import CalendarName
from workflow.store.links import PATIENCE_SECONDS, SPOKEN, link, ping, set_read_only

_PREPARE_AFTER: Final = 2
_PREPARED: Final = 400
POOL_SECONDS: Final = 5.0
"""How long a thread waits for one of its process's connections."""

# A dead peer is noticed in half a minute at the latest, on either side (seconds; `tcp_user_timeout`: ms).
_CONNECT: Final = {
    "application_name": "commendo",
    # PGCLIENTENCODING of whoever starts us says otherwise where it is set.
    "client_encoding": "utf8",
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_OPTIONS: Final = (
    f"{SPOKEN} -c statement_timeout=5s -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s"
    # Compiling a plan took half of the time of the longest lists, and gains in queries of minutes alone.
    " -c jit=off"
    # One question takes one processor: those of everybody else's pages stay free.
    " -c max_parallel_workers_per_gather=0"
    " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)
# The driver files these under internal errors; it is the server that takes nothing now, as when it is away: a
# standby that a failover has led us to, or a session that it ended because we stood still.
_AWAY: Final = dict.fromkeys(
    ("ReadOnlySqlTransaction", "IdleInTransactionSessionTimeout", "TransactionTimeout"), "OperationalError"
)
_TIMEZONE = "timezone"
_SENDS_MAIL = "sends_mail"
_LOCALE = "locale"
_CALENDAR = "calendar"
_UNDO_WINDOW = "undo_window"
_CLAIM_DAYS = "claim_days"

Sessions: TypeAlias = sessionmaker[Session]

_ENGINES: Final[WeakSet[Engine]] = WeakSet()
_ALIKE: Final[WeakKeyDictionary[Sessions, dict[str, Sessions]]] = WeakKeyDictionary()


def make_engine(url: str, *, pool_size: int = 5, patience: float = PATIENCE_SECONDS) -> Engine:
    """Return an engine with the product's timeouts: 5 s a statement, 3 s a lock, 15 s idle in a transaction.

    The server keeps these; `patience` is how many seconds we wait for its word before the link counts as
    broken, because a server behind a silent link keeps nothing. One that takes no writes, or ended a session,
    raises OperationalError as one that is away. A connection that crosses a fork is dropped,
    never used: two processes on one socket hang each other.
    """
    engine = create_engine(
        _with_driver(url),
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        # The one that came back last: few are warm with all that they have prepared, not all a little.
        pool_use_lifo=True,
        # The server's own placeholders, see `_send_as_written`.
        paramstyle="numeric_dollar",
        # Errors are logged, and a statement's values may be names or addresses.
        hide_parameters=True,
        connect_args=_CONNECT | {"options": _OPTIONS},
    )
    event.listen(engine, "do_connect", lambda _dialect, _record, args, given: link(patience, *args, **given))
    event.listen(engine, "connect", _remember_process)
    event.listen(engine, "connect", _write_dicts_as_json)
    event.listen(engine, "connect", _keep_prepared)
    event.listen(engine, "connect", _send_as_written)
    event.listen(engine, "checkout", _refuse_foreign_process)
    vars(engine.dialect).update(
        do_ping=ping, set_readonly=set_read_only, dbapi_exception_translation_map=_AWAY
    )
    _ENGINES.add(engine)
    return engine


def make_sessions(
    engine: Engine,
    *,
    timezone: str,
    sends_mail: bool = True,
    locale: str = "vi",
    calendar: CalendarName = CalendarName.VN,
    undo_window: timedelta = timedelta(0),
    claim_days: int = 0,
) -> Sessions:
    """Return the factory of sessions: nothing is flushed or expired behind the operation's back.

    `timezone` is the IANA zone in which this installation's days begin and end. A replay or simulation
    does not send mail: its outbox rows are born cancelled. `locale` is the language of accounts that name
    none, `calendar` what the installation counts working days by, `undo_window` how long a decision may be
    undone, `claim_days` how many working days somebody keeps what they took and do not decide, 0 for ever.
    """
    info = {
        _TIMEZONE: timezone,
        _SENDS_MAIL: sends_mail,
        _LOCALE: locale,
        _CALENDAR: calendar,
        _UNDO_WINDOW: undo_window,
        _CLAIM_DAYS: claim_days,
    }
    return sessionmaker(engine, autoflush=False, expire_on_commit=False, info=info)


def singly(sessions: Sessions) -> Sessions:
    """Return the factory of sessions like these in which each statement is a transaction of its own.

    One round trip for one statement, where the others take a BEGIN and a COMMIT beside it; nothing can be
    rolled back. They share the pool. Sessions inside one transaction are returned as they are.
    """
    return alike(sessions, "isolation_level", "AUTOCOMMIT")


def alike(sessions: Sessions, option: str, value: object) -> Sessions:
    """Return the factory of sessions like these whose links have that option; they share the pool.

    It is made once: a new one is a new class and a new engine, costs as much as a statement, and whatever is
    kept by the engine would be read anew. Sessions inside one transaction are returned as they are.
    """
    bind = sessions.kw["bind"]
    if not isinstance(bind, Engine):
        return sessions
    made = _ALIKE.setdefault(sessions, {})
    if option not in made:
        made[option] = sessionmaker(**sessions.kw | {"bind": bind.execution_options(**{option: value})})
    return made[option]


def is_alone(sessions: Sessions) -> bool:
    """Whether these sessions are all of one connection, inside one transaction: then nobody works beside."""
    return not isinstance(sessions.kw["bind"], Engine)


def sends_mail(session: Session) -> bool:
    """Return whether mails written in this session are meant to be sent."""
    return bool(session.info[_SENDS_MAIL])


def default_locale(session: Session) -> str:
    """Return the language of a new account that names none."""
    locale: str = session.info[_LOCALE]
    return locale


def undo_window(session: Session) -> timedelta:
    """Return how long whoever decided may undo it; so long the mails that tell of it wait."""
    window: timedelta = session.info[_UNDO_WINDOW]
    return window


def claim_days(session: Session) -> int:
    """Return for how many working days somebody has what they took; 0 where that does not end by itself."""
    days: int = session.info[_CLAIM_DAYS]
    return days


def local_calendar(session: Session) -> CalendarName:
    """Return the calendar by which this installation counts working days where a route names no other."""
    return CalendarName(session.info[_CALENDAR])


def timezone_of(session: Session) -> str:
    """Return the IANA name of the zone in which this installation counts days."""
    zone: str = session.info[_TIMEZONE]
    return zone


def local_day(session: Session, now: datetime) -> date:
    """Return the day that `now` falls on in the installation's zone."""
    return now.astimezone(ZoneInfo(timezone_of(session))).date()


def expect_warm_pages(session: Session) -> None:
    """Have the planner take it, until this transaction ends, that pages lie in memory or on a fast disk.

    For what looks up thousands of rows by their keys: of old it would rather read whole tables of millions.
    """
    session.scalar(select(func.set_config("random_page_cost", "1.1", true())))


def plan_by_values(session: Session) -> None:
    """Have the server plan what follows in this transaction for its very values each time.

    For what looks thousands of rows up in a list of hundreds that is a value, as the units somebody oversees:
    a plan kept for any values goes through the list for each row, one for these makes a table of it.
    """
    session.scalar(select(func.set_config("plan_cache_mode", "force_custom_plan", true())))


def expect_many_rows(session: Session) -> None:
    """Have that taken too, and so much joined and kept in memory as a hundred thousand rows need.

    With the 4 MB that a server allows unless told otherwise, what is open of a million files went to the disk
    and came back four times.
    """
    warm, memory = ("random_page_cost", "1.1", true()), ("work_mem", "32MB", true())
    session.execute(select(func.set_config(*warm), func.set_config(*memory)))


def _with_driver(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in {"postgres", "postgresql"} else url


def _remember_process(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["pid"] = os.getpid()


def _keep_prepared(connection: psycopg.Connection, _record: ConnectionPoolEntry) -> None:
    """Prepare what comes a third time, and keep as many statements as all pages together have.

    The driver keeps 100, and one page has up to 20: whatever two requests have between them would be lost.
    """
    connection.prepare_threshold = _PREPARE_AFTER
    connection.prepared_max = _PREPARED


def _send_as_written(connection: psycopg.Connection, _record: ConnectionPoolEntry) -> None:
    """Have the driver send a text as it is: SQLAlchemy writes the placeholders that the server reads ($1).

    From its own (%s) the driver makes these, and it remembers what it made of 128 texts of up to 4,096
    characters and 50 values. The statement behind an inbox has 33,000: each was taken apart anew.
    """
    connection.cursor_factory = psycopg.RawCursor


def _write_dicts_as_json(connection: psycopg.Connection, _record: ConnectionPoolEntry) -> None:
    """Have the driver itself write a dict as jsonb, for statements that go to it ready-made."""
    connection.adapters.register_dumper(dict, JsonbDumper)


def _refuse_foreign_process(
    _connection: object, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    if record.info["pid"] != os.getpid():
        message = "A database connection crossed a fork; make the engine in the process that uses it."
        raise RuntimeError(message)


def _forget_connections() -> None:
    for engine in _ENGINES:
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_forget_connections)


def took_too_long(error: Exception) -> bool:
    """Tell whether the server gave a statement up that took too long, or waited for a lock: it is there."""
    return isinstance(error, DBAPIError) and isinstance(error.orig, QueryCanceled | LockNotAvailable)


def is_out_of_reach(error: Exception) -> bool:
    """Tell whether the database itself failed: then nothing can be done, and nothing is to blame."""
    return isinstance(error, OperationalError) and not took_too_long(error)
