"""The turn of the year: units that were not considered, and the next year's clusters out of this year's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import Headed, Officers, oversees_from_above
from workflow.domain.clusters.rotation import Proposal, propose
from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound
from workflow.domain.rights.policy import Actor
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Via
from workflow.operations.clusters.clusters import (
    FIRST_YEAR,
    LAST_YEAR,
    NewCluster,
    NewOfficers,
    appoint,
    demand_runs,
    lay_cluster,
    owner_of,
)
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.clusters import load_rotation, lock_clusters_of
from workflow.store.codes import stored_code
from workflow.store.database import local_day
from workflow.store.organisation import BarredUnit, Cluster, Unit
from workflow.store.people import load_tree


@dataclass(frozen=True, slots=True)
class NewYear:
    """The year to open for an owner. `officers` by cluster number; what is not named there is as proposed."""

    owner_code: str
    year: int
    officers: Mapping[int, Officers] = field(default_factory=dict)
    how: Headed = Headed.APPOINTED
    since: date | None = None


@dataclass(frozen=True, slots=True)
class YearOutcome:
    """The clusters that opening a year made, by id. `was_answered_before` is true for a key seen before."""

    cluster_ids: tuple[int, ...]
    was_answered_before: bool = False

    @classmethod
    def again(cls, result: dict[str, object]) -> Self:
        """Return the outcome a request key remembered."""
        ids = result["cluster_ids"]
        return cls(
            tuple(int(str(one)) for one in ids) if isinstance(ids, list) else (), was_answered_before=True
        )


def propose_rotation(session: Session, *, owner_code: str, year: int, now: datetime) -> tuple[Proposal, ...]:
    """Return the clusters of a year proposed from those of the year before; writes nothing.

    Raises `InvalidField` for an unknown owner or a year nobody plans.
    """
    _check_year(year)
    facts = load_rotation(
        session, owner_unit_id=owner_of(session, owner_code), year=year, today=local_day(session, now)
    )
    return propose(facts.clusters, year=year, alive=facts.alive, barred=facts.barred, headed=facts.headed)


def open_year(
    session: Session,
    *,
    actor: Actor | None,
    new: NewYear,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> YearOutcome:
    """Make the clusters of a year out of the proposal, with the officers chosen or proposed, and commit.

    All of them or none. The clusters of the year before and their grants stay: the round of that year is
    still theirs. Raises `Conflict` when the owner has clusters in that year or none in the year before,
    `RequirementsMissing` for officers that may not be, `InvalidField`, `Forbidden`.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return YearOutcome.again(answered)
    _check_year(new.year)
    owner_id = owner_of(session, new.owner_code)
    demand_runs(actor, owner_id)
    lock_clusters_of(session, owner_id)
    _demand_empty(session, owner_id, new)
    proposals = propose_rotation(
        session, owner_code=stored_code(session, Unit.code, new.owner_code), year=new.year, now=now
    )
    if not proposals:
        raise Conflict(f"{new.owner_code} has no clusters in {new.year - 1} to go on from.")
    _demand_known(new, proposals)
    made = [_open(session, proposal, new, actor=actor, via=via, now=now) for proposal in proposals]
    ids = tuple(one for one in made if one is not None)
    settle_key(session, claim, actor=actor, result={"cluster_ids": list(ids)})
    session.commit()
    return YearOutcome(ids)


