"""Signed decisions: found or created by body, year and number; another date or signer is refused."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict
from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import DecisionKind
from workflow.store.base import table_of
from workflow.store.nominations import Decision
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


_INSERT = Statement(insert(table_of(Decision)).on_conflict_do_nothing())
_FIND = Statement(
    select(Decision.id, Decision.decided_on, Decision.signer, Decision.kind).where(
        Decision.body == bindparam("body"),
        Decision.year == bindparam("year"),
        Decision.number == bindparam("number"),
    )
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
    }
    _INSERT.run(session, values)
    [found] = _FIND.fetch(session, {name: values[name] for name in ("body", "year", "number")})
    if (found.decided_on, found.signer, found.kind) != (entry.dated, entry.signer, decision.kind):
        raise Conflict(
            f"Number {entry.number} of {entry.dated.year} is already recorded: "
            f"dated {found.decided_on:%d/%m/%Y}, signed by {found.signer}."
        )
    decision_id: int = found.id
    return decision_id
