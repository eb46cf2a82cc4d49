"""Every form of the pages, found in what the application answers, and ways to send it that must fail."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from re import sub
from typing import Final
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page, Response
from werkzeug.exceptions import HTTPException

from tests.support.pages import Browser

WAYS: Final = ("empty", "wrong", "stale")
"""Nothing filled in or ticked; nothing that a field takes; as of a page that was overtaken long ago."""

# Sent without what a browser asks for, as by a program or a browser of another kind.
SEND: Final = """([index, button, way]) => {
  const form = document.forms[index];
  form.noValidate = true;
  const long = "Không thể như thế này được ".repeat(40) + "x".repeat(300);
  const wrong = { checkbox: one => { one.checked = true; one.value = "nowhere"; },
    file: one => { const given = new DataTransfer();
      given.items.add(new File(["MZ\\u0000"], "phim rất dài của cơ quan.exe")); one.files = given.files; },
    "select-one": one => { one.add(new Option("nowhere", "nowhere", true, true)); },
    textarea: one => { one.removeAttribute("maxlength"); one.value = long.repeat(20); } };
  wrong.radio = wrong.checkbox; wrong["select-multiple"] = wrong["select-one"];
  for (const one of [...form.elements]) {
    if (["submit", "button", "fieldset", "reset"].includes(one.type)) continue;
    if (one.type === "hidden") {
      if (way === "stale" && /^[0-9]+$/.test(one.value) && one.name !== "key") one.value = "0";
    } else if (way === "empty") {
      if (["checkbox", "radio"].includes(one.type)) one.checked = false;
      else if (one.type.startsWith("select")) one.selectedIndex = -1;
      else one.value = "";
    } else if (way === "wrong") {
      if (wrong[one.type]) wrong[one.type](one);
      else { one.type = "text"; one.removeAttribute("maxlength"); one.value = long; }
    }
  }
  const buttons = [...form.elements].filter(one => one.type === "submit");
  form.requestSubmit(buttons[button] || null);
}"""
_ANSWER: Final = "/seen/"
_BUTTONS: Final = frozenset({"submit", "button", "reset", "image"})


@dataclass
class _Form:
    """A form as it stands in a page: where it goes, its fields in sight and unseen, its buttons."""

    action: str
    is_post: bool
    is_in_main: bool
    names: set[str] = field(default_factory=set)
    hidden: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads the forms of a page in their order, with fields that stand elsewhere and name their form."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.named: dict[str, _Form] = {}
        self.is_inside = self.is_in_main = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "main":
            self.is_in_main = True
        elif tag == "form":
            is_post = (given.get("method") or "").lower() == "post"
            self.forms.append(_Form(given.get("action") or "", is_post, self.is_in_main))
            self.named[given.get("id") or ""] = self.forms[-1]
            self.is_inside = True
        elif tag in {"input", "select", "textarea", "button"}:
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.is_in_main = False
        elif tag == "form":
            self.is_inside = False

    def _take(self, tag: str, given: dict[str, str | None]) -> None:
        elsewhere = self.named.get(given.get("form") or "-")
        form = elsewhere or (self.forms[-1] if self.is_inside else None)
        if form is None:
            return
        name, value = given.get("name") or "", given.get("value") or ""
        kind = given.get("type") or ("submit" if tag == "button" else "text")
        if kind == "submit":
            form.buttons.append((name, value, given.get("formaction") or ""))
        elif kind == "hidden":
            form.hidden[name] = value
        elif kind not in _BUTTONS:
            form.names.add(sub(r"\d+", "#", name))


@dataclass(frozen=True, slots=True)
class Found:
    """A form on a page: who sees it there, the how manyth it is, which of its buttons, what it asks for."""

    seat: str | None
    page: str
    index: int
    button: int
    endpoint: str
    said: tuple[str, ...]
    names: frozenset[str]
    has_number: bool

    @property
    def ways(self) -> tuple[str, ...]:
        """Return the ways in which this form can be sent wrongly."""
        return tuple(way for way in WAYS if (self.has_number if way == "stale" else self.names))

    def __str__(self) -> str:
        """Return the form as a reader of a list would look for it."""
        said = " ".join(filter(None, self.said))
        return f"{self.endpoint} [{said}] on {self.page} of {self.seat or 'a guest'}"


def reader_of(text: str) -> _Reader:
    """Return what read the forms of a page."""
    reader = _Reader()
    reader.feed(text)
    return reader


def forms_on(app: Flask, seat: str | None, page: str, text: str) -> Iterator[Found]:
    """Give each form of a page that is sent, once for each of its buttons."""
    adapter = app.url_map.bind("localhost")
    for index, form in enumerate(reader_of(text).forms):
        for button, (name, value, elsewhere) in enumerate(form.buttons or [("", "", "")]):
            path = urlsplit(elsewhere or form.action or page).path
            if not form.is_post:
                continue
            try:
                endpoint, args = adapter.match(path, method="POST")
            except HTTPException as error:
                raise AssertionError(f"a form on {page} goes to {path}, which takes none") from error
            said = [str(value) for key, value in sorted(args.items()) if key in {"action", "kind"}]
            pressed = f"{name}={sub('[0-9]+', '#', value.partition('@')[0])}" if name else ""
            where = adapter.match(page.partition("?")[0], method="GET")[0] if form.is_in_main else ""
            yield Found(
                seat,
                page,
                index,
                button,
                endpoint,
                (where, *said, pressed),
                frozenset(form.names),
                any(text.isdigit() for key, text in form.hidden.items() if key != "key"),
            )


def every_form(
    app: Flask, doors: Mapping[str | None, Browser], pages: Iterable[tuple[str | None, str]]
) -> list[Found]:
    """Return each form that anybody meets on these pages, of those that are alike the first."""
    found: dict[tuple[object, ...], Found] = {}
    for seat, path in pages:
        answer = doors[seat].open(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for one in forms_on(app, seat, path, answer.get_data(as_text=True)):
            found.setdefault((one.endpoint, one.said, one.names), one)
    return list(found.values())


def send(page: Page, form: Found, way: str) -> int:
    """Send a form of the page that is shown in a way that cannot be right; return how it was answered."""
    with page.expect_navigation(wait_until="load") as answer:
        page.evaluate(SEND, [form.index, form.button, way])
    return status_of(answer.value)


def status_of(answer: Response | None) -> int:
    """Return how a form was answered, be it by a way to another page that is shown by now.

    What answers it at an address of its own says that there.
    """
    assert answer is not None
    if _ANSWER in answer.url:
        return answer.status
    first = answer.request
    while first.redirected_from is not None:
        first = first.redirected_from
    told = first.response()
    assert told is not None
    return told.status
