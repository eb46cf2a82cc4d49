"""The actions every nomination knows beside its definition's moves: whether one is open here and to whom.

Asked by the operations before they write and by the queries that draw the buttons, so that both always agree.
What the action's own form asks for (words, a person) is the operation's business.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from workflow.domain.errors import AlreadyClaimed, Forbidden, MoveNotOpen, NominationHeld, Refusal
from workflow.domain.facts import Facts
from workflow.domain.moves.decided import OF_DECISIONS
from workflow.domain.moves.offline_steps import keeper_keys
from workflow.domain.moves.standing import Standing, no
from workflow.domain.moves.undoing import nothing_to_undo, refuse_undo
from workflow.domain.rights.built_in_rights import refuse_built_in
from workflow.domain.rights.late_work import waits_for_an_answer
from workflow.domain.rights.policy import Actor, Sending
from workflow.domain.rights.routing import Holder, SetAside, candidate_keys, resolve, set_aside_of
from workflow.domain.route.definition import REVIEW_STAGES, Step
from workflow.domain.vocabulary import BuiltIn, Stage

LAPSED: Final = "lapsed"
"""What the event of a release says of whoever took work and kept it through their last day."""


def demand_built_in(actor: Actor, standing: Standing, action: BuiltIn) -> None:
    """Raise the first refusal of a built-in action; do nothing when it is open to the actor."""
    refusals = refuse(actor, standing, action)
    if refusals:
        raise refusals[0]


def refuse(actor: Actor, standing: Standing, action: BuiltIn) -> tuple[Refusal, ...]:
    """Return every reason why the actor cannot do a built-in action here, gravest first; none when open."""
    facts = standing.facts
    if (recorded := OF_DECISIONS.get(action)) is not None:
        return recorded(actor, standing)
    if action is BuiltIn.UNDO:
        return _refuse_undo(actor, standing)
    if facts.is_closed:
        message = f"The nomination is closed ({facts.state}); nothing can be done with it."
        return (no(MoveNotOpen, "closed", message),)
    found: list[Refusal] = []
    if not standing.definition.step(facts.state).allows(action):
        found.append(no(MoveNotOpen, "switched_off", "It is switched off at this step."))
    # A draft that came back to a step of its own is mended there by whoever that step belongs to.
    step, first = standing.definition.step(facts.state), standing.definition.starter
    drafts = step.owner if action is BuiltIn.EDIT and step.stage is Stage.DRAFT else first
    reason = refuse_built_in(actor, facts, action, starter=str(drafts), sending=_sending(standing))
    if reason is not None:
        found.append(Forbidden(reason.message, reasons=[reason]))
    question = _QUESTIONS.get(action)
    return (*found, *(question(actor, standing) if question else ()))


def _refuse_undo(actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    """Return why what was done last cannot be undone by the actor: asked of their keys where it was done."""
    last, facts, definition = standing.last, standing.facts, standing.definition
    if last is None or last.source is None:
        return (nothing_to_undo(),)
    sending = _sending(replace(standing, sent_by=last.actor_id, sent_from=last.source))
    return refuse_undo(actor, facts, definition, last, keys=sending.keys or frozenset())


def _sending(standing: Standing) -> Sending:
    """Return who sent it here and the keys of those who do so: by their move, or by keeping its document."""
    definition, source, seats = standing.definition, standing.sent_from, standing.facts.seats
    if source is None or not definition.has_step(source):
        return Sending(standing.sent_by)
    step = definition.step(source)
    senders = {str(definition.by_of(move, source)) for move in definition.moves_from(source)}
    keys = {key for by in senders if (key := resolve(by, seats))}
    if step.owner is not None and resolve(str(step.owner), seats):
        keys |= set(candidate_keys(str(step.owner), seats))
    keys |= {keeper for key in tuple(keys) for keeper in keeper_keys(key, council=seats.council)}
    return Sending(standing.sent_by, frozenset(keys), step.stage is Stage.DRAFT)


def heir_keys(owner: str, facts: Facts) -> frozenset[str]:
    """Return the keys whose holders could take the open work over: the seat it lies in and its stand-ins."""
    return frozenset({facts.owner_key or "", *candidate_keys(owner, facts.seats)})


def heirs(facts: Facts, holders: Mapping[str, Sequence[Holder]]) -> tuple[int, ...]:
    """Return the accounts that could take the work over, in order of id; never who is set aside or away.

    `holders` says who holds each of the `heir_keys` today.
    """
    aside = set_aside_of(facts)
    sitting = (holder for group in holders.values() for holder in group if holder.absent is None)
    return tuple(sorted({holder.account_id for holder in sitting if not aside.takes_in(holder)}))


def is_heir(facts: Facts, step: Step, holder: Holder, keys: Collection[str]) -> bool:
    """Return whether somebody with these keys today could have the open work of a step in hand.

    Who took it keeps it only so long. The nominee may hold their own draft, and nothing after it.
    """
    wanted = {facts.owner_key or ""}
    if step.owner is not None and resolve(str(step.owner), facts.seats):
        wanted |= set(candidate_keys(str(step.owner), facts.seats))
    aside = SetAside() if step.stage is Stage.DRAFT else set_aside_of(facts)
    return any(not aside.bars(holder, key) for key in wanted.intersection(keys))


def _recall(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    found: list[Refusal] = []
    if standing.facts.is_held:
        found.append(no(NominationHeld, "on_hold", "The nomination is on hold; release the hold first."))
    if standing.sent_from is None:
        message = "There is nothing to take back: nobody sent it on from an earlier step."
        found.append(no(MoveNotOpen, "nothing_to_recall", message))
    if standing.has_begun:
        message = "Somebody has begun to work on it; ask them to return it."
        found.append(no(AlreadyClaimed, "begun_already", message))
    return tuple(found)


def _claim(actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    found: list[Refusal] = []
    if actor.has_in_hand(standing.facts.assignee_id):
        found.append(no(AlreadyClaimed, "claimed_by_you", "You already work on it."))
    elif standing.facts.assignee_id is not None:
        found.append(no(AlreadyClaimed, "claimed_by_other", "Somebody else already works on it."))
    return tuple(found)


def _take_over(actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    facts, step = standing.facts, standing.definition.step(standing.facts.state)
    found: list[Refusal] = []
    taker = Holder("", actor.account_id, actor.person_id, actor.unit_id)
    if not is_heir(facts, step, taker, actor.keys):
        message = "You do not sit where this work is done; hand it over to somebody who does."
        found.append(no(Forbidden, "leads_only", message))
    if facts.assignee_id is None:
        message = "Nobody has taken it: take it on."
        found.append(no(MoveNotOpen, "nothing_to_take_over", message))
    elif actor.has_in_hand(facts.assignee_id):
        found.append(no(AlreadyClaimed, "claimed_by_you", "You already work on it."))
    return tuple(found)


def _release(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    if standing.facts.assignee_id is not None:
        return ()
    message = "Nobody has taken it, so there is nothing to give back."
    return (no(MoveNotOpen, "nothing_to_release", message),)


def _hold(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    if standing.facts.is_held:
        return (no(MoveNotOpen, "on_hold_already", "It is on hold already."),)
    return _asked_now(standing)


def _release_hold(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    return () if standing.facts.is_held else (no(MoveNotOpen, "not_on_hold", "It is not on hold."),)


def _request_info(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    found: list[Refusal] = []
    if standing.definition.stage_of(standing.facts.state) not in REVIEW_STAGES:
        message = "It lies with who nominates already: there is nobody to ask."
        found.append(no(MoveNotOpen, "with_nominator", message))
    if standing.facts.is_held:
        found.append(no(NominationHeld, "on_hold", "The nomination is on hold; release the hold first."))
    return (*found, *_asked_now(standing))


def _asked_now(standing: Standing) -> tuple[Refusal, ...]:
    if not standing.facts.is_asked:
        return ()
    return (waits_for_an_answer(),)


def _ask_opinion(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    """Refuse where the route doubles nothing, a second time in a stay, and while its clock stands."""
    facts, found = standing.facts, list[Refusal]()
    if standing.definition.timing_of(facts.state, standing.sent_from).doubled_when is None:
        message = "The route gives no more time here for an outside opinion."
        found.append(no(MoveNotOpen, "no_opinion_here", message))
    if facts.opinion is not None:
        message = "An outside office was asked in this step already; the time is doubled once."
        found.append(no(MoveNotOpen, "opinion_asked_already", message))
    if facts.is_held:
        found.append(no(NominationHeld, "on_hold", "The nomination is on hold; release the hold first."))
    return (*found, *_asked_now(standing))


def _receive_opinion(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    opinion = standing.facts.opinion
    if opinion is not None and opinion.came_at is None:
        return ()
    return (no(MoveNotOpen, "no_opinion_awaited", "No opinion of an outside office is waited for."),)


def _answer_info(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    return () if standing.facts.is_asked else (no(MoveNotOpen, "not_asked", "Nothing is asked of anybody."),)


def _prepare(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    if not standing.facts.is_held:
        return ()
    return (no(NominationHeld, "on_hold", "The nomination is on hold; release the hold first."),)


def _prepare_again(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    prepared = standing.facts.prepared
    if prepared is not None and prepared.again_because is None:
        return ()
    return (no(MoveNotOpen, "nothing_prepared", "Nothing is prepared here that could be sent back."),)


def _edit(_actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    if standing.definition.stage_of(standing.facts.state) is Stage.DRAFT:
        return ()
    message = "Only a draft can be edited; recall it or have it returned first."
    return (no(MoveNotOpen, "no_draft_any_more", message),)


_QUESTIONS: Mapping[BuiltIn, Callable[[Actor, Standing], tuple[Refusal, ...]]] = {
    BuiltIn.RECALL: _recall,
    BuiltIn.CLAIM: _claim,
    BuiltIn.TAKE_OVER: _take_over,
    BuiltIn.RELEASE: _release,
    BuiltIn.HOLD: _hold,
    BuiltIn.RELEASE_HOLD: _release_hold,
    BuiltIn.REQUEST_INFO: _request_info,
    BuiltIn.ANSWER_INFO: _answer_info,
    BuiltIn.ASK_OPINION: _ask_opinion,
    BuiltIn.RECEIVE_OPINION: _receive_opinion,
    BuiltIn.EDIT: _edit,
    BuiltIn.PREPARE: _prepare,
    BuiltIn.PREPARE_AGAIN: _prepare_again,
}
