"""A page that answers a form has an address of its own: back, forward and reload ask for no form again.

The form is kept for whoever sent it, and the browser is sent (303) to `.../seen/KEY`. There the page is made
anew of what the form said and of how things stand now; what was carried out is told by the form's key, and
what was refused is noted beside the form. See docs/adr/0103.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask.globals import request_ctx
from markupsafe import Markup
from werkzeug.datastructures import CombinedMultiDict, ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import end_reading, give_up_transaction, request_now, request_session
from api.pages.frame import written_refusal
from api.pages.frame.files_not_kept import chosen_files, tell_not_kept
from api.pages.frame.where import path_here, path_in_site
from api.pages.identity import current_actor, current_locale, is_by_script, visitor
from api.pages.kept_form import home_of
from api.pages.once import FIELD, is_key, key_of_form, new_key
from api.pages.routes import pages
from api.permissions import Permission, View, asked_permission, permission
from workflow.domain.errors import KeyReused, Refusal
from workflow.domain.sent_forms import MOST_BYTES
from workflow.operations.sent_forms import FilledForm, keep_sent_form, note_on_sent_form
from workflow.queries.people.sent_forms import SentFormView, sent_forms

Page = Response | str | tuple[str, int]
"""What answers a form: the way to a page, or one in place, with its status where that is not 200."""

TICKS: Final = "form"
"""What the address of a list calls the key of the form whose ticks it has."""

_SEE_OTHER: Final = 303
_SEEN: Final = "_seen"
_MENDS: Final = "mends"
_NOT_KEPT: Final = frozenset({"csrf_token", FIELD, _MENDS, "password", "again"})
_REFUSAL: Final = "refusal"
_FILES: Final = "files"
_IS_RAISED: Final = "is_raised"
_IS_MENDED: Final = "is_mended"


class FormGone(Exception):  # noqa: N818 - an answer, as a refusal is
    """A form that is not kept, or is somebody else's; `path` is where it was sent to."""

    def __init__(self, path: str) -> None:
        """Name the address."""
        super().__init__(path)
        self.path = path


def answers(rule: str, *, is_look: Callable[[], bool] = lambda: False) -> Callable[[View], View]:
    """Route a view that answers a form by a page, and the address at which that page is seen again.

    It stands where `pages.post` would. A form that `is_look` carries nothing out: it is kept unread, and the
    view runs at the address alone. For any other the view says by `carry_out` what is to be seen again.
    """

    def route(view: View) -> View:
        name = view.__name__

        @wraps(view)
        def send(**values: Any) -> Any:  # noqa: ANN401 - whatever the view answers
            return (see_again() if is_look() else None) or view(**values)

        @wraps(view)
        def see(form_key: str, **values: Any) -> Any:  # noqa: ANN401 - as above
            path = _path(f"pages.{name}", values)
            if not take_up(form_key, path) or refused_before() is not None:
                raise FormGone(path)
            return view(**values)

        pages.add_url_rule(rule, name, send, methods=["POST"])
        pages.add_url_rule(f"{rule}/seen/<form_key>", f"{name}{_SEEN}", see, methods=["GET"])
        return view

    return route


def a_look() -> bool:
    """Tell that a form does nothing but look."""
    return True


def see_again(more: Mapping[str, str] | None = None) -> Response | None:
    """Keep the form of this request, with `more` fields, and return the way to the page that looks at it.

    None where it is too large to be kept: then it is answered in place.
    """
    return _kept(new_key(), request.endpoint or "", more=more)


def see_refused(
    refusal: Refusal,
    endpoint: str,
    more: Mapping[str, str] | None = None,
    noted: Mapping[str, object] | None = None,
) -> Response | None:
    """Keep a refused form for the page `endpoint` that looks at it, where what was typed is still there."""
    # What was sent with other words before has its page, and these are for another.
    key = "" if isinstance(refusal, KeyReused) else key_of_form()
    return _kept(key or new_key(), endpoint, more=more, noted=noted)


def see_done(noted: Mapping[str, object]) -> Response | None:
    """Keep a form that was carried out, and return the way to the page that says so.

    None where its key could not tell what came of it.
    """
    key = key_of_form()
    return _kept(key, request.endpoint or "", noted=noted, is_done=True) if key else None


def keep_refusal(refusal: Refusal, *, is_raised: bool = False) -> Response | None:
    """Keep a form that was refused, with why, and return the way to the page that says so.

    `is_raised` is what no page says beside its own form. None for a program of ours, for what did not come
    from a form of this session, and for what is too large to be kept: that is answered in place.
    """
    chosen = chosen_files()
    # What is answered in place says it too.
    tell_not_kept(chosen)
    is_form = request.method == "POST" and asked_permission() is Permission.SIGNED_IN and g.get("csrf_valid")
    if not is_form or is_by_script():
        return None
    give_up_transaction()
    noted = {_REFUSAL: written_refusal.written(refusal), _IS_RAISED: is_raised, _FILES: chosen}
    return _kept(new_key(), request.endpoint or "", noted=noted, shown_at=_refused_at)


@pages.get("/seen/<form_key>/<path:sent_to>")
@permission(Permission.SIGNED_IN)
def see_refused_form(form_key: str, sent_to: str) -> Any:  # noqa: ANN401 - whatever the view answers
    """Show a form that was refused, as the view that refused it shows it."""
    path = f"{request.script_root}/{sent_to}"
    if (found := rule_of_form(path)) is None:
        abort(404)
    if not take_up(form_key, path) or (refusal := refused_before()) is None:
        raise FormGone(path)
    if g.sent_form.noted[_IS_RAISED]:
        raise refusal
    if g.sent_form.noted.get(_IS_MENDED):
        # What was wrong then is so no longer: how things stand now is on the page of the form.
        return redirect(home_of(*found), _SEE_OTHER)
    # The view, and whatever leads on from its page, is asked as when the form was sent.
    request.url_rule, request.view_args = found
    return current_app.view_functions[found[0].endpoint](**found[1])


