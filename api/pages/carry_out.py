"""A form carried out: one operation in a transaction of its own, and the page that answers it."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from api.edge import edge, end_reading, give_up_transaction
from api.pages.kept_form import in_sight
from workflow.domain.errors import NotFound, Refusal

Done = TypeVar("Done")
Answer = TypeVar("Answer", bound=Response | str | tuple[str, int])

_SEE_OTHER: Final = 303


def carry_out(
    operation: Callable[[], Done],
    *,
    done: Callable[[Done], Answer],
    again: Callable[[Refusal], str],
    refused: tuple[type[Refusal], ...] = (Refusal,),
) -> Answer | tuple[str, int]:
    """Carry out an operation and answer with `done` of its outcome, or with the form `again` and why not.

    What was read for the page is no part of the operation's transaction. `refused` are the refusals the form
    has words for; any other, and `NotFound` always, is raised for the page of errors. The workers are told to
    look, which is never wrong. Words that the answer has no field for are on it to be copied.
    """
    end_reading()
    try:
        outcome = operation()
    except NotFound:
        raise
    except refused as refusal:
        give_up_transaction()
        return in_sight(again(refusal)), refusal.status
    edge().wake()
    return done(outcome)


def go_on(said: str, endpoint: str, **values: Any) -> Response:  # noqa: ANN401 - what an address is made of
    """Return the way to the page that shows what was done, with a word about it above that page."""
    flash(said)
    return redirect(url_for(endpoint, **values), _SEE_OTHER)
