"""Claiming mails by lease.

Leases run on the database's real clock, whatever clock the record runs on; `attempt` fences, so the result
of a sender whose lease ran out changes nothing. A claim is excused from the start: it becomes a try that is
held against the mail when the hand-over begins. Mails that fold share a Message-ID from their first claim on
and stay together for ever after.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.notices import NOTICES
from workflow.domain.vocabulary import MailClass, MailState
from workflow.store.base import given, table_of
from workflow.store.conditions import is_waiting
from workflow.store.mail import LOOSE, Outbox
from workflow.store.nominations import Rung
from workflow.store.statements import Statement

LEASE: Final = timedelta(seconds=60)
MAX_ATTEMPTS: Final = 8
DAILY: Final = "task:"
"""What the fold of a person's mails about work begins with: all that is due of it is one letter."""

# A fold waits for rungs that have not fired yet, but a sweep that cannot get on holds no mail up for long.
_FOLD_PATIENCE: Final = timedelta(minutes=2)
# One claim at a time, a few milliseconds each, so that no two senders take halves of one fold.
_CLAIMING: Final = 7263_1102
_FOLDING: Final = [
    str(kind) for kind, notice in NOTICES.items() if notice.folds and not notice.is_written_at_once
]

_Row: TypeAlias = Row[*tuple[Any, ...]]
_OUTBOX, _RUNG = table_of(Outbox), table_of(Rung)
REAL_TIME: Final = func.clock_timestamp()
# Spelt out, not bound, so that the planner sees that the partial index serves.
UNDECIDED: Final[ColumnElement[bool]] = literal_column("outbox.state IN ('new', 'sending')")
_NEW: Final = _OUTBOX.c.state == MailState.NEW
_ABANDONED: Final = and_(_OUTBOX.c.state == MailState.SENDING, _OUTBOX.c.lease_until < REAL_TIME)
_HELD_AGAINST: Final = _OUTBOX.c.attempt - _OUTBOX.c.excused_count


@dataclass(frozen=True, slots=True)
class ClaimedRow:
    """One outbox row in a sender's hands; `tries` are the attempts held against it before this one.

    `was_abandoned`: the one who had it before never said what became of it.
    """

    id: UUID
    attempt: int
    tries: int
    state_reason: str | None
    was_abandoned: bool = False


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """One mail to send now: the rows that fold into it, under one Message-ID."""

    message_id: str
    rows: tuple[ClaimedRow, ...]

    @property
    def attempt(self) -> int:
        """Give how often a sender took this mail in hand."""
        return max(row.attempt for row in self.rows)

    @property
    def tries(self) -> int:
        """Give how many attempts are held against it, the one at hand included."""
        return max(row.tries for row in self.rows) + 1

    @property
    def was_abandoned(self) -> bool:
        """Whether a sender had it and never said what became of it: it may be what that sender died of."""
        return any(row.was_abandoned for row in self.rows)

    def only(self, ids: Iterable[UUID]) -> "ClaimedMail":
        """Return the same mail with some of its rows."""
        kept = set(ids)
        return ClaimedMail(self.message_id, tuple(row for row in self.rows if row.id in kept))


def claim_mails(session: Session, *, now: datetime, domain: str, limit: int) -> list[ClaimedMail]:
    """Take at most `limit` due mails in hand for one lease; the caller commits.

    The most urgent class first, of one class the longest waiting. Due is what is new and not meant for later,
    or abandoned by a sender whose lease ran out. What was abandoned too often is dead. `domain` is where
    Message-IDs are made.
    """
    _GUARD.fetch(session, {})
    soon = now + _FOLD_PATIENCE
    values = {"now": now, "soon": soon, "whole_until": now - _FOLD_PATIENCE, "most": limit}
    groups = _whole_groups(session, _FIRST_DUE.fetch(session, values), now)
    # Of those at hand alone: looking for all that was abandoned reads all that waits.
    while (abandoned := _abandoned(groups)) and _BURY.fetch(session, {"ids": sorted(abandoned)}):
        groups = _whole_groups(session, _FIRST_DUE.fetch(session, values), now)
    if not groups:
        return []
    named = {_message_id(rows, domain): rows for rows in groups}
    leased = _LEASE.fetch(
        session,
        {
            "ids": [row.id for rows in named.values() for row in rows],
            "message_ids": [message_id for message_id, rows in named.items() for _ in rows],
        },
    )
    taken = {
        row.id: ClaimedRow(row.id, row.attempt, row.tries, row.state_reason, row.id in abandoned)
        for row in leased
    }
    return [
        ClaimedMail(message_id, tuple(taken[row.id] for row in rows)) for message_id, rows in named.items()
    ]


