"""What the script of names by papers is told: its words, and the answer to a file that it sent alone."""

import json
from typing import Final

from flask import Response

from api.catalogue import catalogue
from api.pages.identity import JSON, current_locale
from api.pages.refusals import told, why_left
from workflow.domain.errors import Refusal
from workflow.operations.papers.attach_many import FiledMany

SCRIPT_WORDS: Final = (
    "added",
    "added_open",
    "again",
    "all_taken",
    "answer_first",
    "broken",
    "choose",
    "complete",
    "expired",
    "full",
    "item_taken",
    "leave",
    "left",
    "lost",
    "nowhere",
    "offline",
    "online",
    "place_of",
    "refused",
    "sending",
    "some_failed",
    "there",
    "too_large",
    "which",
)


def script_words() -> dict[str, str]:
    """Return the script's words as they are written, with what it fills in itself left open."""
    words = catalogue(current_locale())
    return {key: words[f"intake.script.{key}"] for key in SCRIPT_WORDS}


def answer_of(outcome: FiledMany) -> Response:
    """Return whether everything that came was taken, else why the first was not."""
    first = next((one.refused for one in outcome.refused if one.refused is not None), None)
    said = {"taken": first is None, "why": why_left(first, current_locale()) if first else ""}
    return Response(json.dumps(said), 200 if first is None else first.status, mimetype=JSON)


def refusal_said(refusal: Refusal) -> str:
    """Return the same of a form that was refused as a whole."""
    return json.dumps({"taken": False, "why": told(refusal, current_locale())})
