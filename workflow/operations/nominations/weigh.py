"""The one weighing: what the rules say to one command or to a thousand, locked and read set-wise.

Whoever may not see a nomination is told that it is not there, and who saw an older version that it is stale.
Then the words are looked at, then what the action asks for, then whether it is theirs to do, and last whether
the route allows it. See docs/adr/0009 and 0021.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason, Refusal
from workflow.domain.facts import MoveRequest
from workflow.domain.moves.asked import demand_asked
from workflow.domain.moves.by_code import refuse_by_code
from workflow.domain.moves.by_counts import BY_COUNTS, action_by_counts
from workflow.domain.moves.words import clean_request
from workflow.domain.rights.policy import Actor, demand
from workflow.domain.vocabulary import UNVERSIONED, BuiltIn
from workflow.operations.nominations.built_ins import ACTS, Act, plan_built_in
from workflow.operations.nominations.commands import Attempt, Command, for_first_allowed
from workflow.operations.nominations.plans import MovePlan, plan_attempt
from workflow.operations.nominations.versions import as_of_now, demand_taken, late_changes
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.locked import LastChange, Locked, lock_nominations
from workflow.store.people import load_loans


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the rules say yes to: an attempt, and its move, or its act where the nomination stays."""

    attempt: Attempt
    effect: MovePlan | Act

    @property
    def nomination_id(self) -> int:
        """Whose it is."""
        return self.attempt.command.nomination_id

    @property
    def version_after(self) -> int:
        """The version of the nomination once it is carried out: what is only prepared changes none."""
        version = self.attempt.locked.facts.version
        return version if self.attempt.command.request.action in UNVERSIONED else version + 1


@dataclass(frozen=True, slots=True)
class Denied:
    """What is refused, and how the nomination stands; `locked` is None where there is none of that number."""

    nomination_id: int
    locked: Locked | None
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class _Weighing:
    """What the weighing of one request shares: who acts, when, and what was read once for all."""

    session: Session
    actor: Actor
    now: datetime
    today: date
    locked: Mapping[int, Locked]
    late: Mapping[int, LastChange]
    requests: dict[MoveRequest, MoveRequest | Refusal] = field(default_factory=dict)


def weigh(
    session: Session, commands: Sequence[Command], *, actor: Actor, now: datetime
) -> list[Allowed | Denied]:
    """Lock what the commands name and ask the rules about each, in the order given; refusals are kept.

    A nomination named twice is taken once.
    """
    seen = {command.nomination_id: command.version for command in reversed(commands)}
    locked = lock_nominations(session, seen, actor=actor, now=now)
    late = late_changes(session, seen, locked)
    today = local_day(session, now)
    weighing = _Weighing(session, load_loans(session, actor, today=today), now, today, locked, late)
    named: set[int] = set()
    weighed = []
    for command in commands:
        weighed.append(_weigh(weighing, command, is_twin=command.nomination_id in named))
        named.add(command.nomination_id)
    return weighed


def _weigh(weighing: _Weighing, command: Command, *, is_twin: bool) -> Allowed | Denied:
    try:
        if is_twin:
            message = "The same nomination is named twice in one request."
            raise Conflict(message, reasons=[Reason("named_twice", message)])
        attempt, effect = for_first_allowed(_take(weighing, command), lambda one: _effect(weighing, one))
        return Allowed(attempt, effect)
    except Refusal as refusal:
        locked = weighing.locked.get(command.nomination_id)
        return Denied(command.nomination_id, locked, refusal)


def _take(weighing: _Weighing, command: Command) -> Attempt:
    """Return the attempt once it is seen, at the version seen, asking for nothing that is not asked for."""
    actor = weighing.actor
    locked = demand_taken(command.nomination_id, command.version, weighing.locked, weighing.late, actor=actor)
    request = _clean(weighing, command.request)
    definition = load_definition(weighing.session, locked.definition_id)
    if request.action == BY_COUNTS:
        request = replace(request, action=action_by_counts(definition, locked.facts, request))
    if request is not command.request:
        command = replace(command, request=request)
    attempt = Attempt.of(locked, definition, as_of_now(actor, locked), command)
    demand_asked(definition, attempt.move, command.request, assignee_id=command.assignee_id)
    return attempt


def _clean(weighing: _Weighing, request: MoveRequest) -> MoveRequest:
    """Return the request with clean words; one that many commands share is looked at once."""
    known = weighing.requests.get(request)
    if known is None:
        try:
            known = clean_request(request, today=weighing.today)
        except Refusal as refusal:
            known = refusal
        weighing.requests[request] = known
    if isinstance(known, Refusal):
        raise known
    return known


def _effect(weighing: _Weighing, attempt: Attempt) -> MovePlan | Act:
    at, action = weighing.now, attempt.command.request.action
    if attempt.command.is_by_code:
        demand(refuse_by_code(attempt.move, attempt.command.request))
    if action in ACTS:
        return plan_built_in(weighing.session, attempt, BuiltIn(action), at=at)
    return plan_attempt(attempt, at=at)
