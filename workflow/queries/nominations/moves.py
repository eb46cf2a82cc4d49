"""What somebody can do with a nomination now: every action, open or refused with every reason.

The same policy, engine and built-in rules answer here as in the operation itself, so that a button and its
outcome agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, RouteUnreadable
from workflow.domain.facts import Facts
from workflow.domain.moves.built_ins import refuse
from workflow.domain.moves.decided import NEED_DECISION, NEED_REASON, recordable
from workflow.domain.moves.engine import Direction, Offer, offers
from workflow.domain.moves.offline_steps import refuse_offline, seat_of_move
from workflow.domain.moves.standing import Standing
from workflow.domain.moves.undoing import LastAct
from workflow.domain.rights.policy import NOT_YOURS, Actor, guises, refuse_move
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import BuiltIn, Stage
from workflow.queries.nominations.assignees import assignees
from workflow.queries.nominations.prepared import (
    PreparedView,
    ProposedMove,
    prepared_on,
    proposable,
    refused_to_prepare,
)
from workflow.queries.shapes import Titled, Who, Words, action_words, words_of
from workflow.queries.sight import read_seen
from workflow.store.definitions import load_definition
from workflow.store.last_acts import read_last_act
from workflow.store.locked import Locked

_OPINIONS: Final = (BuiltIn.ASK_OPINION, BuiltIn.RECEIVE_OPINION)
"""Offered alone where the route doubles the time for it: elsewhere nobody is told of what cannot be."""
BUILT_INS: Final = (
    BuiltIn.EDIT,
    BuiltIn.PREPARE,
    BuiltIn.PREPARE_AGAIN,
    BuiltIn.CLAIM,
    BuiltIn.TAKE_OVER,
    BuiltIn.RELEASE,
    BuiltIn.REASSIGN,
    BuiltIn.REQUEST_INFO,
    BuiltIn.ANSWER_INFO,
    *_OPINIONS,
    BuiltIn.HOLD,
    BuiltIn.RELEASE_HOLD,
    BuiltIn.RECALL,
    BuiltIn.WITHDRAW,
)
"""The actions outside the definition, in the order in which they are offered."""

_ASKS_FOR_WORDS: Final = frozenset(
    {
        BuiltIn.TAKE_OVER,
        BuiltIn.HOLD,
        BuiltIn.REQUEST_INFO,
        BuiltIn.ANSWER_INFO,
        BuiltIn.ASK_OPINION,
        BuiltIn.PREPARE_AGAIN,
    }
)


class MoveKind(StrEnum):
    """Whether the definition names the action or every nomination knows it."""

    MOVE = "move"
    BUILT_IN = "built_in"


@dataclass(frozen=True, slots=True)
class MoveView:
    """One action: its button, what its form has to ask for, and why it is refused, if it is.

    `dests` are the steps it may lead to; several need `to_step`. `reasons` are the codes a reason may have,
    `assignees` the people work can be handed to. `paper_of` is the seat for which you may enter that it was
    done offline, null where you may not. `refusals` is empty exactly when the action `is_open` to yourself.
    `takes_answer_by`: a day may be said by which an answer is asked for; `needs_office`: the outside office
    that was asked is named; `takes_day`: the day on the letter may be said.
    `is_again` says that it sends on what had come back, `substitute_for` in whose place you would do it.
    `prepared` is what somebody proposes: this move, with what words; of `prepare` itself, `proposes` are the
    moves that you may propose.
    """

    name: str
    kind: MoveKind
    label: Words
    direction: Direction | None
    dests: tuple[Titled, ...]
    reason_required: bool
    comment_required: bool
    needs_decision: bool
    needs_vote: bool
    needs_outcome: bool
    takes_answer_by: bool
    needs_office: bool
    takes_day: bool
    paper_of: str | None
    reasons: tuple[Titled, ...]
    assignees: tuple[Who, ...]
    is_open: bool
    is_again: bool
    refusals: tuple[Reason, ...]
    substitute_for: Who | None = None
    prepared: PreparedView | None = None
    proposes: tuple[ProposedMove, ...] = ()


def moves_for(session: Session, *, actor: Actor, nomination_id: int, now: datetime) -> tuple[MoveView, ...]:
    """Return every action on a nomination the actor sees, the definition's moves first. Raises `NotFound`."""
    locked = read_seen(session, actor=actor, nomination_id=nomination_id, now=now)
    last = read_last_act(session, locked, now=now)
    return moves_of(session, actor=actor, locked=locked, now=now, last=last)


