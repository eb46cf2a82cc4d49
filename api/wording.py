"""Refusals in the reader's language: titles and reasons by their code, from `words/vi/refusals.yaml`.

English is what the rules themselves say, but for what a page says of units by name; the words of every other
language hold them all. A sentence whose parameters are not there falls back to English: better the wrong
language than a wrong sentence.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from api.catalogue import catalogue, say
from workflow.domain.clusters.words import of_kind
from workflow.domain.errors import Reason
from workflow.domain.vocabulary import PaperKind

ENGLISH: Final = "en"
VIETNAMESE: Final = "vi"
# Rules name a day as 2026-03-02; a Vietnamese sentence writes it as people do.
_DAY: Final = re.compile(r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})\b(?!T)")


def title_of(code: str, english: str, locale: str) -> str:
    """Return the title of a problem."""
    return _written("titles", code, {}, english, locale)


def detail_of(code: str, english: str, params: Mapping[str, str], locale: str) -> str:
    """Return the sentence of a problem."""
    if "changed_by" in params:
        params = {**params, "changed_by": changer_of(params, locale)}
    return _written("details", code, params, english, locale)


def changer_of(params: Mapping[str, str], locale: str) -> str:
    """Return who changed what somebody looked at, of what a refusal says of it."""
    return changer(locale, params.get("changed_by"), is_own=params.get("changed_by_you") == "true")


def changer(locale: str, name: str | None, *, is_own: bool) -> str:
    """Return who changed something: the reader themselves, in another window, is told of it as such."""
    return say(locale, "submissions.stale_you") if is_own else name or say(locale, "submissions.stale_nobody")


def message_of(reason: Reason, locale: str) -> str:
    """Return the sentence of one rule that said no; behind it, where it is known, what was meant."""
    params = _spoken(reason, locale)
    said = _written("reasons", reason.code, params, reason.message, locale)
    if "meant" not in reason.params or said == reason.message:
        return said
    return f"{said} {_written('behind', 'did_you_mean', reason.params, '', locale)}".rstrip()


def in_names(reason: Reason, names: Mapping[str, str]) -> Reason:
    """Return a reason that speaks of a unit by its name; rules know units by their codes alone."""
    code = reason.params.get("unit", "")
    return replace(reason, params={**reason.params, "unit": names[code]}) if code in names else reason


def _spoken(reason: Reason, locale: str) -> Mapping[str, str]:
    """Return what a reason speaks of, a kind of paper by its name in the reader's language."""
    kind = reason.params.get("kind")
    if locale == ENGLISH or kind not in set(PaperKind):
        return reason.params
    text = say(locale, f"paper.name_{kind}")
    return {**reason.params, "name": of_kind(text, reason.params.get("cluster_kind") or None)}


def is_said(code: str, params: Mapping[str, str], locale: str) -> bool:
    """Return whether the sentence of a problem exists in a language other than the rules' own."""
    return locale == ENGLISH or bool(_written("details", code, params, "", locale))


def _written(section: str, code: str, params: Mapping[str, str], english: str, locale: str) -> str:
    template = catalogue(locale).get(f"refusal.{section}.{code}")
    if template is None:
        return english
    try:
        return _DAY.sub(r"\3/\2/\1", template.format_map(params))
    except KeyError:
        return english
