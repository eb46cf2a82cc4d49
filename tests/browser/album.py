"""Pictures of pages in one language, each in every look, kept so that a run goes on where another stopped."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urljoin

from playwright.sync_api import Browser, Error, Page

from tests.support.chromium import (
    CUT_OFF,
    DESK,
    HALF_WORDS,
    PRESSED_FIRST,
    STICKS_OUT,
    opened,
    speak,
    watched,
)
from workflow.simulate.demo.passwords import SignIn

FOLDER: Final = Path(__file__).parents[2] / ".screenshots"
LOCALES: Final = ("vi", "en")
Scheme = Literal["light", "dark"]
LOOKS: Final[Sequence[tuple[int, Scheme]]] = ((360, "light"), (1280, "light"), (1280, "dark"))
_WHOLE: Final = "whole"
# Where everything lies open, or every piece is shown.
_OPEN: Final = ("-open", "styleguide")
_HEIGHT: Final = 800
_ALIKE: Final = "the same picture as"
SAME: Final[frozenset[str]] = frozenset()
"""Pages that look like another on purpose."""


class Window:
    """A browser window of somebody, with what the browser complained about since the last picture."""

    def __init__(self, page: Page) -> None:
        self.page, self.complaints = page, watched(page)

    def open_first_name(self, place: str) -> None:
        """Open the first nomination that a page leads to; names that wait together stand under their list."""
        self.page.goto(place)
        names = self.page.locator("main a[href^='/nominations/']:not([href$='/new'])")
        self.page.goto(urljoin(place, names.first.get_attribute("href")))

    def press(self, button: str) -> None:
        """Send a form for every name that it takes, the first of them sent back where that can be chosen."""
        for box in self.page.locator("main input[name=names]").all():
            box.check()
        for choice in self.page.locator("main .pick-return").first.all():
            choice.click()
        self.page.locator(button).first.click()
        self.page.wait_for_load_state()


class Album:
    """Takes pictures of one language; beside a picture of a faulty page lies what is wrong with it."""

    def __init__(self, browser: Browser, address: str, locale: str, only: Sequence[str] = ()) -> None:
        self.browser, self.address, self.locale, self.only = browser, address, locale, only

    def lacks(self, name: str) -> bool:
        """Return whether a picture of the page is wanted and not there yet, or was of a faulty page."""
        return self._is_wanted(name) and not all(_is_good(file) for file, _, _ in self._files(name))

    def take(self, window: Window, name: str) -> None:
        """Take the page as it stands in every look that is not there yet."""
        page, said = window.page, list(window.complaints)
        window.complaints.clear()
        if not self.lacks(name):
            return
        for file, width, scheme in self._files(name):
            page.set_viewport_size({"width": width, "height": _HEIGHT})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = [f"sticks out: {what}" for what in page.evaluate(STICKS_OUT)]
            found += [f"cut off: {what}" for what in page.evaluate(CUT_OFF)]
            found += [f"half a word: {what}" for what in page.evaluate(HALF_WORDS)]
            if not name.endswith(_OPEN):
                found += [
                    f"one of several to be pressed first: {what}" for what in page.evaluate(PRESSED_FIRST)
                ]
            # A page that answers 404 or 422 on purpose is no complaint.
            found += [what for what in said if "Failed to load resource" not in what]
            _keep(file, page.screenshot(full_page=True), found)
        page.set_viewport_size(DESK)

    def show(self, window: Window, name: str, path: str, *, press: str = "") -> None:
        """Open a page and take it, or what a button there leads to, unless it is there."""
        if self.lacks(name):
            with self.trying(name):
                window.page.goto(self.address + path)
                if press:
                    window.press(press)
                self.take(window, name)

    @contextmanager
    def trying(self, name: str) -> Iterator[None]:
        """Let a page that cannot be taken be a fault of its own: the next are taken all the same."""
        try:
            yield
        except Error as error:
            [(file, _, _), *_] = self._files(name)
            file.with_suffix(".txt").write_text(f"not taken: {error.message}\n", encoding="utf-8")

    @contextmanager
    def guest(self) -> Iterator[Window]:
        """Open a window in which nobody is signed in."""
        page = opened(self.browser, size=DESK)
        page.goto(f"{self.address}/sign-in")
        if page.locator("html").get_attribute("lang") != self.locale:
            speak(page, self.locale)
        yield Window(page)
        page.context.close()

    @contextmanager
    def signed_in(self, who: SignIn) -> Iterator[Window]:
        """Open a window of somebody."""
        with self.guest() as window:
            page = window.page
            page.fill("#email", who.email)
            page.fill("#password", who.password)
            page.click("main button[type=submit]")
            page.wait_for_url(re.compile(r"/$"))
            if page.locator("html").get_attribute("lang") != self.locale:
                speak(page, self.locale)
            yield window

    def _is_wanted(self, name: str) -> bool:
        return not self.only or any(fnmatch(name, pattern) for pattern in self.only)

    def _files(self, name: str) -> list[tuple[Path, int, Scheme]]:
        return [
            (FOLDER / f"{name}-{width}-{self.locale}{'-dark' if scheme == 'dark' else ''}.png", width, scheme)
            for width, scheme in LOOKS
        ]


def begin(only: Sequence[str]) -> None:
    """Clear what a whole run left, keep what a stopped one has; of a named page nothing is kept."""
    FOLDER.mkdir(exist_ok=True)
    is_anew = (FOLDER / _WHOLE).exists() and not only
    for file in FOLDER.iterdir():
        page, _ = _parts(file)
        if is_anew or file.suffix == ".part" or any(fnmatch(page, pattern) for pattern in only):
            file.unlink()


def end(only: Sequence[str]) -> tuple[int, list[str]]:
    """Return how many pictures there are and what is wrong; without a fault the next run begins anew."""
    _compare()
    faults = [
        f"{file.stem}: {line}"
        for file in sorted(FOLDER.glob("*.txt"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    if not faults and not only:
        (FOLDER / _WHOLE).touch()
    return len(list(FOLDER.glob("*.png"))), faults


def _compare() -> None:
    """Lay a word beside pictures of two pages that are the same: one of the two was never reached."""
    alike: dict[tuple[str, bytes], list[Path]] = {}
    for file in sorted(FOLDER.glob("*.png")):
        page, look = _parts(file)
        if page not in SAME:
            alike.setdefault((look, sha256(file.read_bytes()).digest()), []).append(file)
    for files in (files for files in alike.values() if len(files) > 1):
        for file in files:
            others = ", ".join(_parts(other)[0] for other in files if other != file)
            said = file.with_suffix(".txt")
            lines = said.read_text(encoding="utf-8").splitlines() if said.exists() else []
            told = [*(line for line in lines if not line.startswith(_ALIKE)), f"{_ALIKE} {others}"]
            said.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")


def _parts(file: Path) -> tuple[str, str]:
    """Return the page of a picture and its look: width, language, colours."""
    page, look = re.fullmatch(r"(.+?)(-\d+-(?:vi|en)(?:-dark)?)?", file.stem).groups()
    return page, look or ""


def _is_good(file: Path) -> bool:
    return file.exists() and not file.with_suffix(".txt").exists()


def _keep(file: Path, picture: bytes, faults: Sequence[str]) -> None:
    """Keep a picture whole or not at all: a run may be stopped at any moment."""
    part, said = file.with_suffix(".part"), file.with_suffix(".txt")
    part.write_bytes(picture)
    if faults:
        said.write_text("".join(f"{fault}\n" for fault in faults), encoding="utf-8")
    else:
        said.unlink(missing_ok=True)
    part.replace(file)
