"""How a person wants their mails: chosen on their page, or information switched off by one click."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.mails.preferences import MailPreferences, PreferenceProblem
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailState, Via
from workflow.operations.history.streams import append_event
from workflow.store.departures import daily_fold
from workflow.store.mail import MailPreference, Outbox
from workflow.store.outbox import UNDECIDED

_FIELDS: Final[Mapping[PreferenceProblem, tuple[str, str]]] = {
    PreferenceProblem.TOO_EARLY: ("digest_at", "is before the day's reminders are there, at 07:15"),
    PreferenceProblem.IN_QUIET_HOURS: ("digest_at", "lies in the quiet hours"),
    PreferenceProblem.QUIET_BY_DAY: ("quiet_from", "quiet hours begin after noon and end before noon"),
}


def choose_mails(session: Session, *, actor: Actor, chosen: MailPreferences, via: Via, now: datetime) -> bool:
    """Write how the actor wants their mails, with an event, and commit; return whether that is new.

    What waits for the actor's morning is asked anew at once. Raises `InvalidField` for hours that cannot be
    kept.
    """
    problem = chosen.problem()
    if problem is not None:
        field, message = _FIELDS[problem]
        raise InvalidField(
            f"The hours cannot be kept: {field} {message}.", errors=[FieldError(field, message)]
        )
    values: dict[str, Any] = {
        "pace": chosen.pace,
        "digest_at": chosen.digest_at,
        "quiet_from": chosen.quiet_from,
        "quiet_until": chosen.quiet_until,
    }
    before = _locked(session, actor.account_id)
    is_new = before is None or any(getattr(before, name) != value for name, value in values.items())
    had_information = before is None or before.no_information_since is None
    if is_new or had_information != chosen.wants_information:
        since = None if chosen.wants_information else now
        keeps = not had_information and not chosen.wants_information and before is not None
        values["no_information_since"] = before.no_information_since if keeps and before else since
        _write(session, actor.account_id, values)
        _ask_anew(session, actor.account_id, now)
        _tell(session, actor, values, via, now)
        is_new = True
    session.commit()
    return is_new


def switch_information_off(session: Session, *, actor: Actor, via: Via, now: datetime) -> bool:
    """Send the actor no mails of information any more, and commit; return whether that is new.

    Done again it changes nothing and appends nothing.
    """
    before = _locked(session, actor.account_id)
    is_new = before is None or before.no_information_since is None
    if is_new:
        _write(session, actor.account_id, {"no_information_since": now})
        _tell(session, actor, {"no_information_since": now}, via, now)
    session.commit()
    return is_new


def _locked(session: Session, account_id: int) -> MailPreference | None:
    """Return the row of an account, locked; two at once who find none are told apart by its key."""
    statement = select(MailPreference).where(MailPreference.account_id == account_id)
    return session.scalars(statement.with_for_update()).one_or_none()


def _write(session: Session, account_id: int, values: Mapping[str, Any]) -> None:
    session.execute(
        insert(MailPreference)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )


def _ask_anew(session: Session, account_id: int, now: datetime) -> None:
    """Have the next sender ask when the mails leave that wait for this reader's morning.

    What was tried has a name, and rests because of a server.
    """
    waits = (UNDECIDED, Outbox.fold_key == daily_fold(account_id), Outbox.state == MailState.NEW)
    is_untried = Outbox.message_id.is_(None)
    session.execute(update(Outbox).where(*waits, is_untried, Outbox.not_before > now).values(not_before=now))


def _tell(session: Session, actor: Actor, values: Mapping[str, Any], via: Via, now: datetime) -> None:
    data = {name: None if value is None else str(value) for name, value in values.items()}
    append_event(
        session, f"account:{actor.account_id}", "choose_mails", actor=actor, via=via, now=now, data=data
    )
