"""The thing that moves, its stays in steps, the work people must do, and the promises to remind them."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.vocabulary import Ending, Stage, SubjectKind, UpperOutcome, VoteResult
from workflow.store.base import Base, BigKey, known

_DUE: Final = text("coalesce(due_at, 'infinity')")
_IS_PROPOSED: Final = "stage NOT IN ('withdrawn', 'rejected')"


class Decision(Base):
    """A signed paper that covers one or many nominations; one number a year for each body.

    Written once: a number with which nothing is signed any more, because it was undone, may be entered
    anew, as its next `edition`.
    """

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("body", "year", "number", "edition"),)

    id: Mapped[BigKey]
    kind: Mapped[str]
    body: Mapped[str]
    year: Mapped[int]
    number: Mapped[str]
    decided_on: Mapped[date]
    signer: Mapped[str]
    edition: Mapped[int] = mapped_column(server_default="1")


class Nomination(Base):
    """One subject x one award edition x one round. Every write names the version and state it saw.

    `audience` holds the seats (`unit:X`, `cluster:Y`, `council:Z`) it has reached: who sits there sees it.
    `decider` is who decides on it (`unit:X`, or `state` above the sector), frozen at the draft. `vote` holds
    the council's counts and `recommendation` what they mean; `upper_outcome` what became of it further up.
    `annulment_id` is the decision that annulled the award, null while it stands.
    `admitted_until` is until when it may be sent though its unit's date has passed, by exception.
    """

    __tablename__ = "nomination"
    __table_args__ = (
        known("stage", Stage),
        known("subject_kind", SubjectKind),
        known("recommendation", VoteResult),
        known("upper_outcome", UpperOutcome),
        Index("ix_nomination_audience", "audience", postgresql_using="gin"),
        Index("ix_nomination_round", "round_id", "unit_id", "stage"),
        Index("ix_nomination_round_newest", "round_id", "id"),
        Index("ix_nomination_unit_newest", "unit_id", "id"),
        # The newest of a stage; and of which route and unit all are that stand in the open ones.
        Index("ix_nomination_stage", "stage", "id", postgresql_include=["definition_id", "unit_id"]),
        Index("ix_nomination_held", "round_id", postgresql_where="is_held"),
        Index("ix_nomination_name", "name_search"),
        *(
            Index(f"ix_nomination_{name}", name, postgresql_where=f"{name} IS NOT NULL")
            for name in ("upper_decision_id", "annulment_id")
        ),
        Index(
            "uq_nomination_person_award_round", "round_id", "award_edition_id", "person_id",
            unique=True, postgresql_where=f"person_id IS NOT NULL AND {_IS_PROPOSED}",
        ),
        Index(
            "uq_nomination_unit_award_round", "round_id", "award_edition_id", "unit_id",
            unique=True, postgresql_where=f"subject_kind = 'collective' AND {_IS_PROPOSED}",
        ),
    )  # fmt: skip

    id: Mapped[BigKey]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    award_edition_id: Mapped[int] = mapped_column(ForeignKey("award_edition.id"), index=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("workflow_definition.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    subject_kind: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    subject_name: Mapped[str]
    subject_position: Mapped[str] = mapped_column(server_default="")
    name_search: Mapped[str]
    name_sort: Mapped[str]
    achievement: Mapped[str] = mapped_column(server_default="")
    proposer: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str]
    stage: Mapped[str]
    version: Mapped[int]
    is_held: Mapped[bool] = mapped_column(Boolean, server_default="false")
    audience: Mapped[list[str]]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), index=True)
    decider: Mapped[str] = mapped_column(server_default="")
    recommendation: Mapped[str | None]
    vote: Mapped[dict[str, object] | None]
    voted_on: Mapped[date | None]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    upper_outcome: Mapped[str | None]
    upper_decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    annulment_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    admitted_until: Mapped[date | None]


class Visit(Base):
    """One stay in a step. `clock_started_at` is null while paused; minutes of the clock are of `clock_unit`.

    `nth` counts the stays of its nomination in its step. What an analysis needs is written by the operation
    that ends it: how it `ended`, when somebody first took the work, and how many whole working minutes of the
    definition's calendar it took, waited and was in hand. Once `is_summed` it lies in the sums (`StaySum`).
    `has_more_time`: somebody above gave it more than its route does; `first_due_at` is when it was due before
    that, the first time. `holds` are the instants at which it was held and released in turn, as its history
    says; null where it never was. Its clock stays written as it was when it ended, so that it can go on.
    `opinion_office` is the outside one that was asked for its opinion in this stay: its time began and ended
    then. `voided_at`: the decision that began it was undone; it never counts, and nothing looks for it to sum
    it.
    """

    __tablename__ = "visit"
    __table_args__ = (
        known("stage", Stage),
        known("ended", Ending),
        CheckConstraint(
            "(opinion_office IS NULL) = (opinion_asked_at IS NULL)"
            " AND (opinion_came_at IS NULL OR opinion_came_at >= opinion_asked_at)",
            name="opinion_whole",
        ),
        # What is voided gives its ordinal back, and whoever asks for all stays finds them by the same index.
        Index(
            "uq_visit_ordinal",
            "nomination_id",
            "ordinal",
            "voided_at",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("uq_visit_open", "nomination_id", unique=True, postgresql_where="left_at IS NULL"),
        Index("ix_visit_step", "step", "entered_at"),
        Index("ix_visit_entered", "entered_at"),
        # What somebody sent on and others have now, among all that they ever sent.
        Index("ix_visit_sent_open", "sent_by", postgresql_where="left_at IS NULL"),
        Index("ix_visit_unsummed", "left_at", postgresql_where="left_at IS NOT NULL AND NOT is_summed"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    ordinal: Mapped[int]
    step: Mapped[str]
    stage: Mapped[str]
    sent_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    sent_from: Mapped[str | None]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    clock_unit: Mapped[str | None]
    budget_minutes: Mapped[int | None]
    consumed_minutes: Mapped[int] = mapped_column(server_default="0")
    has_more_time: Mapped[bool] = mapped_column(Boolean, server_default="false")
    holds: Mapped[list[datetime] | None]
    opinion_office: Mapped[str | None]
    opinion_asked_at: Mapped[datetime | None]
    opinion_came_at: Mapped[datetime | None]
    first_due_at: Mapped[datetime | None]
    clock_started_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    calendar_version: Mapped[str]
    nth: Mapped[int] = mapped_column(server_default="1")
    ended: Mapped[str | None]
    first_claimed_at: Mapped[datetime | None]
    working_minutes: Mapped[int | None]
    waiting_minutes: Mapped[int | None]
    service_minutes: Mapped[int | None]
    is_summed: Mapped[bool] = mapped_column(Boolean, server_default="false")
    voided_at: Mapped[datetime | None]


_KEPT: Final = "closed_at IS NULL AND claimed_until IS NOT NULL"


class WorkItem(Base):
    """One thing somebody must do. It is the inbox item: open until the operation that closes its visit.

    Its root is a nomination (with a visit) or a unit's expected return (without). Its assignee has it since
    `taken_at`, and through `claimed_until` where nobody handed it to them.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        CheckConstraint("num_nonnulls(nomination_id, expected_return_id) = 1", name="one_root"),
        CheckConstraint("(visit_id IS NULL) = (nomination_id IS NULL)", name="visit_of_nomination"),
        # In the order of an inbox (`or_never`): what nobody took of a seat is one range, what somebody has in
        # hand another.
        Index(
            "ix_work_item_inbox",
            "owner_key",
            "assignee_id",
            _DUE,
            "id",
            postgresql_where="closed_at IS NULL",
        ),
        Index("ix_work_item_assignee", "assignee_id", _DUE, "id", postgresql_where="closed_at IS NULL"),
        Index("ix_work_item_visit", "visit_id"),
        Index("ix_work_item_assignee_id", "assignee_id", postgresql_where="assignee_id IS NOT NULL"),
        Index(
            "ix_work_item_due",
            "due_at",
            "nomination_id",
            postgresql_where="closed_at IS NULL AND due_at IS NOT NULL",
        ),
        Index("ix_work_item_open_of", "nomination_id", "due_at", postgresql_where="closed_at IS NULL"),
        Index("ix_work_item_claimed_until", "claimed_until", postgresql_where=_KEPT),
        Index("ix_work_item_undone", "id", postgresql_where="closed_at IS NULL"),
        # As small as the first two: else a planner with old numbers reads one of those from end to end.
        Index("ix_work_item_open", "visit_id", postgresql_where="closed_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    nomination_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"), index=True)
    expected_return_id: Mapped[int | None] = mapped_column(ForeignKey("expected_return.id"), index=True)
    kind: Mapped[str]
    owner_key: Mapped[str]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime]
    first_claimed_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    claimed_until: Mapped[date | None]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class Rung(Base):
    """One promised reminder or escalation. `fire_at` is null while paused or when its work is done.

    `warns`, of an escalation: who holds the work is told of it before; of a reminder: it tells so.
    `promised_at`: when it was to fire, of one that fell silent with its work: undoing brings it back.
    `bounced_at`: it fired, and none of its letters reached anybody, so it does not count.
    """

    __tablename__ = "rung"
    __table_args__ = (
        UniqueConstraint("work_item_id", "kind", "ordinal"),
        Index(
            "ix_rung_due",
            "fire_at",
            "id",
            # All that a sweep asks, and who counts the days ahead: it is answered from the index alone.
            postgresql_include=["nomination_id", "expected_return_id", "kind"],
            postgresql_where="fired_at IS NULL AND dead_at IS NULL AND fire_at IS NOT NULL",
        ),
        Index("ix_rung_dead", "dead_at", "id", postgresql_where="dead_at IS NOT NULL"),
        Index("ix_rung_nomination", "nomination_id"),
        Index("ix_rung_expected_return", "expected_return_id"),
        CheckConstraint("bounced_at IS NULL OR fired_at IS NOT NULL", name="bounced_when_fired"),
        CheckConstraint("num_nonnulls(nomination_id, expected_return_id) = 1", name="one_root"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"))
    nomination_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"))
    expected_return_id: Mapped[int | None] = mapped_column(ForeignKey("expected_return.id"))
    ordinal: Mapped[int]
    kind: Mapped[str]
    recipient: Mapped[str]
    fire_at: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    fired_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    warns: Mapped[bool] = mapped_column(server_default="false")
    attempt: Mapped[int] = mapped_column(server_default="0")
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class EscalationHold(Base):
    """An escalation that the office holds back: from when to when, and the event that says by whom and why.

    One for each rung, for good: what was let go early, or came after all, is not held again.
    """

    __tablename__ = "escalation_hold"

    rung_id: Mapped[UUID] = mapped_column(ForeignKey("rung.id"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), unique=True)
    was_at: Mapped[datetime]
    until_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
