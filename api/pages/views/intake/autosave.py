"""What the script of a draft's words is told: its words, when it saves, and what came of it."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from api.catalogue import catalogue, say
from api.edge import edge, request_now, request_session
from api.inputs.nominations import NominationChanges
from api.pages.carry_out import carry_out
from api.pages.identity import JSON, current_actor, current_locale
from api.pages.refusals import told
from api.pages.typed import NotTaken
from api.wording import message_of
from workflow.domain.errors import InvalidField, Refusal, StaleNomination
from workflow.operations.nominations.commands import Outcome
from workflow.queries.nominations.moves import MoveKind, moves_for
from workflow.queries.nominations.nomination import get_nomination

PAUSE: Final = 3_000
"""After so many milliseconds without a key what was typed is saved."""
APART: Final = 60_000
"""And not more often than so: each time is an entry of history, with the words before it."""
AUTOSAVE_WORDS: Final = ("broken", "expired", "lost", "saving")
_OF_THE_FORM: Final = frozenset(
    {"achievement_missing", "proposer_missing", "paper_missing", "subject_missing", "award_missing"}
)


def autosave_words() -> dict[str, str]:
    """Return what the script says by itself."""
    words = catalogue(current_locale())
    return {key: words[f"autosave.{key}"] for key in AUTOSAVE_WORDS}


def autosaved(nomination_id: int, saved: Callable[[], Outcome]) -> AnyResponse:
    """Save what was typed and answer the script: when it was, which version that is, what is still missing.

    What arrived though its answer was lost is saved already, and answered as such.
    """

    def again(refusal: Refusal) -> str:
        if isinstance(refusal, StaleNomination) and (version := _stands_already(nomination_id)):
            return _done(nomination_id, version)
        return _refused(refusal)

    answer = carry_out(saved, done=lambda outcome: (_done(nomination_id, outcome.version), 200), again=again)
    if not isinstance(answer, tuple):
        return answer
    body, status = answer
    return Response(body, 200 if json.loads(body)["saved"] else status, mimetype=JSON)


def _done(nomination_id: int, version: int) -> str:
    locale = current_locale()
    at = request_now().astimezone(edge().settings.zone)
    words = say(locale, "autosave.saved", at=f"{at:%H:%M}")
    return _answer(saved=True, version=version, said=words, missing=_missing(nomination_id, locale))


def _refused(refusal: Refusal) -> str:
    """Return why it was not saved; only what is wrong with the words themselves is worth another try."""
    locale = current_locale()
    if isinstance(refusal, NotTaken):
        return _answer(said=say(locale, "form.look_below"), errors=refusal.words)
    if isinstance(refusal, InvalidField):
        wrong = {error.field: say(locale, "form.unreadable") for error in refusal.errors}
        return _answer(said=say(locale, "form.look_below"), errors=wrong)
    if isinstance(refusal, StaleNomination):
        return _answer(said=say(locale, "autosave.changed", why=told(refusal, locale)), over=True)
    return _answer(said=say(locale, "autosave.closed", why=told(refusal, locale)), over=True)


def _answer(
    *,
    said: str,
    saved: bool = False,
    over: bool = False,
    version: int = 0,
    errors: Mapping[str, str] | None = None,
    missing: list[str] | None = None,
) -> str:
    parts = {"saved": saved, "over": over, "version": version, "said": said}
    return json.dumps({**parts, "errors": dict(errors or {}), "missing": missing or []})


def _stands_already(nomination_id: int) -> int | None:
    """Return the version in which the nomination says what was typed, None where it says anything else."""
    view = get_nomination(
        request_session(), actor=current_actor(), nomination_id=nomination_id, now=request_now()
    )
    typed = NominationChanges.model_fields.keys() & request.form.keys() & {"achievement", "proposer"}
    is_same = all(_as_kept(request.form[name]) == _as_kept(getattr(view, name)) for name in typed)
    return view.version if is_same else None


def _as_kept(text: str) -> str:
    return " ".join(text.split())


def _missing(nomination_id: int, locale: str) -> list[str]:
    """Return in words what the rules still miss before it can be sent on."""
    moves = moves_for(
        request_session(), actor=current_actor(), nomination_id=nomination_id, now=request_now()
    )
    reasons = [reason for move in moves if move.kind is MoveKind.MOVE for reason in move.refusals]
    said = (message_of(reason, locale) for reason in reasons if reason.code in _OF_THE_FORM)
    return list(dict.fromkeys(said))
