"""What becomes of a claimed mail: begun, on its way, settled, given back, woken. All of it is fenced."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Text,
    Update,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import MailState
from workflow.store.base import given, table_of, told
from workflow.store.delivery import AddressRefusal, note_refusals
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination
from workflow.store.outbox import LEASE, REAL_TIME, ClaimedMail
from workflow.store.statements import Statement

MAYBE_SENT: Final = "maybe_sent"
"""What the reason of a mail begins with once a server may have taken it, whatever happens to it later."""

_NO_ANSWER: Final = f"{MAYBE_SENT}: its sender ended before the server's answer was noted"
SERVER_AWAY: Final = "server_away"
DELAYED: Final = "delayed"

_OUTBOX = table_of(Outbox)
# Spelt out, not bound, so that the planner sees that the partial index serves.
_IS_NEW: Final = and_(literal_column("outbox.state IN ('new', 'sending')"), _OUTBOX.c.state == MailState.NEW)


@dataclass(frozen=True, slots=True)
class MailFate:
    """What became of a mail: its next state, why, and when to try again. `is_excused` spares its tries.

    `refusal` is what the mail server said of the address where it was that.
    """

    state: MailState
    reason: str | None = None
    not_before: datetime | None = None
    sent_at: datetime | None = None
    is_excused: bool = False
    refusal: AddressRefusal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mail whose hand-over began, and what became of it."""

    mail: ClaimedMail
    fate: MailFate


@dataclass(frozen=True, slots=True)
class Written:
    """Of what was to be written, that which was still the sender's: ended, and begun."""

    ended: Sequence[Verdict]
    begun: Sequence[ClaimedMail]


def note_on_its_way(session: Session, mail: ClaimedMail) -> bool:
    """Note that the server is about to get the message, so that whoever finds the mail abandoned knows.

    False when it is not this sender's any more: then somebody else sends it, and this one must not.
    """
    return _ON_ITS_WAY.run(session, _fence([mail])) == len(mail.rows)


def renew_leases(session: Session, mails: Iterable[ClaimedMail]) -> None:
    """Keep mails in hand for another lease."""
    _write(session, _RENEW, mails)


def give_back(
    session: Session, mails: Iterable[ClaimedMail], *, reason: str | None, again_at: datetime | None
) -> int:
    """Let others have mails that were claimed and not begun; return how many rows. `reason` says why not."""
    return _write(session, _GIVE_BACK, mails, reason=reason, again_at=again_at)


def write_results(
    session: Session,
    verdicts: Sequence[Verdict],
    begun: Sequence[ClaimedMail] = (),
    *,
    on_its_way: bool = False,
) -> Written:
    """Write what became of mails and count a try of those whose hand-over begins, in one statement.

    What is no longer this sender's does not change. A mail of which somebody else has a part is left whole.
    With `on_its_way` those that begin are noted so at once, as by `note_on_its_way`.
    """
    mails = [*(verdict.mail for verdict in verdicts), *begun]
    found = (
        _TURN.fetch(session, _turn_of(verdicts, begun, _NO_ANSWER if on_its_way else None)) if mails else ()
    )
    written = {row.id for row in found}
    counts = {id(mail): sum(row.id in written for row in mail.rows) for mail in mails}
    halves = {id(mail) for mail in mails if 0 < counts[id(mail)] < len(mail.rows)}
    if halves:
        session.rollback()
        return write_results(
            session,
            [verdict for verdict in verdicts if id(verdict.mail) not in halves],
            [mail for mail in begun if id(mail) not in halves],
            on_its_way=on_its_way,
        )
    ended = [verdict for verdict in verdicts if counts[id(verdict.mail)]]
    if refused := [(one.mail.message_id, refusal) for one in ended if (refusal := one.fate.refusal)]:
        note_refusals(session, refused)
    return Written(ended, [mail for mail in begun if counts[id(mail)]])


