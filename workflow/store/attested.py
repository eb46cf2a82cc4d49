"""The facts of a row that its history tells, read from the tables: one description for each kind of stream.

Whoever appends an event and whoever verifies history read the same description, so a fact has one spelling.
Codes, numbers and days are facts; names are apart, because a name may have to be erased one day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session

from workflow.store.access import Account, Grant
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.nominations import Nomination
from workflow.store.organisation import Cluster, ClusterMember
from workflow.store.submissions import ExpectedReturn, Submission

_Lists: TypeAlias = Mapping[int, list[object]]


@dataclass(frozen=True, slots=True)
class Attested:
    """One row as it is today: its facts as JSON carries them, and the names in it."""

    id: int
    facts: Mapping[str, object]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is told of one kind of row: single facts, names, and lists that lie in other tables."""

    key: Any
    facts: Mapping[str, Any]
    names: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Callable[[Session, Sequence[int]], _Lists]] = field(default_factory=dict)


def facts_of(session: Session, stream: str) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Return the facts and names of the row a stream is about; both empty where it has none."""
    kind, _, name = stream.partition(":")
    if kind in KINDS and name.isdecimal():
        for row in read_facts(session, kind, [int(name)]):
            return row.facts, row.names
    return {}, {}


def read_facts(session: Session, kind: str, ids: Sequence[int]) -> Iterator[Attested]:
    """Yield the facts of those rows of a kind that are there."""
    told = KINDS[kind]
    columns = [column.label(name) for name, column in {**told.facts, **told.names}.items()]
    rows = session.execute(select(told.key.label("row_id"), *columns).where(told.key.in_(list(ids)))).all()
    lists = {name: load(session, ids) for name, load in told.lists.items()}
    for row in rows:
        facts = {name: plain(getattr(row, name)) for name in told.facts}
        facts |= {name: found.get(row.row_id, []) for name, found in lists.items()}
        yield Attested(row.row_id, facts, {name: getattr(row, name) or "" for name in told.names})


def plain(value: object) -> object:
    """Return a column's value as JSON carries it; a set of seats in one order."""
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, list) else value


def grant_row(grant: Row[int, int, str, date, date | None]) -> list[object]:
    """Return a grant as history tells it: id, account, key, first day, day on which it no longer counts."""
    return [grant.id, grant.account_id, grant.key, plain(grant.valid_from), plain(grant.valid_to)]


def _grants_of_accounts(session: Session, ids: Sequence[int]) -> _Lists:
    return _grouped(
        (grant.account_id, grant_row(grant)) for grant in _grants(session, among(Grant.account_id, ids))
    )


def _grants_of_clusters(session: Session, ids: Sequence[int]) -> _Lists:
    rows = session.execute(select(Cluster.code, Cluster.id).where(Cluster.id.in_(list(ids))))
    codes = {row.code: row.id for row in rows}
    if not codes:
        return {}
    # By the end of the key, which no index serves: reads all grants, only where a cluster's event is told.
    seats = [Grant.key.endswith(f"@cluster:{code}", autoescape=True) for code in codes]
    found = _grants(session, Grant.key.contains("@cluster:"), or_(*seats))
    return _grouped((codes[grant.key.partition("@cluster:")[2]], grant_row(grant)) for grant in found)


def _grants(
    session: Session, *conditions: ColumnElement[bool]
) -> Sequence[Row[int, int, str, date, date | None]]:
    wanted = (Grant.id, Grant.account_id, Grant.key, Grant.valid_from, Grant.valid_to)
    return session.execute(select(*wanted).where(*conditions).order_by(Grant.id)).all()


def _members(session: Session, ids: Sequence[int]) -> _Lists:
    rows = session.execute(
        select(ClusterMember.cluster_id, ClusterMember.unit_id)
        .where(among(ClusterMember.cluster_id, ids))
        .order_by(ClusterMember.unit_id)
    )
    return _grouped((row.cluster_id, row.unit_id) for row in rows)


def _grouped(pairs: Iterable[tuple[int, object]]) -> _Lists:
    groups: defaultdict[int, list[object]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


KINDS: Final[Mapping[str, Kind]] = {
    "nomination": Kind(
        Nomination.id,
        {
            "round": Nomination.round_id,
            "award_edition": Nomination.award_edition_id,
            "definition": Nomination.definition_id,
            "unit": Nomination.unit_id,
            "kind": Nomination.subject_kind,
            "person": Nomination.person_id,
            "decider": Nomination.decider,
            "submission": Nomination.submission_id,
            "audience": Nomination.audience,
            "state": Nomination.state,
            "stage": Nomination.stage,
            "is_held": Nomination.is_held,
            "created_by": Nomination.created_by,
            "vote": Nomination.vote,
            "recommendation": Nomination.recommendation,
            "voted_on": Nomination.voted_on,
            "decision": Nomination.decision_id,
            "upper_outcome": Nomination.upper_outcome,
            "upper_decision": Nomination.upper_decision_id,
            "annulment": Nomination.annulment_id,
        },
        {"subject_name": Nomination.subject_name, "subject_position": Nomination.subject_position},
    ),
    "submission": Kind(
        Submission.id,
        {
            "round": Submission.round_id,
            "unit": Submission.unit_id,
            "decider": Submission.decider,
            "number": Submission.number,
            "signed_on": Submission.signed_on,
            "created_by": Submission.created_by,
        },
        {"signer": Submission.signer},
    ),
    "expected_return": Kind(
        ExpectedReturn.id,
        {
            "round": ExpectedReturn.round_id,
            "unit": ExpectedReturn.unit_id,
            "answered_by": ExpectedReturn.answered_by,
            "number": ExpectedReturn.nothing_number,
            "signed_on": ExpectedReturn.nothing_on,
        },
        {"signer": ExpectedReturn.nothing_signer},
    ),
    "round": Kind(
        Round.id,
        {
            "code": Round.code,
            "year": Round.year,
            "owner": Round.owner_unit_id,
            "council": Round.council_id,
            "campaign": Round.campaign_id,
        },
    ),
    "cluster": Kind(
        Cluster.id,
        {
            "code": Cluster.code,
            "kind": Cluster.kind,
            "head": Cluster.head_unit_id,
            "deputy": Cluster.deputy_unit_id,
            "how": Cluster.headed_how,
            "from": Cluster.officers_from,
        },
        lists={"members": _members, "grants": _grants_of_clusters},
    ),
    "account": Kind(
        Account.id,
        {"person": Account.person_id, "is_disabled": Account.disabled_at.is_not(None)},
        {"email": Account.email, "name": Account.name},
        lists={"grants": _grants_of_accounts},
    ),
}
