"""What was prepared for whoever decides, as they and those who prepared it read it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from workflow.domain.errors import Reason
from workflow.domain.facts import Prepared
from workflow.domain.moves.built_ins import refuse
from workflow.domain.moves.engine import offers
from workflow.domain.moves.standing import Standing
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.preparing import reads_prepared
from workflow.domain.rights.scope import keys_over
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import BuiltIn
from workflow.queries.shapes import Titled, Who, Words, action_words, reason_words, words_of


@dataclass(frozen=True, slots=True)
class PreparedView:
    """A proposal: which action with which words, by whom and when.

    `is_void`: the nomination is another since, so it proposes nothing any more. It was sent back
    `again_because`, null where it was not.
    """

    by: Who
    at: datetime
    action: str
    label: Words
    to_step: str | None
    reason_code: str | None
    reason_label: Words | None
    comment: str
    is_void: bool
    again_because: str | None

    @property
    def stands(self) -> bool:
        """Whether it is proposed to whoever decides: neither void nor sent back."""
        return not self.is_void and self.again_because is None


@dataclass(frozen=True, slots=True)
class ProposedMove:
    """A move that may be prepared for whoever decides, and what has to be said with it."""

    name: str
    label: Words
    dests: tuple[Titled, ...]
    reason_required: bool


def keys_of(actor: Actor, *, nominee: int | None, unit_id: int, audience: Collection[str]) -> Collection[str]:
    """Return the keys by which the actor reads a nomination: those held, and lent by others than the nominee.

    Of who watches over work those alone that reach its unit.
    """
    lending = (loan for loan in actor.loans if nominee is None or loan.absent.person_id != nominee)
    keys = actor.keys | {key for loan in lending for key in loan.keys}
    return keys_over(keys, actor.scope, unit_id=unit_id, audience=audience)


def prepared_view(
    prepared: Prepared | None,
    *,
    keys: Collection[str],
    audience: Collection[str],
    version: int,
    definition: Definition,
    state: str,
    kind: str | None,
) -> PreparedView | None:
    """Return what was prepared in a state, for somebody with these keys; None where it is not for them.

    `audience` are the seats that the nomination has reached; `kind` is that of its cluster, as for
    `action_words`.
    """
    if prepared is None or not reads_prepared(keys, prepared.owner_key, audience=audience):
        return None
    return PreparedView(
        by=Who(prepared.by, prepared.name),
        at=prepared.at,
        action=prepared.move,
        label=action_words(definition, prepared.move, state, kind),
        to_step=prepared.to_step,
        reason_code=prepared.reason_code,
        reason_label=reason_words(definition, prepared.reason_code),
        comment=prepared.comment,
        is_void=prepared.version != version,
        again_because=prepared.again_because,
    )


def prepared_on(actor: Actor, standing: Standing, move: str) -> PreparedView | None:
    """Return what is proposed, where it proposes this move; nothing to the nominee."""
    facts = standing.facts
    if facts.prepared is None or facts.prepared.move != move or facts.actor_is_subject:
        return None
    return prepared_view(
        facts.prepared,
        keys=keys_over(actor.keys, actor.scope, unit_id=facts.unit_id, audience=facts.audience),
        audience=facts.audience,
        version=facts.version,
        definition=standing.definition,
        state=facts.state,
        kind=facts.cluster_kind,
    )


def proposable(standing: Standing) -> tuple[ProposedMove, ...]:
    """Return the moves that could be agreed to as things stand; counts and documents are the decider's."""
    kind = standing.facts.cluster_kind
    return tuple(
        ProposedMove(
            offer.name,
            words_of(offer.label).of_kind(kind),
            tuple(Titled(step.name, words_of(step.label).of_kind(kind)) for step in offer.dests),
            offer.reason_required,
        )
        for offer in offers(standing.definition, standing.facts)
        if not offer.unmet
    )


def refused_to_prepare(actor: Actor, standing: Standing) -> tuple[Reason, ...]:
    """Return why the actor may not prepare a decision here."""
    refusals = refuse(actor, standing, BuiltIn.PREPARE)
    return tuple(reason for refusal in refusals for reason in refusal.reasons)
