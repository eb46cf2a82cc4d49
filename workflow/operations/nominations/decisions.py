"""Signed decisions: found or created by body, year and number; another date or signer is refused.

Unless nothing is signed with the number any more, because it was undone: then it may be entered anew. What
became of an award that is decided above is entered with its decision, by the round's office.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Row,
    Text,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason, RequirementsMissing
from workflow.domain.facts import SignedDocument
from workflow.domain.history.attested import SIGNED
from workflow.domain.vocabulary import DecisionKind, UpperOutcome
from workflow.operations.history.record import Recorded
from workflow.operations.nominations.commands import Attempt, write_attempt
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
        .where(
            or_(
                Nomination.decision_id == Decision.id,
                Nomination.upper_decision_id == Decision.id,
                Nomination.annulment_id == Decision.id,
            )
        )
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


def record_outcome(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Write on a nomination that was submitted upward what was decided there, with number, date and signer.

    An answer that nothing is awarded may come without a document. What was entered stands in history; a
    later entry corrects it and says why. Raises `MoveNotOpen`, `Forbidden`, `RequirementsMissing` naming what
    is not there, `Conflict` when the number is known with another date or signer.
    """
    request, facts = attempt.command.request, attempt.locked.facts
    _demand_said(attempt)
    signed = request.decision and SignedDecision(request.decision, facts.decider, DecisionKind.UPPER_DECISION)
    decision_id = find_or_create_decisions(session, [signed])[signed] if signed else None
    data: dict[str, object] = {"outcome": request.outcome, "decision": decision_id}
    if signed:
        data[SIGNED] = signed.as_data()
    if facts.upper_outcome is not None:
        data["corrects"] = facts.upper_outcome
    recorded = write_attempt(session, attempt, now=now, data=data)
    session.execute(
        update(Nomination)
        .where(Nomination.id == facts.nomination_id)
        .values(upper_outcome=request.outcome, upper_decision_id=decision_id)
    )
    return recorded


def _demand_said(attempt: Attempt) -> None:
    request, facts = attempt.command.request, attempt.locked.facts
    unmet = []
    if request.outcome is None:
        unmet.append(Reason("outcome_missing", "Say what became of it above: awarded or not_awarded."))
    if request.outcome == UpperOutcome.AWARDED or request.decision is not None:
        unmet += unsigned(request.decision)
    if request.decision and facts.voted_on and request.decision.dated < facts.voted_on:
        voted_on = f"{facts.voted_on:%d/%m/%Y}"
        message = f"The decision is dated before the council voted on {facts.voted_on.isoformat()}."
        unmet.append(Reason("decision_before_vote", message, {"voted_on": voted_on}))
    if facts.upper_outcome is not None and not request.comment:
        message = "An outcome is recorded already; say in the comment why it has to be corrected."
        unmet.append(Reason("outcome_recorded_already", message))
    if unmet:
        raise RequirementsMissing(" ".join(reason.message for reason in unmet), reasons=unmet)


def unsigned(entry: SignedDocument | None) -> list[Reason]:
    """Return what a document lacks that has to be entered: all of it, its number or its signer."""
    if entry is None:
        return [Reason("decision_missing", "Enter the decision: its number, its date and who signed it.")]
    parts = (
        (entry.number, "decision_number_missing", "Enter the number of the decision."),
        (entry.signer, "decision_signer_missing", "Enter who signed the decision."),
    )
    return [Reason(code, message) for text, code, message in parts if not text.strip()]
