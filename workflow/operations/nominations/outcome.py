"""What became of an award that is decided above: entered when the answer comes, by the round's office."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, RequirementsMissing
from workflow.domain.facts import SignedDocument
from workflow.domain.history.attested import SIGNED
from workflow.domain.vocabulary import DecisionKind, UpperOutcome
from workflow.operations.history.record import Recorded
from workflow.operations.nominations.commands import Attempt, write_attempt
from workflow.operations.nominations.decisions import SignedDecision, find_or_create_decisions
from workflow.store.nominations import Nomination


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
        unmet += _unsigned(request.decision)
    if request.decision and facts.voted_on and request.decision.dated < facts.voted_on:
        voted_on = f"{facts.voted_on:%d/%m/%Y}"
        message = f"The decision is dated before the council voted on {facts.voted_on.isoformat()}."
        unmet.append(Reason("decision_before_vote", message, {"voted_on": voted_on}))
    if facts.upper_outcome is not None and not request.comment:
        message = "An outcome is recorded already; say in the comment why it has to be corrected."
        unmet.append(Reason("outcome_recorded_already", message))
    if unmet:
        raise RequirementsMissing(" ".join(reason.message for reason in unmet), reasons=unmet)


def _unsigned(entry: SignedDocument | None) -> list[Reason]:
    if entry is None:
        return [Reason("decision_missing", "Enter the decision: its number, its date and who signed it.")]
    parts = (
        (entry.number, "decision_number_missing", "Enter the number of the decision."),
        (entry.signer, "decision_signer_missing", "Enter who signed the decision."),
    )
    return [Reason(code, message) for text, code, message in parts if not text.strip()]