def _abandoned(groups: Iterable[Sequence[_Row]]) -> set[UUID]:
    return {row.id for rows in groups for row in rows if row.state == MailState.SENDING}


def _whole_groups(session: Session, first: Sequence[_Row], now: datetime) -> list[list[_Row]]:
    """Lock every row that goes out with the first ones; a mail with a row that somebody holds is left."""
    messages = sorted({row.message_id for row in first if row.message_id is not None})
    folds = sorted({row.fold_key for row in first if row.message_id is None})
    if not messages and not folds:
        return []
    values = {"messages": messages, "folds": folds, "now": now, "soon": now + _FOLD_PATIENCE}
    every = _MEMBERS.fetch(session, values)
    free = {row.id for row in _FREE_MEMBERS.fetch(session, values)}
    groups: dict[tuple[str | None, str], list[_Row]] = defaultdict(list)
    for row in every:
        groups[_mail_of(row)].append(row)
    order = list(dict.fromkeys(_mail_of(row) for row in first))
    return [groups[mail] for mail in order if mail in groups and all(row.id in free for row in groups[mail])]


def _mail_of(row: _Row) -> tuple[str | None, str]:
    """Return which mail a row goes out with: the one it has been in before, or its fold."""
    return row.message_id, "" if row.message_id else row.fold_key


def _message_id(rows: Sequence[_Row], domain: str) -> str:
    """Give a mail's name: from its lowest dedupe key at the first claim, the same ever after.

    A row that lost its name (`promise_again`) has been claimed before, and gets another one.
    """
    if rows[0].message_id is not None:
        return str(rows[0].message_id)
    lowest = min(f"{row.dedupe_key}:{row.attempt}" if row.attempt else row.dedupe_key for row in rows)
    digest = hashlib.sha256(lowest.encode()).hexdigest()
    return f"<mail.{digest[:40]}@{domain}>"


def _first_due() -> Select[*tuple[Any, ...]]:
    """Return the question for the first due rows: a look at the head of each class, in one statement."""
    urgency = func.unnest(_CLASSES)
    classes = urgency.table_valued("mail_class", with_ordinality="urgency").render_derived(name="class")
    head = (
        select(_OUTBOX.c.message_id, _OUTBOX.c.fold_key, _OUTBOX.c.not_before, _OUTBOX.c.id)
        .where(UNDECIDED, _OUTBOX.c.mail_class == classes.c.mail_class, _IS_NEAR, _is_due())
        .order_by(_OUTBOX.c.not_before, _OUTBOX.c.id)
        .limit(_MOST)
        .lateral("head")
    )
    return (
        select(head.c.message_id, head.c.fold_key)
        .select_from(classes.join(head, true()))
        .order_by(classes.c.urgency, head.c.not_before, head.c.id)
        .limit(_MOST)
    )


def _is_due() -> ColumnElement[bool]:
    unfired = exists().where(
        _RUNG.c.fire_at <= _AT,
        is_waiting(_RUNG.c),
        _RUNG.c.fire_at.is_not(None),
    )
    may_grow = or_(
        _OUTBOX.c.notice == any_(bindparam("folding", _FOLDING, type_=ARRAY(Text))),
        _OUTBOX.c.fold_key.startswith(DAILY),
    )
    is_whole = or_(
        ~may_grow,
        _OUTBOX.c.message_id.is_not(None),
        _OUTBOX.c.not_before <= bindparam("whole_until", type_=DateTime(timezone=True)),
        ~unfired,
    )
    return or_(and_(_NEW, _OUTBOX.c.not_before <= _AT, is_whole, ~_still_gathers()), _ABANDONED)


