"""Signed papers: found or created by body, year and number; another date or signer is refused."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict
from workflow.domain.facts import DecisionEntry
from workflow.domain.routing import split_key
from workflow.domain.vocabulary import DecisionKind
from workflow.store.base import table_of
from workflow.store.nominations import Decision
from workflow.store.statements import Statement

_INSERT = Statement(insert(table_of(Decision)).on_conflict_do_nothing())
_FIND = Statement(
    select(Decision.id, Decision.decided_on, Decision.signer, Decision.kind).where(
        Decision.body == bindparam("body"),
        Decision.year == bindparam("year"),
        Decision.number == bindparam("number"),
    )
)


def find_or_create_decision(session: Session, entry: DecisionEntry, *, owner_key: str, is_final: bool) -> int:
    """Return the id of the paper with this number, created when it is new.

    The body is the seat that signs. Raises `Conflict` when the number has another date or signer.
    """
    body = split_key(owner_key)[1]
    kind = DecisionKind.DECISION if is_final else DecisionKind.RECOMMENDATION
    values = {
        "kind": kind,
        "body": body,
        "year": entry.decided_on.year,
        "number": entry.number,
        "decided_on": entry.decided_on,
        "signer": entry.signer,
    }
    _INSERT.run(session, values)
    [found] = _FIND.fetch(session, {name: values[name] for name in ("body", "year", "number")})
    if (found.decided_on, found.signer, found.kind) != (entry.decided_on, entry.signer, kind):
        raise Conflict(
            f"Number {entry.number} of {entry.decided_on.year} is already recorded: "
            f"dated {found.decided_on:%d/%m/%Y}, signed by {found.signer}."
        )
    decision_id: int = found.id
    return decision_id
