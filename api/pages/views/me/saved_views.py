"""The views of my work that have a name: mine, and those shared with my unit."""

from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api.catalogue import knows, say
from api.edge import request_now, request_session
from api.inputs.saved_views import SavedViewChanges, SavedViewRequest, read_words
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.me.work_filters import said
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.operations.people.saved_views import change_view, delete_view, save_view
from workflow.queries.inbox.saved_views import MOST_COUNTED, saved_views

_VIEWS: Final = "/inbox/views"
_VIEW: Final = f"{_VIEWS}/<int(max=9223372036854775807):view_id>"
_CALLED: Final = {
    "tab": "inbox.tab_",
    "due": "work.group_",
    "flag": "inbox.flag_",
    "holder": "inbox.holder_",
    "level": "stage.",
}
_WORDS: Final = {"name": "views.name_wrong"}


@pages.get(_VIEWS)
@permission(Permission.SIGNED_IN)
def views() -> str:
    """Show the views I see, and a form to save what the address says under a name."""
    return _shown(said())


@pages.post(_VIEWS)
@permission(Permission.SIGNED_IN)
def save_my_view() -> Response | tuple[str, int]:
    """Save a view."""
    actor = current_actor()

    def save() -> dict[str, str]:
        asked = read_typed(SavedViewRequest, request.form, required=("name",))
        save_view(request_session(), actor=actor, called=asked.called(), words=asked.words())
        return asked.words()

    return carry_out(
        save,
        done=lambda words: go_on(say(current_locale(), "views.saved"), "pages.work", **words),
        again=lambda refusal: _shown(said(request.form), refusal),
    )


@pages.post(_VIEW)
@permission(Permission.SIGNED_IN)
def change_my_view(view_id: int) -> Response | tuple[str, int]:
    """Call a view otherwise, share it or keep it to myself."""
    actor = current_actor()

    def change() -> None:
        asked = read_typed(SavedViewChanges, request.form, required=("name", "is_shared"))
        change_view(request_session(), actor=actor, view_id=view_id, called=asked.called())

    return carry_out(
        change,
        done=lambda _: go_on(say(current_locale(), "views.changed"), "pages.views"),
        again=lambda refusal: _shown(MultiDict(), refusal, view_id),
    )


@pages.post(f"{_VIEW}/delete")
@permission(Permission.SIGNED_IN)
def delete_my_view(view_id: int) -> Response | tuple[str, int]:
    """Delete a view."""
    actor = current_actor()
    return carry_out(
        lambda: delete_view(request_session(), actor=actor, view_id=view_id),
        done=lambda _: go_on(say(current_locale(), "views.deleted"), "pages.views"),
        again=lambda refusal: _shown(MultiDict(), refusal, view_id),
    )


def _shown(words: MultiDict[str, str], refusal: Refusal | None = None, view_id: int | None = None) -> str:
    actor = current_actor()
    problem, wrong = said_beside(refusal, current_locale(), _WORDS)
    return render(
        "saved_views.html",
        views=saved_views(request_session(), actor=actor, now=request_now(), read=read_words),
        most=MOST_COUNTED,
        narrowed=words,
        meant={name: _meant(name, word) for name, word in words.items()},
        may_share=actor.unit_id is not None,
        problem=problem,
        wrong=wrong,
        wrong_view=view_id,
        typed=request.form,
    )


def _meant(name: str, word: str) -> str:
    """Return what a word of the address is called on the page; a code, a number or what is sought stays."""
    locale, key = current_locale(), f"{_CALLED.get(name, '')}{word}"
    if name in _CALLED and knows(key):
        return say(locale, key)
    return say(locale, "inbox.days", days=word) if name == "age" else word
