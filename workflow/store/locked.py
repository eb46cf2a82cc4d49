"""Nominations read under lock, with everything the rules and the writes of one operation need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import BigInteger, Row, any_, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import Session

from workflow.domain.errors import RouteUnreadable
from workflow.domain.facts import Facts, Seats, SignedDocument
from workflow.domain.history.chain import GENESIS
from workflow.domain.moves.built_ins import is_heir
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import Holder, SetAside, set_aside_of
from workflow.domain.vocabulary import FINAL_STAGES, RoundDate, Stage, SubjectKind, VoteResult
from workflow.store.access import Account
from workflow.store.base import among
from workflow.store.calendars import note_revision
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.history import Event, versioned
from workflow.store.locked_rows import READ_NOMINATIONS
from workflow.store.nominations import Nomination
from workflow.store.opinions import opinion_of_row
from workflow.store.people import standing_in
from workflow.store.preparations import prepared_of
from workflow.store.statements import Statement

_AT_ONCE: Final = 500  # whoever is disabled may have thousands in hand, more than one statement has time for


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed a nomination last, and when; nobody (None) for the installation itself."""

    by: str | None
    at: datetime
    account_id: int | None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What who nominates was asked during a stay: the open work where, by when, reported late to whom."""

    work_item_id: UUID
    owner_key: str
    due_at: datetime | None
    reported_to: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Locked:
    """One nomination under lock: facts for the rules, and the rows that the writes will close or chain to.

    `round_dates` are the round's with the unit's own deadline in it; `open_return_id` is the expected return
    of its unit while nothing was sent yet. `taken_by` is who took the work, who counts as its assignee in the
    facts only while they could take it today, and while they are there or somebody stands in for them
    (`is_left`: neither); `actor_keys` what the actor holds now that it is locked; `steps_taken` the step of
    each stay; `holds` when this one's clock was stopped and let go on; `last_at` when history last grew.
    While a `question` to who nominates waits, the step's work lies aside: the rules of moves are asked about
    that, and whoever reminds, presses or telephones is `in_front` of the question.
    """

    facts: Facts
    stage: Stage
    definition_id: int
    round_id: int
    round_dates: Mapping[str, date]
    submission_id: int | None
    open_return_id: int | None
    created_by: int
    achievement: str
    proposer: str
    visit_id: UUID | None
    visit_ordinal: int
    visit_entered_at: datetime | None
    sent_by: int | None
    sent_from: str | None
    clock_unit: str | None
    budget_minutes: int | None
    consumed_minutes: int
    clock_started_at: datetime | None
    due_at: datetime | None
    work_item_id: UUID | None
    first_claimed_at: datetime | None
    last_seq: int
    last_hash: bytes
    seats_taken: tuple[str, ...]
    steps_taken: tuple[str, ...] = ()
    has_more_time: bool = False
    holds: tuple[datetime, ...] = ()
    taken_by: int | None = None
    is_left: bool = False
    actor_keys: frozenset[str] = frozenset()
    question: OpenQuestion | None = None
    last_at: datetime | None = None

    @property
    def open_work_id(self) -> UUID | None:
        """The work that is open: the question's, while one waits for its answer."""
        return self.question.work_item_id if self.question else self.work_item_id

    def in_front(self) -> Self:
        """Return it as whoever it waits for now has it: a question lies with whom it was asked of."""
        if self.question is None:
            return self
        asked = self.question
        facts = replace(
            self.facts, owner_key=asked.owner_key, assignee_id=None, reported_to=asked.reported_to
        )
        return replace(
            self,
            facts=facts,
            work_item_id=asked.work_item_id,
            due_at=asked.due_at,
            taken_by=None,
            is_left=False,
            first_claimed_at=None,
        )


