"""A refused action as its page shows it again: what is wrong, beside which field, and all that was typed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from flask import request

from api.catalogue import knows, say
from api.pages.typed import Names, NotTaken, beside
from api.pages.writing import moment
from api.problems import Problem, problem_of
from api.wording import ENGLISH, changer_of, detail_of, is_said, message_of
from workflow.domain.errors import (
    FieldError,
    KeyReused,
    Refusal,
    StaleNomination,
    StaleSubmission,
    UnknownStep,
)
from workflow.operations.nominations.answers import RefusedItem as Answer

_CHANGED: Final[Mapping[str, str]] = {
    StaleNomination.code: "nomination.stale_by",
    StaleSubmission.code: "submissions.stale_by",
}
# Where a rule's word belongs on the form; every other rule speaks above it.
_BESIDE: Final[Mapping[str, str]] = {
    "reason_code_missing": "reason_code",
    "reason_code_unknown": "reason_code",
    "comment_missing": "comment",
    "office_missing": "office",
    "asked_before_step": "voted_on",
    "asked_after_due": "voted_on",
    "answered_before_asked": "voted_on",
    "decision_missing": "decision_number",
    "decision_number_missing": "decision_number",
    "decision_signer_missing": "decision_signer",
    "decision_before_vote": "decision_on",
    "vote_missing": "vote_members",
    "vote_is_below": "vote_in_favour",
    "vote_is_carried": "vote_in_favour",
}
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "decision.number": ("decision_number", "form.unreadable"),
    "decision.decided_on": ("decision_on", "form.future"),
    "decision.signer": ("decision_signer", "form.unreadable"),
    "decision.counts.members": ("vote_members", "form.votes_differ"),
    "occurred_on": ("voted_on", "form.future"),
    "on_paper.number": ("paper_number", "form.required"),
    "on_paper.signed_on": ("paper_on", "form.paper_day"),
    "on_paper.signer": ("paper_signer", "form.required"),
    "on_paper.scan": ("paper_scan", "move.scan_missing"),
    "outcome": ("outcome", "form.not_in_list"),
    "assignee_id": ("assignee_id", "form.not_in_list"),
    "answer_by": ("answer_by", "late.day_wrong"),
    "proposes": ("proposes", "form.not_in_list"),
    "office": ("office", "form.unreadable"),
    "text": ("text", "form.required"),
    "mentions": ("mentions", "comment.name_shared"),
}
# Fields of forms whose refusals stand above the form and not beside a field.
_ALONE: Final[Mapping[str, str]] = {
    "signed_on": "form.paper_day",
    "number": "form.paper_whole",
    "signer": "form.paper_whole",
    "units": "form.not_in_list",
    "awards": "form.not_in_list",
    "owner": "form.not_in_list",
    "campaign": "form.not_in_list",
    "round": "form.not_in_list",
    "unit": "form.not_in_list",
    "period_to": "form.period",
}
# What a form carries unseen: what is wrong with it is said above the page.
_HIDDEN: Final = frozenset({"version", "round", "unit", "previous", "confirmed", "key", "csrf_token"})
_NONE: Final[Mapping[str, str]] = {}
_TYPED: Final = (
    "comment",
    "reason_code",
    "to_step",
    "decision_number",
    "decision_on",
    "decision_signer",
    "vote_members",
    "vote_in_favour",
    "vote_against",
    "vote_blank",
    "voted_on",
    "outcome",
    "paper_number",
    "paper_on",
    "paper_signer",
    "paper_scan",
    "assignee_id",
    "answer_by",
    "proposes",
    "office",
    "text",
)


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """A refused action: `problem` and `reasons` in words, `errors` by field, `typed` as it was sent."""

    action: str
    status: int
    problem: str
    is_stale: bool = False
    reasons: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


def told(refusal: Refusal, locale: str) -> str:
    """Return what a refusal says above a page: every rule that said no, in words, else its own sentence."""
    problem = problem_of(refusal, locale)
    said = " ".join(reason.message for reason in problem.reasons)
    return said or _field_words(refusal.errors, locale) or detail_in_words(problem, locale)


def said_beside(
    refusal: Refusal | None, locale: str, words: Mapping[str, str] = _NONE, names: Names = _NONE
) -> tuple[str, dict[str, str]]:
    """Return what a refusal says above a page and beside the fields of its form, both empty without one.

    `words` are keys for fields that the rules refuse with a sentence of their own, `names` the form's names
    where they differ from those of the model.
    """
    if refusal is None:
        return "", {}
    if isinstance(refusal, NotTaken):
        above = [said for name, said in refusal.words.items() if name in _HIDDEN or name not in request.form]
        return " ".join([say(locale, "form.look_below"), *above]), refusal.words
    if not refusal.errors:
        return told(refusal, locale), {}
    found = beside(refusal.errors, names, words)
    if refusal.reasons:
        found = dict.fromkeys(found, told(refusal, locale))
    return say(locale, "form.look_below"), found


def why_left(refused: Answer, locale: str) -> str:
    """Return why one of many was left as it is: every rule that said no, in words, else its own sentence."""
    words = [message_of(reason, locale) for reason in refused.reasons]
    if refused.code == UnknownStep.code:
        # Its rules are what is missing beside the step.
        words.insert(0, sentence_of(refused, locale))
    said = " ".join(words)
    return said or sentence_of(refused, locale)


def sentence_of(refused: Answer | Problem, locale: str) -> str:
    """Return the sentence of a refusal as a page says it, with an instant as people write one."""
    code, params = refused.code, refused.params or {}
    if code == KeyReused.code:
        # Its own sentence speaks of a key, which programs choose: a form brings its own, unseen.
        return say(locale, "form.sent_otherwise")
    if code in _CHANGED:
        with suppress(ValueError):
            at = moment(datetime.fromisoformat(params.get("changed_at", "")), locale)
            return say(locale, _CHANGED[code], name=changer_of(params, locale), at=at)
    return detail_of(code, refused.detail, params, locale)


def detail_in_words(problem: Problem, locale: str) -> str:
    """Return a problem's sentence, or its title where the sentence has no words in that language."""
    if not is_said(problem.code, problem.params, locale):
        return f"{problem.title}."
    return sentence_of(problem, locale)