def moves_of(
    session: Session,
    *,
    actor: Actor,
    locked: Locked,
    now: datetime,
    with_assignees: bool = True,
    preparing: bool = False,
    last: LastAct | None = None,
) -> tuple[MoveView, ...]:
    """Return every action on a nomination already read; without assignees it asks the database nothing.

    None of one whose route cannot be read. `preparing`: the moves that the actor may propose to whoever
    decides, as if they were theirs to make, and nothing else. With what was done lately (`last`) undoing.
    """
    try:
        definition = load_definition(session, locked.definition_id)
    except RouteUnreadable:
        return ()
    standing = Standing(
        definition=definition,
        facts=locked.facts,
        sent_by=locked.sent_by,
        sent_from=locked.sent_from,
        has_begun=locked.first_claimed_at is not None,
        last=last,
    )
    places = [
        (one, replace(standing, facts=facts))
        for one, facts in guises(actor, locked.facts, is_drafting=locked.stage is Stage.DRAFT)
    ]
    people = [one for one, _ in places]
    # Each is offered the same moves in the same order; what is unmet may differ.
    looks = [
        [_move(one, at, offer, preparing=preparing) for offer in offers(definition, at.facts)]
        for one, at in places
    ]
    moves = [_nearest(people, views) for views in zip(*looks, strict=True)]
    if preparing:
        return tuple(moves)
    built_ins = [
        _nearest(people, [_built_in(one, at, action) for one, at in places]) for action in _offered(standing)
    ]
    if with_assignees:
        built_ins = [_with_assignees(session, view, standing, now) for view in built_ins]
    return (*moves, *built_ins)


def hand_on_refused(
    session: Session, *, actor: Actor, locked: Locked, now: datetime
) -> tuple[Reason, ...] | None:
    """Return why the actor may not hand the open work to somebody else, None where they may."""
    moves = moves_of(session, actor=actor, locked=locked, now=now, with_assignees=False)
    found = next((move for move in moves if move.name == BuiltIn.REASSIGN), None)
    return None if found is not None and found.is_open else found.refusals if found is not None else ()


def _nearest(people: Sequence[Actor], views: Sequence[MoveView]) -> MoveView:
    """Return the action as it is open to the actor: to themselves, else in the place of somebody away."""
    own = views[0]
    found = next((number for number, view in enumerate(views) if view.is_open), None)
    if found is None:
        # In another's place there may be more to say than that it is somebody else's.
        told = (view for view in views if not any(one.code == NOT_YOURS for one in view.refusals))
        view = next(told, own)
    else:
        loan = people[found].acts_for
        who = Who(loan.absent.account_id, loan.name) if loan else None
        view = replace(views[found], substitute_for=who)
    return replace(view, paper_of=next((one.paper_of for one in views if one.paper_of), None))


def _offered(standing: Standing) -> tuple[BuiltIn, ...]:
    """Return the actions outside the definition: after the end only what is recorded of its decision.

    What was decided lately may be undone, first of all, after the end too.
    """
    undoing, facts = (BuiltIn.UNDO,) if standing.last is not None else (), standing.facts
    if facts.is_closed:
        return (*undoing, *recordable(standing))
    timing = standing.definition.timing_of(facts.state, standing.sent_from)
    left_out = () if timing.doubled_when or facts.opinion else _OPINIONS
    return (*undoing, *(one for one in BUILT_INS if one not in left_out))


