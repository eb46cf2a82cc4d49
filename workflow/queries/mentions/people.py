"""Whom somebody may name in a comment on a nomination, and which of its readers each of them is among."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflow.domain.remarks import Audience
from workflow.domain.rights.comments import standpoint
from workflow.domain.rights.naming import hears_as
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import keys_over
from workflow.store.definitions import shown_definition
from workflow.store.locked import Locked
from workflow.store.mentions import read_colleagues


@dataclass(frozen=True, slots=True)
class NameablePerson:
    """Somebody who may be named; `email` tells apart those who share a name, empty for everybody else."""

    id: int
    name: str
    email: str
    reads: tuple[Audience, ...]


def people_to_name(
    session: Session, locked: Locked, *, actor: Actor, audiences: Collection[Audience]
) -> tuple[NameablePerson, ...]:
    """Return who sits where the nomination has come to and reads some of what the actor may write there.

    Who watches over work from above may be named as well, and is not offered.
    """
    if not audiences:
        return ()
    facts, step = locked.facts, shown_definition(session, locked.definition_id).starter
    starter = step.role if step else ""
    keys = keys_over(actor.keys, actor.scope, unit_id=facts.unit_id, audience=facts.audience)
    writer = standpoint(
        actor.account_id, keys, audience=facts.audience, starter=starter, is_nominee=facts.actor_is_subject
    )
    seat = writer.seats[0] if writer.seats else None
    people = read_colleagues(session, facts.audience, today=facts.today)
    found = []
    for one in people:
        if one.account_id == actor.account_id:
            continue
        reads = tuple(
            audience
            for audience in audiences
            if hears_as(one, facts, {}, starter=starter, audience=audience, seat=seat) is not None
        )
        if reads:
            found.append((one, reads))
    shared = Counter(one.name for one, _ in found)
    return tuple(
        NameablePerson(one.account_id, one.name, one.email if shared[one.name] > 1 else "", reads)
        for one, reads in found
    )