def rule_of_form(path: str) -> tuple[Rule, dict[str, Any]] | None:
    """Return the route that takes a form of a page at an address, and what that names; None of none."""
    adapter = request_ctx.url_adapter
    if adapter is None:
        return None
    try:
        rule, values = adapter.match(path_in_site(path), method="POST", return_rule=True)
    except HTTPException:
        return None
    return (rule, dict(values)) if rule.endpoint.startswith("pages.") else None


def refused_before() -> Refusal | None:
    """Return why the form at this address was refused when it was sent; None where it was not."""
    found: Refusal | None = g.get("refused_before")
    return found


def mends() -> Markup:
    """Return what a form on the page of a refused one carries: the key of that, which it mends."""
    if refused_before() is None:
        return Markup()
    return Markup('<input type="hidden" name="{}" value="{}">').format(_MENDS, g.sent_key)


def note_mended() -> None:
    """Note that what the form of this request mends is mended, once it was carried out."""
    actor, key = visitor().actor, request.form.get(_MENDS, "")
    if actor is not None and is_key(key):
        noted = {_IS_MENDED: True}
        note_on_sent_form(request_session(), actor=actor, key=key, path=unquote(path_here()), noted=noted)


def was_sent() -> bool:
    """Tell whether the page of this request answers a form, be it one that was refused before."""
    return request.method == "POST" or refused_before() is not None


def path_of_form() -> str:
    """Return where the form that this request is about was sent to."""
    return str(g.get("sent_path") or path_here())


def take_up_ticks(endpoint: str) -> None:
    """Fill the page of a form as it was sent to `endpoint`, where the address of the page names its key."""
    take_up(request.args.get(TICKS, ""), _path(endpoint, _values(endpoint)))


def take_up(form_key: str, path: str) -> bool:
    """Put the form that was kept under a key in the place of this request's; tell whether there is one."""
    if not is_key(form_key):
        return False
    found = sent_forms(request_session(), actor=current_actor(), key=form_key, now=request_now())
    if path not in found:
        return False
    g.sent_key, g.sent_forms, g.sent_form, g.sent_path = form_key, found, found[path], path
    g.refused_before = written_refusal.read(found[path].noted.get(_REFUSAL) or {})
    tell_not_kept(found[path].noted.get(_FILES) or {})
    form = ImmutableMultiDict(found[path].fields)
    # Of what is asked for by its address alone the library takes no form for a part.
    vars(request).update(
        form=form, files=ImmutableMultiDict(), values=CombinedMultiDict([request.args, form])
    )
    return True


def taken_up() -> SentFormView | None:
    """Return the form that this address is about; None where it was sent just now, or refused then."""
    found: SentFormView | None = g.get("sent_form") if refused_before() is None else None
    return found


def noted(make: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what was noted when the form of this page was sent, else what would be noted now."""
    sent = taken_up()
    return sent.noted if sent is not None else make()


def key_of_page() -> str:
    """Return the key for the form on a page that has an address: the same each time; else a new one."""
    return str(g.get("sent_key") or new_key())


def done_at(endpoint: str, **more: str) -> Response | None:
    """Return the way to what came of the form on this page, once it was carried out at `endpoint`."""
    values = _values(endpoint) | more
    found: Mapping[str, SentFormView] = g.get("sent_forms", {})
    done = found.get(_path(endpoint, values))
    if done is None or done.answer is None:
        return None
    return redirect(url_for(f"{endpoint}{_SEEN}", form_key=g.sent_key, **values), _SEE_OTHER)


def _kept(
    key: str,
    endpoint: str,
    *,
    more: Mapping[str, str] | None = None,
    noted: Mapping[str, object] | None = None,
    is_done: bool = False,
    shown_at: Callable[[str, str], str] = lambda key, sent_to: f"{sent_to}/seen/{key}",
) -> Response | None:
    more = more or {}
    typed = [one for one in request.form.items(multi=True) if one[0] not in {*_NOT_KEPT, *more}]
    fields = [*typed, *more.items()]
    # PostgreSQL writes a blank behind each comma too.
    if len(json.dumps([fields, noted or {}], ensure_ascii=False).encode()) > MOST_BYTES:
        return None
    actor, now, session, values = current_actor(), request_now(), request_session(), _values(endpoint)
    end_reading()
    form = FilledForm(key, _path(endpoint, values), fields, noted or {})
    is_kept = keep_sent_form(session, actor=actor, form=form, now=now, replaces=not is_done)
    if not is_kept:
        flash(say(current_locale(), "nomination.done_before"))
    # As it was asked: what a stranger writes there is no name of ours.
    query = request.query_string.decode("latin-1")
    address = shown_at(key, url_for(endpoint, **values))
    return redirect(f"{address}?{query}" if query else address, _SEE_OTHER)


def _refused_at(key: str, sent_to: str) -> str:
    return f"{request.script_root}/seen/{key}{path_in_site(sent_to)}"


def _values(endpoint: str) -> dict[str, Any]:
    """Return what the address of this request names and that of a view does too."""
    names = next(current_app.url_map.iter_rules(endpoint)).arguments
    return {name: value for name, value in (request.view_args or {}).items() if name in names}


def _path(endpoint: str, values: Mapping[str, Any]) -> str:
    """Return the address that a form for a view is sent to, as a request has it."""
    return unquote(urlsplit(url_for(endpoint, **values)).path)
