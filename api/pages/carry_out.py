"""A form carried out: one operation in a transaction of its own, and the page that answers it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, overload

from flask import flash, make_response, redirect, url_for
from werkzeug.wrappers import Response

from api.edge import edge, end_reading, give_up_transaction
from api.pages.frame.seen_again import keep_refusal, note_mended, refused_before, see_done, taken_up
from api.pages.kept_form import in_sight
from api.pages.typed import NotTaken
from api.problems import headers_of
from workflow.domain.errors import NotFound, Refusal

Done = TypeVar("Done")
Answer = TypeVar("Answer", bound=Response | str | tuple[str, int])

_SEE_OTHER: Final = 303


@overload
def carry_out(
    operation: Callable[[], Done],
    *,
    done: Callable[[Done], Answer],
    again: Callable[[Refusal], str],
    refused: tuple[type[Refusal], ...] = ...,
    keep: Callable[[Refusal], Response | None] = ...,
) -> Answer | Response | tuple[str, int]: ...


@overload
def carry_out(
    operation: Callable[[], Done],
    *,
    done: Callable[[Done], Answer],
    again: Callable[[Refusal], str],
    refused: tuple[type[Refusal], ...] = ...,
    keep: Callable[[Refusal], Response | None] = ...,
    recalled: Callable[[Mapping[str, Any]], Done],
    noted: Callable[[], Mapping[str, object]] = ...,
    is_shown: Callable[[Done], bool] = ...,
) -> Answer | Response | tuple[str, int]: ...


def carry_out(
    operation: Callable[[], Done],
    *,
    done: Callable[[Done], Answer],
    again: Callable[[Refusal], str],
    refused: tuple[type[Refusal], ...] = (Refusal,),
    keep: Callable[[Refusal], Response | None] = keep_refusal,
    recalled: Callable[[Mapping[str, Any]], Done] | None = None,
    noted: Callable[[], Mapping[str, object]] = dict,
    is_shown: Callable[[Done], bool] = lambda _: True,
) -> Answer | Response | tuple[str, int]:
    """Carry out an operation and answer with `done` of its outcome, or with the form `again` and why not.

    Where `done` is a page of the outcome (`is_shown`), `recalled` reads that from what the form's key
    remembers: the page is seen at an address of its own then, with what was `noted` of the moment.

    What was read for the page is no part of the operation's transaction. `refused` are the refusals the form
    has words for; any other, and `NotFound` always, is raised for the page of errors. A refused form is seen
    at an address of its own too, to which `keep` leads; nothing is carried out there. The workers are told to
    look, which is never wrong. Words that the answer has no field for are on it to be copied.
    """
    if (before := refused_before()) is not None:
        return in_sight(again(before)), before.status
    if recalled is not None and (sent := taken_up()) is not None:
        if sent.answer is None:
            raise NotFound("Nothing came of that form.")
        return done(recalled(sent.answer))
    end_reading()
    try:
        outcome = operation()
    except NotFound:
        raise
    except refused as refusal:
        give_up_transaction()
        return keep(refusal) or _in_place(refusal, again(refusal))
    edge().wake()
    note_mended()
    seen = see_done(noted()) if recalled is not None and is_shown(outcome) else None
    return seen or done(outcome)


def _in_place(refusal: Refusal, page: str) -> Response | tuple[str, int]:
    shown, more = in_sight(page), headers_of(refusal)
    return make_response((shown, refusal.status, more)) if more else (shown, refusal.status)


def refuse(words: Mapping[str, str], again: Callable[[Refusal], str]) -> Response | tuple[str, int]:
    """Answer a form with which nothing can be begun; `words` say by field why."""

    def begun() -> Response:
        raise NotTaken(words)

    return carry_out(begun, done=lambda done: done, again=again)


def go_on(said: str, endpoint: str, **values: Any) -> Response:  # noqa: ANN401 - what an address is made of
    """Return the way to the page that shows what was done, with a word about it above that page."""
    flash(said)
    return redirect(url_for(endpoint, **values), _SEE_OTHER)
