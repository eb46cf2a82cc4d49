"""What a move writes, set-wise: a single decision is a batch of one. Never commits.

Lock order: the nominations are locked by the caller; then visit, work item, rung, outbox.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert
from sqlalchemy.orm import Session

from workflow.domain.history.attested import FACTS, REACHED, SIGNED
from workflow.domain.moves.by_code import BY_CODE
from workflow.domain.moves.engine import Direction
from workflow.domain.moves.proposing import PREPARED_BY, PREPARED_CHANGED, is_as_proposed
from workflow.domain.rights.routing import split_key
from workflow.domain.route.definition import Step
from workflow.domain.time.clocks import VisitClock, start_clock
from workflow.domain.vocabulary import NoticeKind, WorkKind
from workflow.operations.deadlines.clocks import rung_rows
from workflow.operations.deadlines.empty_seats import show_to, told_data
from workflow.operations.deadlines.stay_ends import StayEnd, end_stays
from workflow.operations.history.record import Change, Recorded, append_changes, update_nominations
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.nominations.decisions import SignedDecision, find_or_create_decisions
from workflow.operations.nominations.offline_steps import place_in_time
from workflow.operations.nominations.openings import Opening, mark_sent, plan_openings
from workflow.operations.nominations.plans import MovePlan, signed_with, verdict_on
from workflow.operations.nominations.questions import lapsed, told_of_question
from workflow.operations.nominations.undo import held_back
from workflow.operations.nominations.verdicts import CouncilVerdict, write_verdicts
from workflow.store.base import table_of
from workflow.store.calendars import calendar_of_seat
from workflow.store.ids import uuid7
from workflow.store.nominations import Rung, Visit, WorkItem
from workflow.store.statements import Statement, at_once


@dataclass(frozen=True, slots=True)
class _Stay:
    """What every stay that begins here and now has in common: its clock, and its ladder as rows."""

    step: Step
    clock: VisitClock
    calendar_version: str
    ladder: Sequence[Mapping[str, object]]


_OPEN_VISITS = Statement(insert(table_of(Visit)))
_OPEN_WORK = Statement(insert(table_of(WorkItem)))
_PLAN_RUNGS = Statement(insert(table_of(Rung)))

_TELLS_HOLDERS = {Direction.FORWARD: NoticeKind.WORK_OPENED, Direction.RETURN: NoticeKind.RETURNED}
_TELLS_AUTHOR = {Direction.APPROVE: NoticeKind.APPROVED, Direction.REJECT: NoticeKind.REJECTED}


def apply_moves(session: Session, plans: Sequence[MovePlan], *, slot: str | None = None) -> list[Recorded]:
    """Write every plan's state, event, visits, work, rungs and mails in one set of statements.

    Mails of one `slot` fold: one for each reader and kind, however many nominations it tells of.

    Raises `StaleNomination` when a nomination moved meanwhile, `NoSuchSeat` when the next step's seat does
    not exist, `Conflict` when a decision's number is known with another date or signer.
    """
    plans = place_in_time(session, plans)
    openings = plan_openings(session, plans)
    verdicts = {
        plan.locked.facts.nomination_id: verdict_on(session, plan) for plan in plans if plan.request.vote
    }
    papers = [signed_with(plan) for plan in plans]
    decision_ids = find_or_create_decisions(session, [paper for paper in papers if paper])
    changes = [
        _change(
            plan,
            openings.get(plan.locked.facts.nomination_id),
            (decision_ids[paper], paper) if paper else None,
            verdicts.get(plan.locked.facts.nomination_id),
        )
        for plan, paper in zip(plans, papers, strict=True)
    ]
    asked = told_of_question(session, [plan.locked for plan in plans if plan.locked.question])
    update_nominations(session, changes)
    mark_sent(session, plans)
    with at_once(session):
        write_verdicts(session, tuple(verdicts.items()))
        recorded = append_changes(session, changes)
        _close(session, plans)
        _open_work(session, tuple(openings.values()))
        notices = _notices(plans, recorded, openings, slot)
        notices += lapsed(plans, recorded, notices, asked)
        write_notices(session, held_back(session, plans, notices))
    told = {root: one.above.key for root, one in openings.items() if one.above and one.above.key}
    show_to(session, {root: split_key(key)[1] for root, key in told.items()})
    return recorded


def _change(
    plan: MovePlan,
    opening: Opening | None,
    decision: tuple[int, SignedDecision] | None,
    verdict: CouncilVerdict | None,
) -> Change:
    request, facts = plan.request, plan.locked.facts
    seat = split_key(opening.owner_key)[1] if opening else None
    data: dict[str, object] = dict(_proofs(plan, seat, decision))
    if plan.is_by_code:
        data[BY_CODE] = True
    if plan.direction is not None and (prepared := facts.proposed):
        data |= {PREPARED_BY: prepared.by, PREPARED_CHANGED: not is_as_proposed(prepared, request)}
    if verdict is not None:
        data["vote"] = verdict.as_data()
    if request.on_paper is not None:
        data["paper"] = request.on_paper.as_data()
    # The same person in several seats is allowed, recorded and shown; a definition's guard may forbid it.
    elif also := sorted(set(plan.locked.seats_taken) - {facts.state}):
        data["also_acted_in"] = also
    if opening is not None and opening.owner_key != opening.first_choice:
        data["routed_to"] = opening.owner_key
    if opening is not None and opening.above is not None:
        data |= told_data(opening.owner_key, opening.above)
    return Change(
        locked=plan.locked,
        request=request,
        actor=plan.actor,
        via=plan.via,
        at=plan.at,
        to=(plan.dest, plan.definition.stage_of(plan.dest)),
        is_held=False,
        seat=seat,
        decision_id=decision[0] if decision else None,
        data=data,
        names=plan.founding.names if plan.founding else {},
    )


def _proofs(
    plan: MovePlan, seat: str | None, decision: tuple[int, SignedDecision] | None
) -> Iterator[tuple[str, object]]:
    """Yield what `attested.py` reads back: the facts of a draft, a seat reached, the decision signed."""
    if plan.founding is not None:
        yield FACTS, dict(plan.founding.facts)
    if seat is not None and seat not in plan.locked.facts.audience:
        yield REACHED, [seat]
    if decision is not None:
        yield "decision", decision[0]
        yield SIGNED, decision[1].as_data()


def _close(session: Session, plans: Sequence[MovePlan]) -> None:
    ends = [
        StayEnd(
            visit_id=plan.locked.visit_id,
            work_item_id=plan.locked.open_work_id,
            entered_at=plan.locked.visit_entered_at or plan.took_place_at,
            claimed_at=plan.locked.first_claimed_at,
            left_at=plan.took_place_at,
            action=plan.request.action,
            to=plan.definition.stage_of(plan.dest),
            calendar=plan.definition.calendar,
            holds=plan.locked.holds,
        )
        for plan in plans
        if plan.locked.visit_id
    ]
    end_stays(session, ends)


def _open_work(session: Session, openings: Sequence[Opening]) -> None:
    """Insert the visit, the work item and the rungs of each opening."""
    if not openings:
        return
    visits, work, rungs = [], [], []
    stays: dict[object, _Stay] = {}
    for opening in openings:
        plan = opening.plan
        # The names of one list mostly begin the same stay: its dates are counted once.
        dates = frozenset(plan.locked.round_dates.items())
        key = (
            plan.definition.machine_key,
            opening.owner_key,
            opening.sent.source,
            plan.dest,
            plan.took_place_at,
            plan.at,
            dates,
        )
        stay = stays.get(key) or stays.setdefault(key, _plan_stay(session, opening))
        visit, item, ladder = _opening_rows(opening, stay)
        visits.append(visit)
        work.append(item)
        rungs += ladder
    _OPEN_VISITS.run_each(session, visits)
    _OPEN_WORK.run_each(session, work)
    if rungs:
        _PLAN_RUNGS.run_each(session, rungs)


def _plan_stay(session: Session, opening: Opening) -> _Stay:
    plan = opening.plan
    timing = plan.definition.timing_of(plan.dest, opening.sent.source)
    calendar = calendar_of_seat(session, plan.definition.calendar, opening.owner_key)
    clock = start_clock(
        timing.due, calendar, entered_at=plan.took_place_at, round_dates=plan.locked.round_dates
    )
    ladder = rung_rows(
        timing,
        clock,
        calendar,
        entered_at=plan.at,
        nomination_id=plan.locked.facts.nomination_id,
        work_item_id=opening.work_item_id,
    )
    return _Stay(plan.definition.step(plan.dest), clock, calendar.version, ladder)


def _opening_rows(
    opening: Opening, stay: _Stay
) -> tuple[dict[str, object], dict[str, object], list[dict[str, object]]]:
    plan, nomination_id = opening.plan, opening.plan.locked.facts.nomination_id
    step, clock = stay.step, stay.clock
    visit = {
        "id": opening.visit_id,
        "nomination_id": nomination_id,
        "ordinal": plan.locked.visit_ordinal + 1,
        "step": step.name,
        "stage": step.stage,
        "sent_by": opening.sent.by,
        "sent_from": opening.sent.source,
        "entered_at": plan.took_place_at,
        "clock_unit": clock.unit,
        "budget_minutes": clock.budget_minutes,
        "clock_started_at": clock.started_at,
        "due_at": clock.due_at,
        "calendar_version": stay.calendar_version,
        "nth": plan.locked.steps_taken.count(step.name) + 1,
    }
    work = {
        "id": opening.work_item_id,
        "visit_id": opening.visit_id,
        "nomination_id": nomination_id,
        "kind": WorkKind.STAGE,
        "owner_key": opening.owner_key,
        "assignee_id": opening.assignee_id,
        "taken_at": plan.took_place_at if opening.assignee_id is not None else None,
        "opened_at": plan.took_place_at,
        "due_at": clock.due_at,
        "first_claimed_at": plan.took_place_at if opening.sent.has_begun else None,
    }
    own = {"work_item_id": opening.work_item_id, "nomination_id": nomination_id}
    rungs = [{**rung, "id": uuid7(plan.at), **own} for rung in stay.ladder]
    return visit, work, rungs


def _notices(
    plans: Sequence[MovePlan], recorded: Sequence[Recorded], openings: Mapping[int, Opening], slot: str | None
) -> list[PromisedMail]:
    notices = []
    for plan, event in zip(plans, recorded, strict=True):
        nomination_id = plan.locked.facts.nomination_id
        opening = openings.get(nomination_id)
        if opening is not None and opening.above is not None:
            kind, people, work_item_id = (
                NoticeKind.SEAT_EMPTY,
                opening.above.account_ids,
                opening.work_item_id,
            )
        elif plan.direction in _TELLS_HOLDERS and opening is not None:
            kind, people, work_item_id = (
                _TELLS_HOLDERS[plan.direction],
                opening.recipients,
                opening.work_item_id,
            )
        elif plan.direction in _TELLS_AUTHOR:
            kind, people, work_item_id = _TELLS_AUTHOR[plan.direction], (plan.locked.created_by,), None
        elif (taker := _had_taken(plan)) is not None:
            kind, people, work_item_id = NoticeKind.WORK_GONE, (taker,), None
        else:
            continue
        base = PromisedMail(
            kind, 0, event.event_id, nomination_id, plan.at, work_item_id, event.event_id, slot
        )
        notices += [replace(base, account_id=account_id) for account_id in people]
    return notices


def _had_taken(plan: MovePlan) -> int | None:
    """Return who had taken the work that a recall or a withdrawal by somebody else took away."""
    taker = plan.locked.facts.assignee_id
    return taker if plan.direction is None and taker != plan.actor.account_id else None