def _turn_of(
    verdicts: Sequence[Verdict], begun: Sequence[ClaimedMail], noted: str | None
) -> dict[str, object]:
    """Return the rows of all mails: those that come to their end, then those that begin."""
    ended = [(row, verdict.fate) for verdict in verdicts for row in verdict.mail.rows]
    begins = [row for mail in begun for row in mail.rows]
    told_of = [
        *(
            {
                "id": row.id.hex,
                "attempt": row.attempt,
                "state": fate.state,
                "reason": fate.reason,
                "again_at": fate.not_before.isoformat() if fate.not_before else None,
                "left_at": fate.sent_at.isoformat() if fate.sent_at else None,
                "excused": int(fate.is_excused),
            }
            for row, fate in ended
        ),
        *({"id": row.id.hex, "attempt": row.attempt, "reason": noted, "excused": -1} for row in begins),
    ]
    return {"results": json.dumps(told_of)}


def wake_mails(session: Session, *, now: datetime, delayed_too: bool) -> int:
    """Make due what rests because no server took it, with `delayed_too` also what a server put off."""
    reasons = (SERVER_AWAY, DELAYED) if delayed_too else (SERVER_AWAY,)
    rests = or_(*(_OUTBOX.c.state_reason.startswith(reason) for reason in reasons))
    statement = update(_OUTBOX).where(_IS_NEW, _OUTBOX.c.not_before > now, rests).values(not_before=now)
    return session.connection().execute(statement).rowcount


def lock_root(session: Session, row_id: UUID) -> None:
    """Let nothing be done to the nomination that a row is about, until this transaction ends."""
    about = select(_OUTBOX.c.nomination_id).where(_OUTBOX.c.id == row_id).scalar_subquery()
    session.execute(select(Nomination.id).where(Nomination.id == about).with_for_update(read=True))


def promise_again(
    session: Session,
    nomination_id: int,
    work_item_id: UUID | None,
    held_back: Sequence[str],
    *,
    reason: str,
    now: datetime,
) -> int:
    """Make new again the rows about one piece of work that ended for the reasons `held_back`.

    They are as young as `now`: their days of tries, and what readiness calls late, begin anew. What a server
    may have taken says so by `reason` and keeps its Message-ID and its turn. A name shared with other rows is
    given up: a letter went out under it, and would hide this one. Of one kind for one reader only the newest
    row is told.
    """
    other = _OUTBOX.alias("other")
    has_newer = exists().where(
        other.c.nomination_id == nomination_id,
        other.c.work_item_id == work_item_id,
        other.c.account_id == _OUTBOX.c.account_id,
        other.c.notice == _OUTBOX.c.notice,
        tuple_(other.c.created_at, other.c.id) > tuple_(_OUTBOX.c.created_at, _OUTBOX.c.id),
    )
    is_shared = exists().where(other.c.message_id == _OUTBOX.c.message_id, other.c.id != _OUTBOX.c.id)
    statement = (
        update(_OUTBOX)
        .where(
            _OUTBOX.c.nomination_id == nomination_id,
            _OUTBOX.c.work_item_id == work_item_id,
            _OUTBOX.c.state.in_((MailState.CANCELLED, MailState.SENT)),
            _OUTBOX.c.state_reason.in_(held_back),
            ~has_newer,
        )
        .values(
            state=MailState.NEW,
            state_reason=case((_OUTBOX.c.state == MailState.SENT, reason), else_=null()),
            message_id=case((is_shared, null()), else_=_OUTBOX.c.message_id),
            not_before=func.greatest(_OUTBOX.c.not_before, now),
            created_at=now,
            sent_at=None,
        )
    )
    return session.connection().execute(statement).rowcount


def _write(session: Session, statement: Update, mails: Iterable[ClaimedMail], **values: object) -> int:
    return session.connection().execute(statement, _fence(mails) | values).rowcount


