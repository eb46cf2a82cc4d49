"""An award that was decided is annulled by a decision of its own, and stands again where that was a mistake.

Law on Emulation and Commendation 06/2022, article 93. History keeps both: what was decided, and what became
of it. See docs/adr/0104.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import null, or_, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, RequirementsMissing
from workflow.domain.history.attested import ANNULLED, SIGNED
from workflow.domain.route.states import ANNULLED_STATE
from workflow.domain.vocabulary import BuiltIn, DecisionKind, NoticeKind, Stage
from workflow.operations.deadlines.called_back import call_back, tell_of_award_after_all
from workflow.operations.history.record import Change, Recorded, append_changes, update_nominations
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.nominations.commands import Attempt
from workflow.operations.nominations.decisions import SignedDecision, find_or_create_decisions, unsigned
from workflow.operations.nominations.undo import write_if_free
from workflow.store.database import undo_window
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Decision, Nomination


def annul(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Annul the award by a decision with number, date and signer; say why.

    Whoever was told of the award is told, when it cannot be taken back unseen any more. Raises
    `RequirementsMissing` naming what is not there, `Conflict` when the number is known otherwise.
    """
    facts, decision = attempt.locked.facts, attempt.command.request.decision
    unmet = [*unsigned(decision), *_unsaid(attempt)]
    decided_on = _decided_on(session, facts.nomination_id)
    if decision is not None and decided_on is not None and decision.dated < decided_on:
        message = f"It is dated before the decision that it annuls, of {decided_on.isoformat()}."
        unmet.append(Reason("annulled_before_decided", message, {"day": f"{decided_on:%d/%m/%Y}"}))
    if unmet or decision is None:
        raise RequirementsMissing(" ".join(reason.message for reason in unmet), reasons=unmet)
    body = facts.decider or f"unit:{facts.seats.round_owner}"
    signed = SignedDecision(decision, body, DecisionKind.ANNULMENT)
    annulment_id = find_or_create_decisions(session, [signed])[signed]
    told: dict[str, object] = {ANNULLED: True, "decision": annulment_id, SIGNED: signed.as_data()}
    change = replace(_change(attempt, ANNULLED_STATE, now), data=told)
    update_nominations(session, [change])
    [recorded] = append_changes(session, [change])
    _note(session, facts.nomination_id, annulment_id)
    window = undo_window(session)
    held_until = now + window if window else None
    readers = _told_of_award(session, attempt)
    _tell(session, NoticeKind.ANNULLED, readers, attempt, recorded, now=now, held_until=held_until)
    return recorded


def reinstate(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Take an annulment back that was recorded by mistake, saying why: the award stands as it was decided.

    Its letters that have not left do not leave; whoever got one is told. Raises `RequirementsMissing` without
    a comment, `Conflict` where the nominee was proposed anew meanwhile.
    """
    if unmet := _unsaid(attempt):
        raise RequirementsMissing(unmet[0].message, reasons=unmet)
    nomination_id = attempt.locked.facts.nomination_id
    annulled = session.execute(
        select(Event.id, Event.source)
        .where(Event.stream == f"nomination:{nomination_id}", Event.action == BuiltIn.ANNUL)
        .order_by(Event.seq.desc())
        .limit(1)
    ).one()
    change = replace(_change(attempt, annulled.source, now), data={ANNULLED: False})
    write_if_free(session, change)
    [recorded] = append_changes(session, [change])
    _note(session, nomination_id, None)
    mails = call_back(session, nomination_id, annulled.id, (), now=now)
    tell_of_award_after_all(session, nomination_id, now=now)
    _tell(session, NoticeKind.REINSTATED, mails.readers, attempt, recorded, now=now)
    return recorded


def _unsaid(attempt: Attempt) -> list[Reason]:
    if attempt.command.request.comment:
        return []
    return [Reason("comment_missing", "Say in the comment why.")]


def _change(attempt: Attempt, state: str, now: datetime) -> Change:
    command, stage = attempt.command, Stage(attempt.definition.stage_of(state))
    return Change(attempt.locked, command.request, attempt.actor, command.via, now, to=(state, stage))


def _note(session: Session, nomination_id: int, annulment_id: int | None) -> None:
    value = null() if annulment_id is None else annulment_id
    session.execute(update(Nomination).where(Nomination.id == nomination_id).values(annulment_id=value))


def _decided_on(session: Session, nomination_id: int) -> date | None:
    """Return the date of the decision that gave the award: of the one above, where it was given there."""
    is_of_it = or_(Nomination.decision_id == Decision.id, Nomination.upper_decision_id == Decision.id)
    dates = select(Decision.decided_on).join(Nomination, is_of_it).where(Nomination.id == nomination_id)
    return session.scalars(dates.order_by(Decision.decided_on.desc()).limit(1)).one_or_none()


def _told_of_award(session: Session, attempt: Attempt) -> frozenset[int]:
    """Return who drafted it, and whoever else a letter was written to that it was awarded or stands."""
    told = select(Outbox.account_id).where(
        Outbox.nomination_id == attempt.locked.facts.nomination_id,
        Outbox.notice.in_((NoticeKind.APPROVED, NoticeKind.REINSTATED)),
    )
    return frozenset({attempt.locked.created_by, *session.scalars(told)})


def _tell(
    session: Session,
    kind: NoticeKind,
    readers: Iterable[int],
    attempt: Attempt,
    recorded: Recorded,
    *,
    now: datetime,
    held_until: datetime | None = None,
) -> None:
    number, event = attempt.locked.facts.nomination_id, recorded.event_id
    notices = [
        PromisedMail(kind, one, event, number, now, event_id=event, held_until=held_until)
        for one in sorted(readers)
    ]
    write_notices(session, notices)
