"""Signed decisions: found or created by body, year and number; another date or signer is refused.

Unless nothing is signed with the number any more, because it was undone: then it may be entered anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Row, Text, bindparam, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict
from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import DecisionKind
from workflow.store.base import table_of
from workflow.store.nominations import Decision, Nomination
from workflow.store.statements import Statement


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """A decision: what stands on it, the seat that signed (`unit:X`, or `state`), and its kind."""

    entry: SignedDocument
    body: str
    kind: DecisionKind

    def as_data(self) -> dict[str, object]:
        """Return what history keeps of the decision, so that nobody rewrites it unnoticed."""
        return {
            "kind": self.kind,
            "body": self.body,
            "number": self.entry.number,
            "decided_on": self.entry.dated.isoformat(),
            "signer": self.entry.signer,
        }


_KEY = (bindparam("body", type_=Text), bindparam("year", type_=Integer), bindparam("number", type_=Text))
# Whoever enters a number holds it: nobody beside them takes it for unused, or enters it otherwise.
_NUMBER = func.concat("decision:", func.jsonb_build_array(*_KEY))
_HOLD_NUMBER = cast(func.pg_advisory_xact_lock(func.hashtextextended(_NUMBER, 0)), Text)
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "kind": bindparam("kind", type_=Text),
    **dict(zip(("body", "year", "number"), _KEY, strict=True)),
    "decided_on": bindparam("decided_on", type_=Date),
    "signer": bindparam("signer", type_=Text),
    "edition": bindparam("edition", type_=Integer),
}
_INSERT = Statement(
    insert(table_of(Decision))
    .from_select(list(_COLUMNS), select(*_COLUMNS.values()).where(_HOLD_NUMBER == ""))
    .on_conflict_do_nothing()
)
_FIND = Statement(
    select(
        Decision.id,
        Decision.decided_on,
        Decision.signer,
        Decision.kind,
        Decision.edition,
        exists()
        .where(or_(Nomination.decision_id == Decision.id, Nomination.upper_decision_id == Decision.id))
        .label("is_used"),
    )
    .where(
        Decision.body == bindparam("body"),
        Decision.year == bindparam("year"),
        Decision.number == bindparam("number"),
    )
    .order_by(Decision.edition.desc())
    .limit(1)
)


def find_or_create_decisions(
    session: Session, decisions: Iterable[SignedDecision]
) -> dict[SignedDecision, int]:
    """Return the id of each decision, created when its number is new; one that many share is looked up once.

    Raises `Conflict` when a number is known with another date or signer, or as another kind of decision.
    """
    # In one order for everybody: two lists that share new numbers must not wait for each other.
    wanted = sorted(
        set(decisions), key=lambda decision: (decision.body, decision.entry.dated.year, decision.entry.number)
    )
    return {decision: _find_or_create(session, decision) for decision in wanted}


def _find_or_create(session: Session, decision: SignedDecision) -> int:
    entry = decision.entry
    values = {
        "kind": decision.kind,
        "body": decision.body,
        "year": entry.dated.year,
        "number": entry.number,
        "decided_on": entry.dated,
        "signer": entry.signer,
        "edition": 1,
    }
    _INSERT.run(session, values)
    found = _find(session, values)
    said = (entry.dated, entry.signer, decision.kind)
    if (found.decided_on, found.signer, found.kind) != said and not found.is_used:
        # What was signed with it was undone, all of it: it may be entered as it should have been.
        _INSERT.run(session, values | {"edition": found.edition + 1})
        found = _find(session, values)
    if (found.decided_on, found.signer, found.kind) != said:
        raise Conflict(
            f"Number {entry.number} of {entry.dated.year} is already recorded: "
            f"dated {found.decided_on:%d/%m/%Y}, signed by {found.signer}."
        )
    decision_id: int = found.id
    return decision_id


def _find(session: Session, values: Mapping[str, object]) -> Row[Any]:
    found: Row[Any]
    [found] = _FIND.fetch(session, {name: values[name] for name in ("body", "year", "number")})
    return found