_ROWS = (
    select(Nomination.id, func.set_config("plan_cache_mode", "force_generic_plan", true()))
    .where(Nomination.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(Nomination.id)
)
# Generic plans until the transaction ends: planning the read below takes ten times as long as running it,
# and for an array PostgreSQL would do it every time.
# NO KEY UPDATE: plain FOR UPDATE would block the foreign-key checks of everybody who writes beside us.
# Locked by a statement of its own: one that waits for a lock still reads every other table as it was before
# the wait, so the event that a timer appended meanwhile would be missing and its number be given twice.
_LOCK = Statement(_ROWS.with_for_update(key_share=True))
_LOCK_FREE = Statement(_ROWS.with_for_update(key_share=True, skip_locked=True))


def lock_nominations(
    session: Session, ids: Iterable[int], *, actor: Actor, now: datetime, skip_locked: bool = False
) -> dict[int, Locked]:
    """Lock nominations in order of id and return them; those absent, or taken when skipping, are left out."""
    statement = _LOCK_FREE if skip_locked else _LOCK
    return _load(session, dict.fromkeys(_lock(session, statement, ids), actor), now)


def lock_for_each(session: Session, actors: Mapping[int, Actor], *, now: datetime) -> dict[int, Locked]:
    """Lock each nomination for the actor it is paired with: a batch in which everybody does their own."""
    locked = _lock(session, _LOCK, actors)
    return _load(session, {nomination_id: actors[nomination_id] for nomination_id in locked}, now)


def read_nominations(
    session: Session, ids: Iterable[int], *, actor: Actor, now: datetime
) -> dict[int, Locked]:
    """Return the same without a lock: what the rules would be told now, for buttons and previews."""
    return _load(session, dict.fromkeys(ids, actor), now)


def last_changes(session: Session, ids: Iterable[int]) -> dict[int, LastChange]:
    """Return who changed each nomination last. A timer only tells of what is late: it changes nothing."""
    streams = {f"nomination:{nomination_id}": nomination_id for nomination_id in ids}
    rows = session.execute(
        select(Event.stream, Account.name, Event.recorded_at, Event.actor_id)
        .ext(distinct_on(Event.stream))
        .select_from(Event)
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(among(Event.stream, streams), versioned())
        .order_by(Event.stream, Event.seq.desc())
    )
    return {streams[row.stream]: LastChange(row.name, row.recorded_at, row.actor_id) for row in rows}


def _lock(session: Session, statement: Statement, ids: Iterable[int]) -> list[int]:
    return [row.id for row in statement.fetch(session, {"ids": sorted(set(ids))})]


def _load(session: Session, actors: Mapping[int, Actor], now: datetime) -> dict[int, Locked]:
    today, found, wanted = local_day(session, now), dict[int, Locked](), sorted(actors)
    for ids in (wanted[first : first + _AT_ONCE] for first in range(0, len(wanted), _AT_ONCE)):
        who = [actors[nomination_id].account_id for nomination_id in ids]
        rows = READ_NOMINATIONS.fetch(session, {"ids": ids, "actor_ids": who, "today": today})
        if rows:
            note_revision(session, rows[0].calendar_revision)
        found |= {row.id: _to_locked(session, row, actors[row.id], today) for row in rows}
    return found


def _to_locked(session: Session, row: Row[Any], actor: Actor, today: date) -> Locked:
    dates = {name: date.fromisoformat(day) for name, day in row.dates.items()}
    if row.return_due_on is not None:
        dates[RoundDate.UNIT_DEADLINE] = row.return_due_on
    facts = _with_heir(session, row, _to_facts(row, actor, today))
    is_left = _is_left(row, facts)
    return Locked(
        facts=replace(facts, assignee_id=None) if is_left else facts,
        stage=Stage(row.stage),
        definition_id=row.definition_id,
        round_id=row.round_id,
        round_dates=dates,
        submission_id=row.submission_id,
        open_return_id=row.return_id if row.return_sent_at is None else None,
        created_by=row.created_by,
        achievement=row.achievement,
        proposer=row.proposer,
        visit_id=row.visit_id,
        visit_ordinal=row.ordinal or 0,
        visit_entered_at=row.entered_at,
        sent_by=row.sent_by,
        sent_from=row.sent_from,
        clock_unit=row.clock_unit,
        budget_minutes=row.budget_minutes,
        consumed_minutes=row.consumed_minutes or 0,
        has_more_time=bool(row.has_more_time),
        holds=tuple(row.holds or ()),
        clock_started_at=row.clock_started_at,
        due_at=row.due_at,
        work_item_id=row.work_item_id,
        first_claimed_at=row.first_claimed_at,
        last_seq=row.seq or 0,
        last_hash=row.hash or GENESIS,
        seats_taken=tuple(row.seats_taken or ()),
        steps_taken=tuple(row.steps_taken or ()),
        taken_by=row.assignee_id,
        is_left=is_left,
        actor_keys=frozenset(row.actor_keys or ()),
        question=_to_question(row.question),
        last_at=row.last_at,
    )


def _to_question(told: Mapping[str, Any] | None) -> OpenQuestion | None:
    if told is None:
        return None
    due_at = told["due_at"] and datetime.fromisoformat(told["due_at"])
    return OpenQuestion(UUID(told["id"]), told["key"], due_at, frozenset(told["told"] or ()))


def _with_heir(session: Session, row: Row[Any], facts: Facts) -> Facts:
    """Return the facts; who took the work is no assignee any more once they could not take it today."""
    if row.assignee_id is None:
        return facts
    try:
        step = load_definition(session, row.definition_id).step(facts.state)
    except RouteUnreadable:
        return facts  # nothing is decided by it, and it must not take a list from everybody
    holder = Holder("", row.assignee_id, row.assignee_person_id, row.assignee_unit_id)
    has_it = is_heir(facts, step, holder, row.assignee_keys or ())
    return facts if has_it else replace(facts, assignee_id=None)


def _is_left(row: Row[Any], facts: Facts) -> bool:
    """Return whether who took the work is away and nobody stands in for them here: it is the group's then."""
    if facts.assignee_id is None or row.assignee_stand_ins is None:
        return False
    absent = Holder(row.owner_key, row.assignee_id, row.assignee_person_id, row.assignee_unit_id)
    aside = SetAside() if Stage(row.stage) is Stage.DRAFT else set_aside_of(facts)
    return all(aside.takes_in(one) for one in standing_in(absent, row.assignee_stand_ins))


def _to_facts(row: Row[Any], actor: Actor, today: date) -> Facts:
    held, number, signer = set(row.has_papers or ()), row.submission_number or "", row.submission_signer or ""
    document = SignedDocument(number, row.submission_signed_on, signer)
    return Facts(
        nomination_id=row.id,
        state=row.state,
        version=row.version,
        is_held=row.is_held,
        is_closed=Stage(row.stage) in FINAL_STAGES,
        seats=Seats(row.unit, row.parent, row.cluster, row.council, row.round_owner),
        unit_id=row.unit_id,
        audience=frozenset(row.audience),
        created_by=row.created_by,
        subject_kind=SubjectKind(row.subject_kind),
        subject_person_id=row.person_id,
        has_subject=bool(row.subject_name),
        has_award=True,
        has_achievement=bool(row.achievement.strip()),
        has_proposer=bool(row.proposer.strip()),
        owner_key=row.owner_key,
        assignee_id=row.assignee_id,
        actor_is_subject=row.person_id is not None and row.person_id == actor.person_id,
        actor_is_of_unit=row.actor_unit_id == row.unit_id,
        decider=row.decider,
        cluster_kind=row.cluster_kind,
        asked_key=row.question["key"] if row.question else None,
        missing_papers=tuple(kind for kind in row.papers if kind not in held),
        submission=document if row.submission_id is not None else None,
        today=today,
        unit_due_on=row.return_due_on,
        admitted_until=row.admitted_until,
        recommendation=VoteResult(row.recommendation) if row.recommendation else None,
        voted_on=row.voted_on,
        vote_percent=row.vote_percent,
        upper_outcome=row.upper_outcome,
        reported_to=frozenset(row.reported_to or ()),
        prepared=prepared_of(row.prepared),
        opinion=opinion_of_row(row),
    )