def _field_words(errors: Sequence[FieldError], locale: str) -> str:
    """Say in a language the rules do not speak which fields are wrong; empty in the rules' own."""
    if locale == ENGLISH:
        return ""
    alone = {error.field: ("", _ALONE.get(error.field, "form.unreadable")) for error in errors}
    keys = dict.fromkeys(_FIELDS.get(field, own)[1] for field, own in alone.items())
    return " ".join(say(locale, key) for key in keys)


def refused_action(refusal: Refusal, action: str, locale: str) -> RefusedForm:
    """Return what was refused, each rule and each unread field beside the field it speaks of."""
    if isinstance(refusal, NotTaken):
        unseen = tuple(said for name, said in refusal.words.items() if name not in _TYPED)
        return RefusedForm(action, refusal.status, "", reasons=unseen, errors=refusal.words, typed=_typed())
    problem = problem_of(refusal, locale)
    said = [(reason.code, reason.message) for reason in problem.reasons]
    errors, above = _beside(refusal.code, said, refusal.errors, locale)
    is_silent = bool(errors) or bool(above) or isinstance(refusal, StaleNomination)
    return RefusedForm(
        action=action,
        status=refusal.status,
        problem="" if is_silent else told(refusal, locale),
        is_stale=isinstance(refusal, StaleNomination),
        reasons=tuple(above),
        errors=errors,
        typed=_typed(),
    )


def refused_for_all(answer: Answer, action: str, locale: str) -> RefusedForm:
    """Return what stands against every name of a list alike: then it is the form that has to be mended."""
    said = [(reason.code, message_of(reason, locale)) for reason in answer.reasons]
    errors, above = _beside(answer.code, said, answer.errors, locale)
    detail = sentence_of(answer, locale)
    return RefusedForm(
        action=action,
        status=answer.status,
        problem="" if errors or above else detail,
        reasons=tuple(above),
        errors=errors,
        typed=_typed(),
    )


def _beside(
    code: str, reasons: Sequence[tuple[str, str]], errors: Sequence[FieldError], locale: str
) -> tuple[dict[str, str], list[str]]:
    """Return the words by the field they belong to, and those that belong above the form."""
    fields: dict[str, str] = {}
    above: list[str] = []
    for reason, message in reasons:
        place = _BESIDE.get(reason)
        if place is None:
            above.append(message)
        else:
            fields[place] = say(locale, f"rule.{reason}") if knows(f"rule.{reason}") else message
    for error in errors:
        place, key = _FIELDS.get(error.field, (error.field, "form.unreadable"))
        fields[place] = say(locale, key)
    if code == UnknownStep.code:
        fields["to_step"] = say(locale, "form.choose_step")
    return fields, above


def _typed() -> dict[str, str]:
    return {name: request.form[name] for name in _TYPED if name in request.form}
