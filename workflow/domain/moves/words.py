"""The words of a request: cleaned, complete where a document is named, and of no day to come."""

from dataclasses import replace
from datetime import date
from typing import Any

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.facts import MoveRequest, OfflineStep, SignedDocument
from workflow.domain.text import normalise


def clean_request(request: MoveRequest, *, today: date) -> MoveRequest:
    """Return the request with its words in one Unicode form.

    Raises `InvalidField` naming the field for words that cannot be kept, a document that lacks a part, and
    for one dated after `today`: it cannot have been signed yet.
    """
    decision = request.decision and SignedDocument(
        number=normalise(request.decision.number, field="decision.number", single_line=True),
        signed_on=request.decision.signed_on,
        signer=normalise(request.decision.signer, field="decision.signer", single_line=True),
    )
    clean = replace(
        request,
        comment=normalise(request.comment, field="comment"),
        reason_code=_code(request.reason_code, "reason_code"),
        to_step=_code(request.to_step, "to_step"),
        office=_code(request.office, "office"),
        decision=decision,
        **_clean_paper(request),
    )
    _demand_past(clean, today)
    return clean


def _clean_paper(request: MoveRequest) -> dict[str, Any]:
    """Return the clean parts of a step done offline: it took place on the day it was signed, unless said."""
    step = request.on_paper
    if step is None:
        return {}
    document = SignedDocument(
        number=normalise(step.document.number, field="on_paper.number", single_line=True),
        signed_on=step.document.signed_on,
        signer=normalise(step.document.signer, field="on_paper.signer", single_line=True),
    )
    parts = (("number", document.number), ("signed_on", document.signed_on), ("signer", document.signer))
    errors = [FieldError(f"on_paper.{name}", "is required") for name, part in parts if not part]
    if errors:
        raise InvalidField("A step done on paper needs number, date and signer.", errors=errors)
    on_behalf_of = normalise(step.on_behalf_of, field="on_paper.on_behalf_of", single_line=True)
    return {
        "on_paper": OfflineStep(on_behalf_of, document, step.scan_id),
        "occurred_on": request.occurred_on or document.signed_on,
    }


def _code(text: str | None, field: str) -> str | None:
    return None if text is None else normalise(text, field=field, single_line=True)


def _demand_past(request: MoveRequest, today: date) -> None:
    dates = (
        ("occurred_on", request.occurred_on),
        ("decision.decided_on", request.decision.signed_on if request.decision else None),
        ("on_paper.signed_on", request.on_paper.document.signed_on if request.on_paper else None),
    )
    message = f"lies in the future; today is {today.isoformat()}"
    errors = [FieldError(field, message) for field, day in dates if day is not None and day > today]
    if errors:
        raise InvalidField(f"{errors[0].field} {message}.", errors=errors)
