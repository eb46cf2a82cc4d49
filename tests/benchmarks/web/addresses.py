"""Every address that a GET takes, as the application itself lists them, filled from the database.

A page that is added tomorrow is measured without being named here. A part of an address that nobody knows how
to fill is an error, not an address left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Final
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.benchmarks.web.served import Reader
from workflow.store.absences import Absence
from workflow.store.access import Account
from workflow.store.attachments import Attachment
from workflow.store.awards import Campaign, Round, WorkflowDefinition
from workflow.store.errands import Errand
from workflow.store.mail import KeptLetter
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.office_forms import UnitForm
from workflow.store.organisation import Cluster, Person, Unit
from workflow.store.visible import visible

EACH: Final = 12
"""How many different values a part of an address takes in turn: the newest rows and the oldest."""

# Where there is no such row: an address of nothing, which is asked for all the same.
_NOTHING: Final = {"attachment_id": UUID(int=1), "work_item_id": UUID(int=1)} | dict.fromkeys(
    (
        "message_id",
        "code",
        "token",
        "round_code",
        "unit_code",
        "nomination_id",
        "submission_id",
        "cluster_id",
        "absence_id",
        "key",
        "version",
        "kind",
        "account_id",
        "person_code",
        "form_id",
        "errand_id",
        "purpose",
    ),
    "0",
)
# Nobody's business but theirs: files and probes, which ask nothing of how much there is.
# Neither a page that answers a form: whoever asks for it has sent one.
_FIXED: Final = ("static", "healthz", "readyz", "metrics", "openapi", "/docs", "/seen/")
_LAST: Final = (datetime.now(UTC).date() - timedelta(days=365)).replace(day=1) - timedelta(days=1)
OF_A_MONTH: Final = f"from={_LAST:%Y-%m}-01&to={_LAST}"
"""A whole month of a year ago, in which all is over."""

ASKED: Final = {
    "/nominations": (
        "q=Nguy%E1%BB%85n",
        "state=approved",
        # What a reader may see none of, or what hardly anything is: all there is would be gone through.
        "state=withdrawn",
        "progress=asked",
        "flag=late&order=due",
        "state=withdrawn&order=due",
    ),
    "/api/v1/nominations": ("q=Nguy%E1%BB%85n", "limit=200"),
    "/submissions": ("q=12", "q=nguyen", "status=returned"),
    "/people": ("q=nguyen+huy+tien", "q=nguyen"),
    "/api/v1/people": ("q=nguyen+huy+tien",),
    "/": (
        *("q=Nguy%E1%BB%85n", "q=nguyen+huy+tien", "q=12", "tab=waiting", "tab=done", "due=overdue"),
        *("due=later", "flag=held", "state=council", "holder=other", "age=300"),
    ),
    "/bottlenecks": ("round=", OF_A_MONTH),
    "/api/v1/analytics/bottlenecks": (OF_A_MONTH,),
    "/api/v1/inbox": ("limit=200", "q=Nguy%E1%BB%85n"),
}
"""Addresses that are asked with a query too, as people do who search."""


@dataclass(frozen=True, slots=True)
class Address:
    """A route with several addresses of it, those that this reader would ask for."""

    route: str
    reader: Reader
    paths: tuple[str, ...]


def addresses(app: Flask, session: Session, readers: list[Reader]) -> list[Address]:
    """Return each GET of the application for each reader, with parts of what that reader sees."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    rules = [rule for rule in rules if not any(word in rule.rule for word in _FIXED)]
    found = []
    for reader in readers:
        values = parts(session, reader)
        for rule in sorted(rules, key=lambda rule: rule.rule):
            found.append(Address(_short(rule), reader, tuple(_filled(app, rule, values))))
            asked = [f"{rule.rule}?{query}" for query in ASKED.get(rule.rule, ())]
            found += [Address(path, reader, (path,)) for path in asked]
    return found


def parts(session: Session, reader: Reader) -> dict[str, list[object]]:
    """Return for each part of an address what it may be for this reader, newest and oldest."""
    seen = select(Nomination.id).where(visible(reader.actor.scope))
    ids = _both_ends(lambda order: seen.order_by(order(Nomination.id)).limit(EACH // 2), session)
    of_seen = Nomination.id.in_(ids)
    routes = session.execute(
        select(WorkflowDefinition.key, WorkflowDefinition.version).order_by(WorkflowDefinition.id).limit(EACH)
    ).all()
    return {
        "key": [key for key, _ in routes],
        "version": [version for _, version in routes],
        "nomination_id": ids,
        "submission_id": list(session.scalars(select(Nomination.submission_id).where(of_seen).distinct())),
        "round_code": list(
            session.scalars(
                select(Round.code).join(Nomination, Nomination.round_id == Round.id).where(of_seen).distinct()
            )
        ),
        "unit_code": list(
            session.scalars(
                select(Unit.code).join(Nomination, Nomination.unit_id == Unit.id).where(of_seen).distinct()
            )
        ),
        "person_code": list(
            session.scalars(
                select(Person.code)
                .join(Nomination, Nomination.person_id == Person.id)
                .where(of_seen)
                .distinct()
            )
        ),
        "cluster_id": list(session.scalars(select(Cluster.id).order_by(Cluster.id.desc()).limit(EACH))),
        "code": list(session.scalars(select(Campaign.code).limit(EACH))),
        "attachment_id": list(session.scalars(select(Attachment.id).limit(EACH))),
        "message_id": list(
            session.scalars(
                select(KeptLetter.message_id)
                .where(KeptLetter.account_id == reader.actor.account_id)
                .order_by(KeptLetter.message_id.desc())
                .limit(EACH)
            )
        ),
        "work_item_id": list(
            session.scalars(
                select(WorkItem.id)
                .where(WorkItem.nomination_id.in_(ids), WorkItem.closed_at.is_(None))
                .limit(EACH)
            )
        ),
        "absence_id": list(session.scalars(select(Absence.id).order_by(Absence.id.desc()).limit(EACH))),
        "account_id": list(session.scalars(select(Account.id).order_by(Account.id.desc()).limit(EACH))),
        "form_id": list(session.scalars(select(UnitForm.id).order_by(UnitForm.id.desc()).limit(EACH))),
        "errand_id": list(session.scalars(select(Errand.id).order_by(Errand.id.desc()).limit(EACH))),
    }


def _both_ends(statement: Callable[..., object], session: Session) -> list[object]:
    newest = session.scalars(statement(lambda column: column.desc())).all()  # type: ignore[call-overload]  # a select
    oldest = session.scalars(statement(lambda column: column.asc())).all()  # type: ignore[call-overload]  # a select
    return list(dict.fromkeys([*newest, *oldest]))


def _filled(app: Flask, rule: Rule, values: dict[str, list[object]]) -> Iterator[str]:
    names = sorted(rule.arguments)
    if unknown := set(names) - set(values) - set(_NOTHING):
        raise LookupError(f"{rule.rule}: say in `parts` what {sorted(unknown)} may be")
    turns = {name: list(filter(None, values.get(name, ()))) or [_NOTHING[name]] for name in names}
    many = max((len(turn) for turn in turns.values()), default=1)
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for number in range(many):
            chosen = {name: next(islice(cycle(turn), number, None)) for name, turn in turns.items()}
            yield adapter.build(rule.endpoint, chosen, method="GET")


def _short(rule: Rule) -> str:
    return rule.rule.replace("int(max=9223372036854775807):", "")
