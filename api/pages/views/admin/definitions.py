"""Routes: what is published, and a file checked, compared with what it follows, and published."""

from contextlib import suppress
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.seen_again import Page, answers, see_again, taken_up
from api.pages.identity import current_locale
from api.pages.refusals import told
from api.pages.routes import pages
from api.pages.typed import NotTaken
from api.pages.views.admin.door import administrator
from api.pages.views.admin.route_words import steps_in_words
from api.pages.writing import render
from api.permissions import Permission, permission
from api.uploads import FILE, given_filename, takes_file
from workflow.domain.checking.checking import load
from workflow.domain.errors import FieldError, InvalidDefinition, NotFound, Refusal
from workflow.domain.reading import MAX_CHARACTERS, NotText, decoded
from workflow.domain.route.definition import MOST_VERSIONS, Definition
from workflow.domain.route.diagram import mermaid
from workflow.domain.route.differences import Difference, differences
from workflow.domain.vocabulary import Via
from workflow.operations.setup.publish import Published, publish_definition
from workflow.queries.paging import MAX_LIMIT
from workflow.queries.reference import list_workflows
from workflow.queries.setup.routes import get_route

_TYPED: Final = "route.yaml"


@pages.get("/admin/routes")
@permission(Permission.SIGNED_IN)
def routes() -> str:
    """Show what is published, and the form for a file."""
    administrator()
    return _page()


@pages.get(f"/admin/routes/<key>/<int(max={MOST_VERSIONS}):version>")
@permission(Permission.SIGNED_IN)
def route(key: str, version: int) -> str:
    """Show one version: its steps with who, until when and which moves, and its picture as text."""
    administrator()
    found = get_route(request_session(), key=key, version=version)
    return render(
        "admin/route.html",
        route=found.definition,
        published_at=found.published_at,
        versions=found.versions,
        steps=steps_in_words(found.definition, current_locale()),
        picture=mermaid(found.definition, current_locale()),
    )


@answers("/admin/routes/check")
@permission(Permission.SIGNED_IN)
@takes_file
def check_route() -> Page:
    """Name every problem of a file with its line, or show what it would change and offer to publish it."""
    administrator()
    request_now()
    if taken_up() is not None:
        return _check()
    return carry_out(_text, done=lambda text: see_again({"text": text}) or _check(), again=_page)


@pages.post("/admin/routes")
@permission(Permission.SIGNED_IN)
def publish_route() -> Response | str | tuple[str, int]:
    """Publish a definition that was checked; the same content again changes nothing."""
    actor, now, session = administrator(), request_now(), request_session()

    def done(published: Published) -> Response:
        words = "routes.published" if published.is_new else "routes.there"
        return go_on(
            say(actor.locale, words, route=published.key, version=published.version),
            "pages.route",
            key=published.key,
            version=published.version,
        )

    return carry_out(
        lambda: publish_definition(session, text=_text(), filename=_TYPED, actor=actor, via=Via.WEB, now=now),
        done=done,
        again=_page,
    )


def _check() -> Page:
    return carry_out(_checked, done=_fine, again=_page)


def _text() -> str:
    """Return the definition that was typed or chosen. Raises `NotTaken` where there is none."""
    given = request.files.get(FILE)
    if given is not None and given.filename:
        content = given.stream.read(4 * MAX_CHARACTERS + 1)
        try:
            return decoded(content)
        except NotText as problem:
            name = given_filename()[:60] or _TYPED
            found = FieldError(f"{name}:{problem.line}", str(problem))
            raise InvalidDefinition(f"{name} {problem}.", errors=[found]) from problem
    text = request.form.get("text", "")
    if not text.strip():
        raise NotTaken({"text": say(current_locale(), "routes.choose")})
    return text


def _checked() -> tuple[Definition, str, list[Difference] | None]:
    """Return the definition of the form with its text, and how it differs from the newest of its key."""
    text = _text()
    definition = load(text, _TYPED)
    with suppress(NotFound):
        newest = get_route(request_session(), key=definition.key).definition
        return definition, text, list(differences(newest, definition, {}))
    return definition, text, None


def _fine(checked: tuple[Definition, str, list[Difference] | None]) -> str:
    definition, text, found = checked
    return render(
        "admin/route_check.html",
        route=definition,
        text=text,
        differences=found,
        steps=steps_in_words(definition, current_locale()),
        picture=mermaid(definition, current_locale()),
    )


def _page(refusal: Refusal | None = None) -> str:
    is_file = isinstance(refusal, InvalidDefinition)
    wrong = refusal.words if isinstance(refusal, NotTaken) else {}
    return render(
        "admin/routes.html",
        routes=list_workflows(request_session(), limit=MAX_LIMIT, cursor=None).items,
        problems=refusal.errors if is_file and refusal else (),
        problem=told(refusal, current_locale()) if refusal and not is_file and not wrong else "",
        wrong=wrong,
        text=_shown_text(),
    )


def _shown_text() -> str:
    """Return what was typed, or what a chosen file holds, so that it can be mended in place."""
    given = request.files.get(FILE)
    if given is not None and given.filename:
        given.stream.seek(0)
        with suppress(NotText):
            return decoded(given.stream.read(4 * MAX_CHARACTERS + 1))[:MAX_CHARACTERS]
    return request.form.get("text", "")
