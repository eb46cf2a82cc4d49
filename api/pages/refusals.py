"""A refused action as its page shows it again: what is wrong, beside which field, and all that was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from api.pages.catalogue import say
from api.pages.forms import ActionForm
from api.problems import problem_of
from workflow.domain.errors import Refusal, StaleNomination

_FORM_STATUS: Final = 422
# Where a rule's word belongs on the form; every other rule speaks above it.
_BESIDE: Final[Mapping[str, str]] = {
    "reason_code_missing": "reason_code",
    "reason_code_unknown": "reason_code",
    "comment_missing": "comment",
    "decision_missing": "decision_number",
    "decision_number_missing": "decision_number",
    "decision_signer_missing": "decision_signer",
}
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "decision.number": ("decision_number", "form.unreadable"),
    "decision.decided_on": ("decision_on", "form.future"),
    "decision.signer": ("decision_signer", "form.unreadable"),
    "assignee_id": ("assignee_id", "form.not_in_list"),
}
_TYPED: Final = (
    "comment",
    "reason_code",
    "to_step",
    "decision_number",
    "decision_on",
    "decision_signer",
    "assignee_id",
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused action: `problem` and `reasons` in words, `errors` by field, `typed` as it was sent."""

    action: str
    status: int
    problem: str
    is_stale: bool = False
    reasons: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


def refused_form(form: ActionForm, action: str) -> Refused:
    """Return what a form that could not be read says."""
    errors = {name: " ".join(str(word) for word in words) for name, words in form.errors.items() if name}
    return Refused(action, _FORM_STATUS, "", errors=errors, typed=_typed(form))


def refused_operation(refusal: Refusal, form: ActionForm, action: str, locale: str) -> Refused:
    """Return what the operation's refusal says, each rule beside the field it speaks of."""
    problem = problem_of(refusal, locale)
    errors: dict[str, str] = {}
    above: list[str] = []
    for reason in problem.reasons:
        place = _BESIDE.get(reason.code)
        if place is None:
            above.append(reason.message)
        else:
            errors[place] = say(locale, f"rule.{reason.code}")
    for error in refusal.errors:
        place, key = _FIELDS.get(error.field, (error.field, "form.unreadable"))
        errors[place] = say(locale, key)
    if refusal.code == "unknown-step":
        errors["to_step"] = say(locale, "form.choose_step")
    is_silent = bool(errors) or bool(above) or isinstance(refusal, StaleNomination)
    return Refused(
        action=action,
        status=refusal.status,
        problem="" if is_silent else problem.detail,
        is_stale=isinstance(refusal, StaleNomination),
        reasons=tuple(above),
        errors=errors,
        typed=_typed(form),
    )


def _typed(form: ActionForm) -> dict[str, str]:
    return {name: form[name].raw_data[0] for name in _TYPED if form[name].raw_data}
