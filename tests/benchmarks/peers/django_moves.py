"""Django's ORM with django-fsm-2 on the product's tables.

Whole: the same facts, as a program written with Django does it. Bare: a protected state and one row of a log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tests.benchmarks.peers import django_models as m
from tests.benchmarks.raw_decision import Leap, facts_told, link_of
from workflow.store.ids import uuid7


class DjangoDecisions:
    """Makes decisions over Django's connection, one atomic block each."""

    def __init__(self, today: date) -> None:
        self._today = today

    def decide(
        self, leap: Leap, *, nomination_id: int, version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one decision and commit; ValueError when it is stale or not the actor's."""
        with transaction.atomic():
            actor = m.Account.objects.get(pk=actor_id, disabled_at=None)
            mine = m.in_force(m.Grant.objects.filter(account=actor), self._today)
            keys = list(mine.values_list("key", flat=True))
            request = m.RequestKey.objects.create(
                actor_id=actor_id, key=key, route="decide", mac=key.encode(), created_at=now
            )
            nomination = m.Nomination.objects.select_for_update(no_key=True).get(pk=nomination_id)
            told = m.told_of(nomination, actor_id, self._today)
            if (nomination.version, nomination.state) != (version, leap.source) or told.owner_key not in keys:
                raise ValueError("the decision is stale or not the actor's")
            turn = _Turn(leap, nomination, told, actor_id, now)
            recipients = turn.recipients(self._today)
            event = turn.change(turn.paper())
            turn.close()
            turn.write_mails(recipients, turn.open(), event)
            request.result = {"nomination_id": nomination.pk, "version": version + 1, "seq": event.seq}
            request.save(update_fields=["result"])


@dataclass(slots=True)
class _Turn:
    """One decision: the rows it loaded, and those it writes."""

    leap: Leap
    nomination: Any
    told: m.Told
    actor_id: int
    now: datetime

    def recipients(self, today: date) -> Sequence[int]:
        if self.leap.opens is None:
            return [self.nomination.created_by]
        grants = m.Grant.objects.filter(key=self.leap.opens.owner_key, account__disabled_at=None)
        held = m.in_force(grants, today).select_related("account").order_by("account_id")
        return [grant.account.pk for grant in held]

    def paper(self) -> Any:
        paper = self.leap.paper
        if paper is None:
            return None
        same = {name: paper[name] for name in ("body", "year", "number")}
        found, _ = m.Decision.objects.get_or_create(**same, defaults=paper)
        return found

    def change(self, paper: Any) -> Any:
        leap, row = self.leap, self.nomination
        seat = leap.opens and leap.opens.owner_key.partition("@")[2]
        data = facts_told(leap, row, paper and paper.pk, seat)
        getattr(row, f"{leap.action}_{leap.source}")()
        row.stage, row.is_held = leap.stage, False
        row.version += 1
        if seat and seat not in row.audience:
            row.audience = [*row.audience, seat]
        if paper is not None:
            row.decision_id = paper.pk
        row.closed_at = None if leap.opens else self.now
        row.save(update_fields=m.MOVED)
        values: dict[str, Any] = {
            "stream": f"nomination:{row.pk}",
            "seq": self.told.seq + 1,
            "actor_id": self.actor_id,
            "via": "api",
            "action": leap.action,
            "source": leap.source,
            "dest": row.state,
        }
        linked = link_of(bytes(self.told.hash), values | {"now": self.now}, data)
        return m.Event.objects.create(
            **values, id=uuid7(self.now), recorded_at=self.now, data=data, hash=linked
        )

    def close(self) -> None:
        visit, item = self.told.visit, self.told.item
        visit.left_at = self.now
        visit.ended, visit.working_minutes = "moved", 0
        visit.save(update_fields=["left_at", "ended", "working_minutes"])
        item.closed_at, item.outcome = self.now, self.leap.action
        item.save(update_fields=["closed_at", "outcome"])
        m.Rung.objects.filter(work_item_id=item.pk, fired_at=None).update(fire_at=None)

    def open(self) -> Any:
        work, root = self.leap.opens, self.nomination.pk
        if work is None:
            return None
        visit = m.Visit.objects.create(
            id=uuid7(self.now),
            nomination_id=root,
            ordinal=self.told.visit.ordinal + 1,
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
        item = m.WorkItem.objects.create(
            id=uuid7(self.now),
            visit_id=visit.pk,
            nomination_id=root,
            kind="stage",
            owner_key=work.owner_key,
            opened_at=self.now,
            due_at=work.due_at,
        )
        m.Rung.objects.bulk_create([self._rung(item, *rung) for rung in work.rungs])
        return item

    def _rung(self, item: Any, *promise: Any) -> Any:
        values = dict(zip(("ordinal", "kind", "recipient", "fire_at", "warns"), promise, strict=True))
        return m.Rung(id=uuid7(self.now), work_item_id=item.pk, nomination_id=self.nomination.pk, **values)

    def write_mails(
        self,
        recipients: Sequence[int],
        item: Any,
        event: Any,
    ) -> None:
        notice, mail_class = ("work_opened", "task") if self.leap.opens else ("approved", "decision")
        mails = []
        for account_id in recipients:
            mail_id = uuid7(self.now)
            mail = m.Outbox(
                id=mail_id,
                dedupe_key=f"{notice}:{event.id}:{account_id}",
                notice=notice,
                mail_class=mail_class,
                account_id=account_id,
                nomination_id=self.nomination.pk,
                work_item_id=item and item.pk,
                event_id=event.id,
                fold_key=str(mail_id),
                state="new",
                not_before=self.now,
                created_at=self.now,
            )
            mails.append(mail)
        m.Outbox.objects.bulk_create(mails, ignore_conflicts=True)


class DjangoBare:
    """Moves a protected state and keeps one row of a log."""

    def decide(
        self, leap: Leap, *, nomination_id: int, version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one decision and commit."""
        del version, key
        with transaction.atomic():
            kept = m.PeerState.objects.select_for_update().get(pk=nomination_id)
            getattr(kept, f"{leap.action}_{leap.source}")()
            kept.save(update_fields=["state"])
            m.PeerLog.objects.create(
                nomination_id=nomination_id,
                actor_id=actor_id,
                action=leap.action,
                source=leap.source,
                dest=kept.state,
                at=now,
            )