def bar_unit(
    session: Session,
    *,
    actor: Actor,
    unit_code: str,
    year: int,
    reason: str,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> None:
    """Record that a unit was not considered for emulation in a year, with the reason, and commit.

    It may not head a cluster in the next year; where it heads one already it stays until others are set, and
    the pages say so. Raises `Conflict` when it is recorded already, `InvalidField`, `Forbidden`.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return
    _check_year(year)
    unit_id = _overseen(session, actor, unit_code, now)
    words = normalise(reason, field="reason")
    if not words:
        raise InvalidField("Say why the unit is barred.", errors=[FieldError("reason", "is required")])
    taken = select(BarredUnit.unit_id).where(BarredUnit.unit_id == unit_id, BarredUnit.year == year)
    lock_clusters_of(session, unit_id)
    if session.scalar(taken):
        raise Conflict(f"{unit_code} is barred for {year} already.")
    row = {"unit_id": unit_id, "year": year, "reason": words, "entered_by": actor.account_id}
    session.execute(insert(BarredUnit), [{**row, "entered_at": now}])
    _record(session, unit_id, "bar", year, words, actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={})
    session.commit()


def unbar_unit(session: Session, *, actor: Actor, unit_code: str, year: int, via: Via, now: datetime) -> None:
    """Take back that a unit was not considered in a year, and commit. Raises `NotFound`, `Forbidden`."""
    unit_id = _overseen(session, actor, unit_code, now)
    gone = session.execute(
        delete(BarredUnit)
        .where(BarredUnit.unit_id == unit_id, BarredUnit.year == year)
        .returning(BarredUnit.reason)
    ).one_or_none()
    if gone is None:
        raise NotFound(f"{unit_code} is not barred for {year}.")
    _record(session, unit_id, "unbar", year, "", actor=actor, via=via, now=now)
    session.commit()


def _open(
    session: Session, proposal: Proposal, new: NewYear, *, actor: Actor | None, via: Via, now: datetime
) -> int | None:
    """Make one cluster of the proposal; None when nobody of it is left."""
    if not proposal.members:
        return None
    cluster = NewCluster(
        year=new.year,
        owner_code=new.owner_code,
        number=proposal.number,
        name=proposal.name,
        member_codes=proposal.members,
        kind=proposal.kind,
    )
    row = lay_cluster(session, cluster, actor=actor, via=via, now=now)
    officers = new.officers.get(proposal.number)
    if officers is None and proposal.head.unit is not None:
        officers = Officers(proposal.head.unit, proposal.deputy.unit)
    if officers is not None:
        appointment = NewOfficers(officers, new.how, new.since)
        appoint(session, row, appointment, actor=actor, via=via, now=now)
    return row.id


def _demand_empty(session: Session, owner_id: int, new: NewYear) -> None:
    found = session.scalar(
        select(func.count()).where(Cluster.owner_unit_id == owner_id, Cluster.year == new.year)
    )
    if found:
        raise Conflict(f"{new.owner_code} has {found} clusters in {new.year} already.")


def _demand_known(new: NewYear, proposals: tuple[Proposal, ...]) -> None:
    unknown = sorted(set(new.officers) - {proposal.number for proposal in proposals})
    if unknown:
        errors = [FieldError("officers", f"there is no cluster {number} to go on from") for number in unknown]
        raise InvalidField("Officers name clusters that are not proposed.", errors=errors)


def _overseen(session: Session, actor: Actor, unit_code: str, now: datetime) -> int:
    """Return the id of a unit that the actor oversees from above it: nobody bars, or spares, their own."""
    said, unit_code = unit_code, stored_code(session, Unit.code, unit_code)
    unit_id = session.scalar(select(Unit.id).where(Unit.code == unit_code))
    if unit_id is None:
        message = f"no unit '{said}'"
        raise InvalidField(f"The unit is unknown: {message}.", errors=[FieldError("unit", message)])
    if not oversees_from_above(actor, unit_code, unit_id, load_tree(session, today=local_day(session, now))):
        raise Forbidden("Only who supervises or administers a level above a unit may bar it.")
    return unit_id


def _record(
    session: Session,
    unit_id: int,
    action: str,
    year: int,
    words: str,
    *,
    actor: Actor,
    via: Via,
    now: datetime,
) -> None:
    stream, data = f"unit:{unit_id}", {"year": year}
    append_event(session, stream, action, actor=actor, via=via, now=now, data=data, words=words)


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        message = f"must be from {FIRST_YEAR} to {LAST_YEAR}"
        raise InvalidField(f"year {message}.", errors=[FieldError("year", message)])
