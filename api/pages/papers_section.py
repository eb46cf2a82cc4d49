"""The part of a page that shows papers: what is missing, what lies there, the forms to add and take away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import url_for

from api.catalogue import say
from api.edge import edge, request_now, request_session
from api.pages.identity import current_actor, current_locale
from api.pages.once import new_key
from api.pages.routes import allow_frame
from workflow.domain.papers.kinds import PaperLevel, PaperRoot, Target
from workflow.domain.papers.media import EXTENSIONS, PDF, SHOWN
from workflow.messages import formats
from workflow.queries.papers import Papers, PaperView, papers_of

_KILOBYTE: Final = 1024


@dataclass(frozen=True, slots=True)
class RefusedPaper:
    """A paper that was not taken: by which form it came, why in words, what was typed beside the file.

    `wrong` is what stands beside a field of the form and not above it.
    """

    form: str
    status: int
    problems: tuple[str, ...]
    typed: Mapping[str, str]
    wrong: Mapping[str, str]


def papers_section(
    target: Target, refused: RefusedPaper | None = None, found: Papers | None = None
) -> dict[str, object]:
    """Return what the macro `papers_section` shows of a nomination's or a submission's papers.

    `found` are the papers where the page has read them already.
    """
    locale = current_locale()
    found = found or papers_of(request_session(), actor=current_actor(), target=target, now=request_now())
    lying = [paper for paper in found.items if paper.removed_at is None]
    shown = {paper.id for paper in lying if paper.media_type in SHOWN and not paper.is_withheld}
    if shown:
        allow_frame()
    return {
        "papers": found,
        "lying": lying,
        "shown": shown,
        "pdf": PDF,
        "removed": [paper for paper in found.items if paper.removed_at is not None],
        "missing": _missing(found),
        "of_list": _of_list(found, target),
        "sizes": {paper.id: size(paper.byte_count, locale) for paper in found.items},
        "send_to": _send_to(target),
        "refused": refused,
        "new_key": new_key,
        **file_section(),
    }


def file_section() -> dict[str, object]:
    """Return what a form says of the file that it takes: which kinds, how large, whether of secrets."""
    return {
        "accept": ",".join(ending for endings in EXTENSIONS.values() for ending in endings),
        "most": edge().settings.attachment_megabytes,
        "asks_secrecy": edge().settings.asks_state_secrets,
    }


def scans_of(section: Mapping[str, Any]) -> list[PaperView]:
    """Return the files among the papers of a section: what a step done on paper can point to."""
    return [paper for paper in section["lying"] if paper.media_type]


def size(byte_count: int | None, locale: str) -> str:
    """Say how large a file is, in kilobytes or megabytes; nothing of a stub."""
    if byte_count is None:
        return ""
    kilobytes = max(1, round(byte_count / _KILOBYTE))
    if kilobytes < _KILOBYTE:
        return say(locale, "papers.kilobytes", count=formats.number(kilobytes, locale))
    return say(locale, "papers.megabytes", count=formats.number(round(kilobytes / _KILOBYTE), locale))


def _send_to(target: Target) -> str:
    if target.kind is PaperRoot.NOMINATION:
        return url_for("pages.attach_to_nomination", nomination_id=target.id)
    return url_for("pages.attach_to_submission", submission_id=target.id)


def _missing(found: Papers) -> list[str]:
    """Return the kinds that are missing and that the reader may attach here."""
    open_now = {kind.code for kind in found.attachable}
    return [need.kind for need in found.needed if need.is_missing and need.kind in open_now]


def _of_list(found: Papers, target: Target) -> list[str]:
    """Return the kinds that are missing here and have their place on the page of the unit's list."""
    if target.kind is not PaperRoot.NOMINATION:
        return []
    of_list = [need for need in found.needed if need.level is PaperLevel.SUBMISSION]
    return [need.kind for need in of_list if need.is_missing]
