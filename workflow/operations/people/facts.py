"""Saying what is known of somebody for a year, in place of what was said before."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workflow.domain.eligibility.facts import Fact, FactSource, checked, displaces
from workflow.domain.eligibility.rights import who_says
from workflow.domain.errors import Forbidden, NotFound, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.people.fact_questions import answer_questions
from workflow.store.base import among
from workflow.store.codes import is_named
from workflow.store.database import local_day
from workflow.store.facts import fact_of, fact_values
from workflow.store.organisation import Person, Unit
from workflow.store.people_seen import in_sight
from workflow.store.records import PersonFact


def say_fact(
    session: Session,
    *,
    actor: Actor,
    person_code: str,
    fact: Fact,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> None:
    """Say one thing of somebody and commit; what it contradicts is replaced and stays in the history.

    Saying again what stands changes nothing. Two at once are said one after the other: the later stands.
    Raises `NotFound` for who is not in sight, `Forbidden` for oneself and other units, `InvalidField`.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return
    found = session.execute(
        select(Person.id, Person.unit_id, Unit.code)
        .join(Unit, Unit.id == Person.unit_id)
        .where(is_named(session, Person.code, person_code), in_sight(actor))
        .with_for_update(of=Person, key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no person '{person_code}' among those whose record you may see.")
    acting = who_says(actor, person_id=found.id, unit_id=found.unit_id, unit=found.code)
    if acting is None:
        message = (
            "Only who sits in this person's unit or over it says what is known of them, nobody of themselves."
        )
        raise Forbidden(message, reasons=[Reason("not_yours_to_say", message)])
    said = checked(fact, today=local_day(session, now))
    standing = session.scalars(
        select(PersonFact).where(PersonFact.person_id == found.id, PersonFact.replaced_at.is_(None))
    ).all()
    was = [row for row in standing if displaces(said, fact_of(row))]
    if [fact_of(row) for row in was] != [said]:
        _replace(session, found.id, was, said, actor=acting, via=via, now=now)
    answer_questions(session, found.id, said, said_by=actor.account_id, now=now)
    settle_key(session, claim, actor=actor, result={"person": found.id})
    session.commit()


def _replace(
    session: Session,
    person_id: int,
    was: Sequence[PersonFact],
    said: Fact,
    *,
    actor: Actor,
    via: Via,
    now: datetime,
) -> None:
    """Write the fact and its event, which names rows alone: what they say may have to be forgotten."""
    old = [row.id for row in was]
    session.execute(update(PersonFact).where(among(PersonFact.id, old)).values(replaced_at=now))
    values = fact_values(person_id, said, FactSource.SAID, said_by=actor.account_id, now=now)
    new = session.execute(insert(PersonFact).values(**values).returning(PersonFact.id)).scalar_one()
    data = {"fact": new, "kind": str(said.kind), "replaces": old}
    append_event(session, f"person:{person_id}", "say_fact", actor=actor, via=via, now=now, data=data)
