"""What is known of people, between its rows and what the rules are told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow.domain.eligibility.facts import Fact, FactKind, FactSource
from workflow.store.records import PersonFact


def fact_of(row: PersonFact) -> Fact:
    """Return what a row says."""
    return Fact(FactKind(row.kind), row.year, row.value, row.months, row.number, row.from_on, row.until_on)


def fact_values(
    person_id: int, fact: Fact, source: FactSource, *, said_by: int | None, now: datetime
) -> Mapping[str, Any]:
    """Return the row of a fact that is said now."""
    return {
        "person_id": person_id,
        "kind": str(fact.kind),
        "slot": fact.slot,
        "year": fact.year,
        "value": fact.value,
        "months": fact.months,
        "number": fact.number,
        "from_on": fact.from_on,
        "until_on": fact.until_on,
        "source": str(source),
        "said_by": said_by,
        "said_at": now,
    }