def _fence(mails: Iterable[ClaimedMail]) -> dict[str, object]:
    rows = [row for mail in mails for row in mail.rows]
    return {"ids": [row.id for row in rows], "attempts": [row.attempt for row in rows]}


_HELD = given("held", {"ids": ("id", Uuid()), "attempts": ("attempt", BigInteger())})
_FENCED = update(_OUTBOX).where(
    _OUTBOX.c.id == _HELD.c.id,
    _OUTBOX.c.attempt == _HELD.c.attempt,
    _OUTBOX.c.state == MailState.SENDING,
)
_WAS_MAYBE_SENT = _OUTBOX.c.state_reason.startswith(MAYBE_SENT)
_RENEW = _FENCED.values(lease_until=REAL_TIME + LEASE)
_ON_ITS_WAY = Statement(_FENCED.values(state_reason=_NO_ANSWER, lease_until=REAL_TIME + LEASE))
_GIVE_BACK = _FENCED.values(
    state=MailState.NEW,
    state_reason=case(
        (_WAS_MAYBE_SENT, _OUTBOX.c.state_reason),
        else_=func.coalesce(bindparam("reason", type_=Text), _OUTBOX.c.state_reason),
    ),
    not_before=func.coalesce(bindparam("again_at"), _OUTBOX.c.not_before),
    lease_until=None,
)
# A row without a new state begins: it loses the excuse of its claim, and keeps its lease from now on.
_RESULT = told(
    "result",
    "results",
    {
        "id": Uuid(),
        "attempt": BigInteger(),
        "state": Text(),
        "reason": Text(),
        "again_at": DateTime(timezone=True),
        "left_at": DateTime(timezone=True),
        "excused": BigInteger(),
    },
)
_BEGINS = _RESULT.c.state.is_(None)
# Each by its key: of a text the server expects a hundred rows, and would read the whole of a small table.
_NAMED = select(told("named", "results", {"id": Uuid()}).c.id).scalar_subquery()
_OTHER = _OUTBOX.alias("other")
# The rest of its mail goes out under the name that both have, and would hide what is told by itself later.
_IS_PARTED: Final = and_(
    _RESULT.c.state == MailState.NEW,
    exists().where(
        _OTHER.c.message_id == _OUTBOX.c.message_id,
        # By the name, of which there are few: an index of all that is open would be read whole.
        func.concat(_OTHER.c.state) == MailState.SENDING,
        ~(_OTHER.c.id == any_(func.array(_NAMED, type_=ARRAY(Uuid())))),
    ),
)
_TURN = Statement(
    update(_OUTBOX)
    .where(
        _OUTBOX.c.id == any_(func.array(_NAMED, type_=ARRAY(Uuid()))),
        _OUTBOX.c.id == _RESULT.c.id,
        _OUTBOX.c.attempt == _RESULT.c.attempt,
        # No partial index serves this: the server takes those for as empty as they are between two mornings.
        func.concat(_OUTBOX.c.state) == MailState.SENDING,
    )
    .values(
        state=func.coalesce(_RESULT.c.state, _OUTBOX.c.state),
        state_reason=case(
            (_BEGINS, func.coalesce(_RESULT.c.reason, _OUTBOX.c.state_reason)), else_=_RESULT.c.reason
        ),
        # Of a row that begins nobody asks whether it is parted: "unknown and ..." would have it looked up.
        message_id=case((_BEGINS, _OUTBOX.c.message_id), (_IS_PARTED, null()), else_=_OUTBOX.c.message_id),
        not_before=func.coalesce(_RESULT.c.again_at, _OUTBOX.c.not_before),
        sent_at=case((_BEGINS, _OUTBOX.c.sent_at), else_=_RESULT.c.left_at),
        lease_until=case((_BEGINS, REAL_TIME + LEASE), else_=null()),
        excused_count=_OUTBOX.c.excused_count + _RESULT.c.excused,
    )
    .returning(_OUTBOX.c.id)
)
