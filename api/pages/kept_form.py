"""A form that was not taken, kept for the page it came from: its words are in their fields again there.

Two things lead away from a form that was sent: signing in after the session ended, and the language buttons
of a page that answered it. What was typed waits in the browser's own signed session, for the same account
only, and is put back once; it is never sent by itself. What is too long for that is shown to be copied.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import unquote

from flask import Response, current_app, request, session, url_for
from flask_wtf.csrf import validate_csrf
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from wtforms.validators import ValidationError

from api.catalogue import say
from api.pages.csrf import unmasked
from api.pages.frame.files_not_kept import beside_field, named_files
from api.pages.frame.where import full_path_here, path_here
from api.pages.identity import current_locale, visitor
from api.pages.picked import PICK, picks_in, read_picked, write_picked, write_picks

_KEPT: Final = "kept"
_OWNER: Final = "owner"
# A cookie holds 4 KB with its signature and the rest of the session.
_MOST_BYTES: Final = 2_300
_TICKED: Final = "names"
_NEVER: Final = frozenset(
    {
        "csrf_token",
        "key",
        "mends",
        "version",
        "seen",
        "password",
        "again",
        "confirms_not_secret",
        "what",
        "state",
        "workflow",
    }
) | {_TICKED}
# What is said about a list stands on its review, whose address names the action and the names ticked.
_ON_REVIEW: Final = frozenset({"pages.review_list", "pages.act_on_list"})
_ON_SHEET: Final[Mapping[str, str]] = {
    "pages.weigh_names": "pages.names_sheet",
    "pages.decide_names": "pages.names_sheet",
    "pages.weigh_prepared": "pages.prepared_sheet",
    "pages.prepare_names": "pages.prepared_sheet",
}
_NO_PAGE: Final = frozenset({"pages.fetch_paper", "pages.review_sheet", *_ON_SHEET.values()})
_PLACES: Final = ("round", "unit")
# What is written there, be it one word; elsewhere one word may have been chosen from a list.
_PROSE: Final = frozenset({"achievement", "comment", "promised", "proposer", "reason", "text", "words"})
_MAIN: Final = 'tabindex="-1">'

Fields = list[tuple[str, str]]


def home_of(rule: Rule | None, args: Mapping[str, Any]) -> str:
    """Return the page that a form of that rule stands on: the longest address above it that shows a page."""
    text = rule.rule if rule else "/"
    is_on_review = rule is not None and rule.endpoint in _ON_REVIEW
    if is_on_review and (ticked := ticked_names()) and (what := _reviewed(args)):
        place = {"submission_id": args["submission_id"], "what": what, _TICKED: write_picked(ticked)}
        return url_for("pages.review_sheet", **place)
    if rule is not None and rule.endpoint in _ON_SHEET and (picks := picks_in(_form().items())):
        return url_for(_ON_SHEET[rule.endpoint], **args, pick=write_picks(picks))
    above = [
        one
        for one in current_app.url_map.iter_rules()
        if "GET" in (one.methods or ())
        and one.endpoint.startswith("pages.")
        and one.endpoint not in _NO_PAGE
        and (text == one.rule or text.startswith(f"{one.rule.rstrip('/')}/"))
    ]
    best = max(above, key=lambda one: len(one.rule))
    # A list is composed for the round and the unit that its form names.
    form, is_new = _form(), best.rule.endswith("/new")
    places: dict[str, Any] = {name: form[name] for name in _PLACES if is_new and form.get(name)}
    return url_for(best.endpoint, **places, **{name: args[name] for name in best.arguments})


def _reviewed(args: Mapping[str, Any]) -> str:
    """Return the action on a list that this request is about, with its step and route, or nothing."""
    form = _form()
    if "action" in args and not form.get("what"):
        return "@".join((args["action"], form.get("state", ""), form.get("workflow", "")))
    return form.get("what", "")


def home_of_request() -> str:
    """Return the page that the form sent by this request stands on."""
    return home_of(request.url_rule, request.view_args or {})


def typed_fields() -> Fields:
    """Return what was typed into the form of this request, without what only this page or moment knows."""
    return [(name, text) for name, text in _form().items(multi=True) if _is_kept(name) and text]


def written_fields() -> Fields:
    """Return the words somebody wrote into the form of this request."""
    said = [(name, text.strip()) for name, text in typed_fields()]
    return [one for one in said if one[1] and (_is_prose(one[0]) or len(one[1].split()) > 1)]


def in_sight(page: str) -> str:
    """Return a page, with words that it has no field for any more to be copied; a script keeps its own."""
    head, main, rest = page.partition(_MAIN)
    # The frame around it carries what was typed too, unseen.
    shown = " ".join(unescape(rest.partition("</main>")[0]).split())
    lost = [one for one in written_fields() if _is_prose(one[0]) and " ".join(one[1].split()) not in shown]
    if not lost or not main:
        return page
    label, words = escape(say(current_locale(), "nomination.typed")), escape(words_of(lost))
    box = f'<textarea class="form-control mb-3" id="lost" rows="6" readonly>{words}</textarea>'
    return f'{head}{main}<label class="form-label" for="lost">{label}</label>{box}{rest}'


def _is_prose(name: str) -> bool:
    return name.partition("-")[0] in _PROSE


def _is_kept(name: str) -> bool:
    """Tell whether a field is one that somebody typed; of a grid each line has its own, as in `seen-12`."""
    return name.partition("-")[0] not in _NEVER and not name.startswith(PICK)


def words_of(fields: Fields) -> str:
    """Return what was typed as one text, to be copied; a NUL is no letter, and no page may hold one."""
    return "\n\n".join(text.replace("\0", "") for _, text in fields)


def ticked_names() -> frozenset[int]:
    """Return the ids of the names that the form of this request ticks; what is none is passed over."""
    return read_picked(",".join(_form().getlist(_TICKED)))


def _form() -> MultiDict[str, str]:
    """Return the form of this request, an empty one where it was refused before it could be read."""
    try:
        return request.form
    except HTTPException:
        return MultiDict()


def remember_owner(account_id: int) -> None:
    """Remember whose browser this is, for a form that is sent after the session ended."""
    if session.get(_OWNER) != account_id:
        session[_OWNER] = account_id


def keep_after_end() -> bool:
    """Keep the form of this request for whoever was signed in here; tell whether it could be."""
    owner = session.get(_OWNER)
    if owner is None:
        return False
    try:
        validate_csrf(unmasked(request.form.get("csrf_token", "")))
    except ValidationError:
        return False
    return keep(owner, home_of_request(), path_here(), [*typed_fields(), *named_files()])


def keep(owner: int | None, home: str, path: str, fields: Fields) -> bool:
    """Keep the fields of a form for the page at `home`; tell whether they are short enough for it."""
    if not fields:
        return True
    kept = [owner, home, path, fields]
    if len(zlib.compress(json.dumps(kept).encode())) * 4 / 3 > _MOST_BYTES:
        return False
    session[_KEPT] = kept
    return True


def read_typed(text: str) -> tuple[str, Fields] | None:
    """Read what a page that answered a form wrote down of it; None of nothing, or of what is none."""
    try:
        path, fields = json.loads(text)
        return str(path), [(str(name), str(value)) for name, value in fields if _is_kept(name)]
    except (ValueError, TypeError):
        return None


def put_back(response: Response) -> Response:
    """Put what was kept into the form it came from, once its page is shown to the same account."""
    kept = session.get(_KEPT)
    is_page = request.method == "GET" and response.status_code == 200 and response.mimetype == "text/html"  # noqa: PLR2004 - HTTP's own number
    if kept is None or not is_page or unquote(full_path_here()) != unquote(kept[1]):
        return response
    session.pop(_KEPT)
    if kept[0] != getattr(visitor().actor, "account_id", None):
        return response
    filler = _Filler(kept[2], [(name, text) for name, text in kept[3]], current_locale())
    filler.feed(response.get_data(as_text=True))
    filler.close()
    response.set_data(filler.page())
    return response


class _Filler(HTMLParser):
    """Writes a page again as it is, but for the fields of one form and the folds around it."""

    def __init__(self, path: str, fields: Sequence[tuple[str, str]], locale: str) -> None:
        super().__init__(convert_charrefs=False)
        self.path, self.locale = path, locale
        self.texts: dict[str, list[str]] = defaultdict(list)
        for name, text in fields:
            self.texts[name].append(text)
        self.parts, self.folds = list[str](), list[int]()
        self.is_inside = self.is_found = False
        self.select: str | None = None
        self.is_replacing = False

    def page(self) -> str:
        """Return the page with a word on top of what is back; where its form is gone, with what was typed."""
        said = escape(say(self.locale, "form.kept" if self.is_found else "form.unsent"))
        words = words_of([(name, text) for name in self.texts for text in self.texts[name]])
        box = f'<textarea class="form-control mt-2" rows="6" readonly>{escape(words)}</textarea>'
        body = f'<p class="mb-0">{said}</p>{"" if self.is_found else box}'
        note = f'<div class="alert alert-warning" role="status">{body}</div>'
        head, main, rest = "".join(self.parts).partition(_MAIN)
        return f"{head}{main}{note}{rest}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "details":
            self.folds.append(len(self.parts))
        if tag == "form":
            sent = given.get("method"), (given.get("action") or "").partition("?")[0]
            self.is_inside = not self.is_found and sent == ("post", self.path)
            if self.is_inside:
                self.is_found = True
                for place in self.folds:
                    if " open" not in self.parts[place]:
                        self.parts[place] = self.parts[place][:-1] + " open>"
        self.parts.append(self._filled(tag, given) if self.is_inside else self.get_starttag_text() or "")

    def _filled(self, tag: str, given: dict[str, str | None]) -> str:
        name, raw = given.get("name") or "", self.get_starttag_text() or ""
        if tag == "select":
            self.select = name
        if tag == "option" and self.select in self.texts:
            is_chosen = (given.get("value") or "") in self.texts[self.select or ""]
            return _marked(given, "option", "selected", is_chosen)
        if name not in self.texts or given.get("type") in {"hidden", "password", "submit"}:
            return raw
        if given.get("type") == "file":
            return raw + beside_field(self.texts[name], self.locale)
        if tag == "textarea":
            self.is_replacing = True
            return f"{raw}\n{escape(self.texts[name][0])}"
        if tag == "input" and given.get("type") in {"checkbox", "radio"}:
            return _marked(given, "input", "checked", (given.get("value") or "on") in self.texts[name])
        return _tag("input", {**given, "value": self.texts[name][0]}) if tag == "input" else raw

    def handle_endtag(self, tag: str) -> None:
        self.is_replacing = False
        if tag == "details" and self.folds:
            self.folds.pop()
        if tag == "form":
            self.is_inside = False
        if tag == "select":
            self.select = None
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.is_replacing:
            self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")


def _marked(given: dict[str, str | None], tag: str, mark: str, is_marked: bool) -> str:  # noqa: FBT001 - a row of the form
    rest = {name: value for name, value in given.items() if name != mark}
    return _tag(tag, {**rest, mark: None} if is_marked else rest)


def _tag(name: str, attributes: dict[str, str | None]) -> str:
    parts = [key if value is None else f'{key}="{escape(value)}"' for key, value in attributes.items()]
    return f"<{' '.join([name, *parts])}>"