def _move(actor: Actor, standing: Standing, offer: Offer, *, preparing: bool) -> MoveView:
    definition, facts = standing.definition, standing.facts
    step = definition.step(facts.state)
    owner, is_drafting = step.owner, step.stage is Stage.DRAFT
    refused = refused_to_prepare(actor, standing) if preparing else _refused(actor, standing, offer)
    refusals = (*refused, *offer.unmet)
    takes_reason = offer.reason_required or offer.direction is Direction.REJECT
    return MoveView(
        name=offer.name,
        kind=MoveKind.MOVE,
        label=words_of(offer.label).of_kind(facts.cluster_kind),
        direction=offer.direction,
        dests=tuple(
            Titled(step.name, words_of(step.label).of_kind(facts.cluster_kind)) for step in offer.dests
        ),
        reason_required=offer.reason_required,
        comment_required=offer.reason_required,
        needs_decision=offer.needs_decision,
        needs_vote=offer.needs_vote,
        needs_outcome=False,
        takes_answer_by=False,
        needs_office=False,
        takes_day=False,
        paper_of=_paper_of(actor, facts, by=str(offer.by), owner=str(owner), is_drafting=is_drafting),
        reasons=_reason_choices(definition) if takes_reason else (),
        assignees=(),
        is_open=not refusals,
        is_again=offer.direction is Direction.FORWARD
        and definition.came_back(facts.state, standing.sent_from),
        refusals=refusals,
        prepared=prepared_on(actor, standing, offer.name),
    )


def _refused(actor: Actor, standing: Standing, offer: Offer) -> tuple[Reason, ...]:
    """Return why the move is not the actor's to make, apart from what it lacks."""
    step = standing.definition.step(standing.facts.state)
    refused = refuse_move(
        actor,
        standing.facts,
        by=str(offer.by),
        owner=str(step.owner),
        is_drafting=step.stage is Stage.DRAFT,
        is_personal=offer.is_personal,
    )
    return (refused,) if refused else ()


def _paper_of(actor: Actor, facts: Facts, *, by: str, owner: str, is_drafting: bool) -> str | None:
    """Return the seat whose document makes the move, where the actor keeps its records."""
    seat = seat_of_move(facts, by=by, owner=owner)
    if seat is None or refuse_offline(
        actor, facts, by=by, owner=owner, on_behalf_of=seat, is_drafting=is_drafting
    ):
        return None
    return seat


def _built_in(actor: Actor, standing: Standing, action: BuiltIn) -> MoveView:
    refusals = tuple(reason for refusal in refuse(actor, standing, action) for reason in refusal.reasons)
    prepares = action is BuiltIn.PREPARE and not refusals
    return MoveView(
        name=action,
        kind=MoveKind.BUILT_IN,
        label=action_words(standing.definition, action, standing.facts.state, standing.facts.cluster_kind),
        direction=None,
        dests=(),
        reason_required=False,
        comment_required=action in _ASKS_FOR_WORDS | NEED_REASON,
        needs_decision=action in NEED_DECISION,
        needs_vote=False,
        needs_outcome=action is BuiltIn.RECORD_OUTCOME,
        takes_answer_by=action is BuiltIn.REQUEST_INFO,
        needs_office=action is BuiltIn.ASK_OPINION,
        takes_day=action in _OPINIONS,
        paper_of=None,
        reasons=_reason_choices(standing.definition) if prepares else (),
        assignees=(),
        is_open=not refusals,
        is_again=False,
        refusals=refusals,
        proposes=proposable(standing) if prepares else (),
    )


def _with_assignees(session: Session, view: MoveView, standing: Standing, now: datetime) -> MoveView:
    hands_over = view.name == BuiltIn.REASSIGN and view.is_open
    return replace(view, assignees=assignees(session, standing, now)) if hands_over else view


def _reason_choices(definition: Definition) -> tuple[Titled, ...]:
    return tuple(Titled(reason.code, words_of(reason.label)) for reason in definition.reason_choices)
