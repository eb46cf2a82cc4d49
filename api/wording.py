"""Refusals in the reader's language: titles and reasons by their code, from `words/refusals.yaml`.

English is what the rules themselves say; the table holds every other language. A sentence whose parameters
are not there falls back to English: better the wrong language than a wrong sentence.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Final

import yaml

from workflow.domain.clusters.words import of_kind
from workflow.domain.errors import Reason
from workflow.domain.papers.names import PAPERS
from workflow.domain.vocabulary import PaperKind

ENGLISH: Final = "en"
VIETNAMESE: Final = "vi"
LOCALES: Final = (VIETNAMESE, ENGLISH)
# Rules name a day as 2026-03-02; a Vietnamese sentence writes it as people do.
_DAY: Final = re.compile(r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})\b(?!T)")


def title_of(code: str, english: str, locale: str) -> str:
    """Return the title of a problem."""
    return _written("titles", code, {}, english, locale)


def detail_of(code: str, english: str, params: Mapping[str, str], locale: str) -> str:
    """Return the sentence of a problem."""
    return _written("details", code, params, english, locale)


def message_of(reason: Reason, locale: str) -> str:
    """Return the sentence of one rule that said no; behind it, where it is known, what was meant."""
    params = _spoken(reason, locale)
    said = _written("reasons", reason.code, params, reason.message, locale)
    if "meant" not in reason.params or said == reason.message:
        return said
    return f"{said} {_written('behind', 'did_you_mean', reason.params, '', locale)}".rstrip()


def _spoken(reason: Reason, locale: str) -> Mapping[str, str]:
    """Return what a reason speaks of, a kind of paper by its name in the reader's language."""
    if (kind := reason.params.get("kind")) not in set(PaperKind):
        return reason.params
    name = PAPERS[PaperKind(kind)].name
    text = name.vi if locale == VIETNAMESE else name.en
    return {**reason.params, "name": of_kind(text, reason.params.get("cluster_kind") or None)}


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the table: section, then code, then language."""
    text = (resources.files("api") / "words" / "refusals.yaml").read_text(encoding="utf-8")
    table: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(text)
    return table


def is_said(code: str, params: Mapping[str, str], locale: str) -> bool:
    """Return whether the sentence of a problem exists in a language other than the rules' own."""
    return locale == ENGLISH or bool(_written("details", code, params, "", locale))


def _written(section: str, code: str, params: Mapping[str, str], english: str, locale: str) -> str:
    template = words()[section].get(code, {}).get(locale)
    if template is None:
        return english
    try:
        return _DAY.sub(r"\3/\2/\1", template.format_map(params))
    except KeyError:
        return english
