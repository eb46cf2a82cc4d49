"""SQLAlchemy's unit of work with `transitions`: rows are objects, the machine moves the state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from transitions import Machine

from tests.benchmarks.peers.core import facts, in_force
from tests.benchmarks.raw_decision import Leap, facts_told, link_of
from tests.benchmarks.scene import ROUTE
from workflow.store.access import Account, Grant
from workflow.store.database import Sessions
from workflow.store.history import Event, RequestKey
from workflow.store.ids import uuid7
from workflow.store.mail import Outbox
from workflow.store.nominations import Decision, Nomination, Rung, Visit, WorkItem

MACHINE = Machine(
    model=None,
    states=[ROUTE[0][1], *(dest for *_, dest in ROUTE)],
    transitions=[{"trigger": action, "source": source, "dest": dest} for _, source, action, dest in ROUTE],
    initial=ROUTE[0][1],
    auto_transitions=False,
)


class OrmDecisions:
    """Makes decisions in a session each, as a program written with the ORM does."""

    def __init__(self, sessions: Sessions, *, today: date) -> None:
        self._sessions, self._today = sessions, today

    def decide(
        self, leap: Leap, *, nomination_id: int, version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one decision and commit; ValueError when it is stale or not the actor's."""
        today = {"today": self._today}
        with self._sessions() as session:
            actor = session.get_one(Account, actor_id)
            mine = select(Grant.key).where(Grant.account_id == actor.id, in_force(Grant))
            keys = session.scalars(mine, today).all()
            request = RequestKey(actor_id=actor.id, key=key, route="decide", mac=key.encode(), created_at=now)
            session.add(request)
            session.flush()
            nomination = session.get_one(Nomination, nomination_id, with_for_update={"key_share": True})
            wanted = {**today, "nomination_id": nomination_id, "actor_id": actor.id}
            told = session.execute(facts(), wanted).one()
            if (nomination.version, nomination.state) != (version, leap.source) or told.owner_key not in keys:
                raise ValueError("the decision is stale or not the actor's")
            turn = _Turn(session, leap, nomination, told, actor.id, now)
            recipients = turn.recipients(self._today)
            event = turn.change(turn.paper())
            turn.close()
            turn.write_mails(recipients, turn.open(), event)
            request.result = {"nomination_id": nomination.id, "version": version + 1, "seq": event.seq}
            session.commit()


@dataclass(slots=True)
class _Turn:
    """One decision: the rows it loaded, and those it writes."""

    session: Session
    leap: Leap
    nomination: Nomination
    told: Any
    actor_id: int
    now: datetime

    def recipients(self, today: date) -> Sequence[int]:
        if self.leap.opens is None:
            return [self.nomination.created_by]
        holders = (
            select(Account)
            .join(Grant, Grant.account_id == Account.id)
            .where(Grant.key == self.leap.opens.owner_key, Account.disabled_at.is_(None), in_force(Grant))
            .order_by(Account.id)
        )
        return [account.id for account in self.session.scalars(holders, {"today": today})]

    def paper(self) -> Decision | None:
        paper = self.leap.paper
        if paper is None:
            return None
        same = {name: paper[name] for name in ("body", "year", "number")}
        found = self.session.scalars(select(Decision).filter_by(**same)).one_or_none()
        if found is None:
            found = Decision(**paper)
            self.session.add(found)
            self.session.flush()
        return found

    def change(self, paper: Decision | None) -> Event:
        leap, row = self.leap, self.nomination
        seat = leap.opens and leap.opens.owner_key.partition("@")[2]
        data = facts_told(leap, row, None if paper is None else paper.id, seat)
        MACHINE.add_model(row, initial=row.state)
        row.trigger(leap.action)  # type: ignore[attr-defined]  # the machine's own
        MACHINE.remove_model(row)
        row.stage, row.is_held = leap.stage, False
        row.version += 1
        if seat and seat not in row.audience:
            row.audience = [*row.audience, seat]
        if paper is not None:
            row.decision_id = paper.id
        row.closed_at = None if leap.opens else self.now
        values: dict[str, Any] = {
            "stream": f"nomination:{row.id}",
            "seq": self.told.seq + 1,
            "actor_id": self.actor_id,
            "via": "api",
            "action": leap.action,
            "source": leap.source,
            "dest": row.state,
        }
        linked = link_of(self.told.hash, values | {"now": self.now}, data)
        event = Event(**values, id=uuid7(self.now), recorded_at=self.now, data=data, hash=linked)
        self.session.add(event)
        self.session.flush()
        return event

    def close(self) -> None:
        visit = self.session.get_one(Visit, self.told.visit_id)
        item = self.session.get_one(WorkItem, self.told.work_item_id)
        visit.left_at = self.now
        visit.ended, visit.working_minutes = "moved", 0
        item.closed_at, item.outcome = self.now, self.leap.action
        waiting = select(Rung).where(Rung.work_item_id == item.id, Rung.fired_at.is_(None))
        for rung in self.session.scalars(waiting):
            rung.fire_at = None
        self.session.flush()

    def open(self) -> WorkItem | None:
        work, root = self.leap.opens, self.nomination.id
        if work is None:
            return None
        visit = Visit(
            id=uuid7(self.now),
            nomination_id=root,
            ordinal=self.told.ordinal + 1,
            step=self.nomination.state,
            stage=self.leap.stage,
            sent_by=self.actor_id,
            sent_from=self.leap.source,
            entered_at=self.now,
            clock_unit=work.clock_unit,
            budget_minutes=work.budget_minutes,
            clock_started_at=work.clock_started_at,
            due_at=work.due_at,
            calendar_version=work.calendar_version,
        )
        item = WorkItem(
            id=uuid7(self.now),
            visit_id=visit.id,
            nomination_id=root,
            kind="stage",
            owner_key=work.owner_key,
            opened_at=self.now,
            due_at=work.due_at,
        )
        # No relationship tells the unit of work which of the rows comes first.
        for rows in ([visit], [item], [self._rung(item, *rung) for rung in work.rungs]):
            self.session.add_all(rows)
            self.session.flush()
        return item

    def _rung(self, item: WorkItem, *promise: Any) -> Rung:
        names = ("ordinal", "kind", "recipient", "fire_at", "warns")
        values = dict(zip(names, promise, strict=True))
        return Rung(id=uuid7(self.now), work_item_id=item.id, nomination_id=self.nomination.id, **values)

    def write_mails(self, recipients: Sequence[int], item: WorkItem | None, event: Event) -> None:
        notice, mail_class = ("work_opened", "task") if self.leap.opens else ("approved", "decision")
        for account_id in recipients:
            mail_id = uuid7(self.now)
            mail = Outbox(
                id=mail_id,
                dedupe_key=f"{notice}:{event.id}:{account_id}",
                notice=notice,
                mail_class=mail_class,
                account_id=account_id,
                nomination_id=self.nomination.id,
                work_item_id=item and item.id,
                event_id=event.id,
                fold_key=str(mail_id),
                state="new",
                not_before=self.now,
                created_at=self.now,
            )
            self.session.add(mail)
