"""What streams of history are about: found by the code people know, and called by the name it has today."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from workflow.domain.history.kinds import StreamKind
from workflow.domain.vocabulary import known
from workflow.queries.paging import BIGGEST_ID
from workflow.store.access import Account
from workflow.store.awards import Campaign, Round
from workflow.store.imports import ImportBatch
from workflow.store.nominations import Nomination
from workflow.store.organisation import Cluster, Person, Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn, Submission


@dataclass(frozen=True, slots=True)
class Thing:
    """What an entry is about; `code` is what its address is made of, `name` is empty where it has none.

    `kind` is None for one that this release does not know; `stream` names it in any case.
    """

    stream: str
    kind: StreamKind | None
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class _Told:
    """The table of a kind: its key, the code by which people know a row, and its name."""

    key: Any
    code: Any
    name: Any


_unit_name: Final = (
    select(UnitEdition.name)
    .where(UnitEdition.unit_id == Unit.id)
    .order_by(UnitEdition.valid_from.desc())
    .limit(1)
    .scalar_subquery()
)
_owing: Final = select(Unit.code).where(Unit.id == ExpectedReturn.unit_id).scalar_subquery()
_TABLES: Final[Mapping[StreamKind, _Told]] = {
    StreamKind.NOMINATION: _Told(Nomination.id, cast(Nomination.id, String), Nomination.subject_name),
    StreamKind.SUBMISSION: _Told(Submission.id, cast(Submission.id, String), Submission.number),
    StreamKind.EXPECTED_RETURN: _Told(ExpectedReturn.id, cast(ExpectedReturn.id, String), _owing),
    StreamKind.ROUND: _Told(Round.id, Round.code, Round.title),
    StreamKind.CAMPAIGN: _Told(Campaign.id, Campaign.code, Campaign.title),
    StreamKind.CLUSTER: _Told(Cluster.id, Cluster.code, Cluster.name),
    StreamKind.UNIT: _Told(Unit.id, Unit.code, _unit_name),
    StreamKind.PERSON: _Told(Person.id, Person.code, Person.name),
    StreamKind.ACCOUNT: _Told(Account.id, Account.email, Account.name),
    StreamKind.IMPORT: _Told(ImportBatch.id, cast(ImportBatch.id, String), ImportBatch.filename),
}
"""Kinds that have a table; every other stream is named by what it is called."""
_NUMBERED: Final = frozenset(
    {StreamKind.NOMINATION, StreamKind.SUBMISSION, StreamKind.EXPECTED_RETURN, StreamKind.IMPORT}
)


def stream_called(session: Session, kind: StreamKind, code: str) -> str | None:
    """Return the stream of what people know by this code, None where there is nothing called so."""
    told = _TABLES.get(kind)
    if told is None:
        return str(kind) if kind is StreamKind.INSTALLATION else f"{kind}:{code}"
    if kind in _NUMBERED:
        is_id = code.isascii() and code.isdigit() and int(code) <= BIGGEST_ID
        return f"{kind}:{int(code)}" if is_id else None
    spelled = (code, code.upper(), code.lower())
    found = session.scalars(select(told.key).where(told.code.in_(spelled)).limit(1)).first()
    return None if found is None else f"{kind}:{found}"


def things_of(session: Session, streams: Iterable[str]) -> dict[str, Thing]:
    """Return what each of some streams is about, one statement for each kind among them."""
    found: dict[str, Thing] = {}
    ids: defaultdict[StreamKind, list[int]] = defaultdict(list)
    for stream in set(streams):
        word, _, code = stream.partition(":")
        kind = known(StreamKind, word)
        found[stream] = Thing(stream, kind, code, "")
        if kind is not None and kind in _TABLES and code.isdecimal():
            ids[kind].append(int(code))
    for kind, wanted in ids.items():
        told = _TABLES[kind]
        statement = select(told.key.label("id"), told.code.label("code"), told.name.label("name"))
        for row in session.execute(statement.where(told.key.in_(wanted))):
            stream = f"{kind}:{row.id}"
            found[stream] = Thing(stream, kind, row.code, row.name or "")
    return found