def _still_gathers() -> ColumnElement[bool]:
    """Whether something due, or in a sender's hands, is still to be put into the letter of a day.

    After a standstill more is due of one reader than a sender takes in hand at once. What has been a mail
    before keeps its name, and is waited for by no letter.
    """
    loose = _OUTBOX.alias("loose")
    first = select(loose.c.id).where(
        literal_column(LOOSE),
        loose.c.account_id == _OUTBOX.c.account_id,
        loose.c.not_before <= _AT,
        or_(loose.c.message_id.is_(None), loose.c.state == MailState.SENDING),
    )
    # With a limit: for an EXISTS the server may read all that is loose, of everybody.
    return and_(
        _OUTBOX.c.message_id.is_(None),
        _OUTBOX.c.fold_key.startswith(DAILY),
        first.limit(1).scalar_subquery().is_not(None),
    )


_MOST: Final = bindparam("most", type_=Integer)
_AT: Final = bindparam("now", type_=DateTime(timezone=True))
_SOON: Final = bindparam("soon", type_=DateTime(timezone=True))
_CLASSES: Final = bindparam("classes", [str(kind) for kind in MailClass], type_=ARRAY(Text))
# Nothing was ever claimed before its time but for this. By one bound for what is due and what was abandoned a
# claim reads along the index to now, and nothing of what waits for a morning.
_IS_NEAR: Final = _OUTBOX.c.not_before <= _SOON
_GUARD: Final = Statement(select(func.pg_advisory_xact_lock(_CLAIMING)))
_BURY: Final = Statement(
    update(_OUTBOX)
    .where(
        _OUTBOX.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        _ABANDONED,
        _HELD_AGAINST >= MAX_ATTEMPTS,
    )
    .values(state=MailState.DEAD, state_reason=f"no_result: {MAX_ATTEMPTS} attempts ended without one")
    .returning(_OUTBOX.c.id)
)
_FIRST_DUE: Final = Statement(_first_due())
_BELONGING = select(
    _OUTBOX.c.id,
    _OUTBOX.c.message_id,
    _OUTBOX.c.fold_key,
    _OUTBOX.c.dedupe_key,
    _OUTBOX.c.attempt,
    _OUTBOX.c.state,
).where(
    UNDECIDED,
    or_(
        _OUTBOX.c.message_id == any_(bindparam("messages", type_=ARRAY(Text))),
        and_(
            _OUTBOX.c.message_id.is_(None),
            _OUTBOX.c.fold_key == any_(bindparam("folds", type_=ARRAY(Text))),
            # Two senders at once may each have begun the ten minutes of one reader's letter, seconds apart.
            or_(
                _OUTBOX.c.not_before <= _AT,
                and_(_OUTBOX.c.fold_key.startswith(DAILY), _OUTBOX.c.not_before <= _SOON),
            ),
        ),
    ),
)
_MEMBERS: Final = Statement(_BELONGING.order_by(_OUTBOX.c.not_before, _OUTBOX.c.id))
_FREE_MEMBERS: Final = Statement(_BELONGING.with_for_update(skip_locked=True))
_CLAIMED = given("claimed", {"ids": ("id", Uuid()), "message_ids": ("message_id", Text())})
_LEASE: Final = Statement(
    update(_OUTBOX)
    .where(_OUTBOX.c.id == _CLAIMED.c.id)
    .values(
        state=MailState.SENDING,
        attempt=_OUTBOX.c.attempt + 1,
        excused_count=_OUTBOX.c.excused_count + 1,
        lease_until=REAL_TIME + LEASE,
        message_id=_CLAIMED.c.message_id,
    )
    .returning(
        _OUTBOX.c.id, _OUTBOX.c.attempt, _OUTBOX.c.state_reason, _HELD_AGAINST.label("tries")
    )
)  # fmt: skip
