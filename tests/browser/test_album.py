"""A stopped run goes on, a fault is taken again and told, and a whole run makes room for the next."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error

from tests.browser import album as albums
from tests.browser.album import LOOKS, Album, Window, begin, end
from tests.support.chromium import DESK, PHONE, STICKS_OUT, opened

pytestmark = pytest.mark.browser
GOOD = "<main><p>Một trang</p></main>"
WIDE = "<main><p style='width: 2000px'>Rộng</p></main>"
TWO = "<main><button class='btn-primary'>Gửi</button><button class='btn-primary'>Lưu</button></main>"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(albums, "FOLDER", tmp_path / "pictures")
    return albums.FOLDER


@pytest.fixture
def window(chromium: Browser) -> Window:
    return Window(opened(chromium, size=DESK))


def take(album: Album, window: Window, name: str, content: str) -> None:
    window.page.set_content(content)
    album.take(window, name)


def test_what_is_there_is_not_taken_again_and_what_was_wrong_is(chromium, window, folder):
    album = Album(chromium, "", "vi")
    begin(())
    for name, content in (("good", GOOD), ("wide", WIDE), ("two", TWO)):
        take(album, window, name, content)
    assert [album.lacks(name) for name in ("good", "wide", "two", "other")] == [False, True, True, True]
    kept = {file: file.read_bytes() for file in folder.glob("good-*")}
    assert len(kept) == len(LOOKS)

    # Stopped in the middle of a picture, and begun again.
    (folder / "other-360-vi.part").write_bytes(b"half")
    begin(())
    take(album, window, "good", WIDE)
    assert {file: file.read_bytes() for file in folder.glob("good-*")} == kept
    assert not list(folder.glob("*.part"))
    count, faults = end(())
    assert count == 3 * len(LOOKS)
    assert {fault.partition("-")[0] for fault in faults} == {"wide", "two"}

    for name in ("wide", "two"):
        take(album, window, name, GOOD.replace("Một", name))
    assert end(()) == (count, [])
    begin(())
    assert album.lacks("good")


def give_up() -> None:
    raise Error("Timeout 1 ms exceeded")


def test_a_page_that_cannot_be_taken_is_told_and_those_after_it_are_taken(chromium, window, folder):
    album = Album(chromium, "", "en")
    begin(())
    with album.trying("gone"):
        give_up()
    take(album, window, "good", GOOD)
    assert end(()) == (len(LOOKS), ["gone-360-en: not taken: Timeout 1 ms exceeded"])


def test_chosen_pages_are_taken_anew_and_no_others(chromium, window, folder):
    whole = Album(chromium, "", "vi")
    begin(())
    for name in ("round", "rounds", "work"):
        take(whole, window, name, GOOD.replace("Một", name))
    end(())
    begin(("round*",))
    chosen = Album(chromium, "", "vi", ("round*",))
    assert [chosen.lacks(name) for name in ("round", "rounds", "work", "forecast")] == [
        True,
        True,
        False,
        False,
    ]
    assert whole.lacks("work") is False


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<p style='width:300px'><span style='white-space:nowrap'>" + "Nguyễn " * 80 + "</span></p>", 1),
        ("<p style='width:300px;white-space:nowrap'>" + "Nguyễn " * 80 + "</p>", 1),
        ("<p style='width:300px;white-space:nowrap;overflow:auto'>" + "Nguyễn " * 80 + "</p>", 0),
        ("<p style='width:300px'>Nguyễn</p>", 0),
    ],
    ids=["an element", "a text beyond its box", "a text in a box that scrolls", "nothing"],
)
def test_what_makes_a_page_wider_than_its_window_is_found(chromium: Browser, body: str, found: int) -> None:
    page = opened(chromium, size=PHONE)
    page.set_content(body)
    assert len(page.evaluate(STICKS_OUT)) == found


def test_two_pages_of_one_picture_are_told_and_taken_again(chromium, window, folder, monkeypatch):
    album = Album(chromium, "", "vi")
    begin(())
    for name, content in (("names", GOOD), ("sheet", GOOD), ("other", GOOD.replace("Một", "Hai"))):
        take(album, window, name, content)
    count, faults = end(())
    assert (count, len(faults)) == (3 * len(LOOKS), 2 * len(LOOKS))
    assert "sheet-360-vi: the same picture as names" in faults
    assert end(()) == (count, faults)
    assert [album.lacks(name) for name in ("names", "sheet", "other")] == [True, True, False]
    monkeypatch.setattr(albums, "SAME", frozenset({"sheet"}))
    for name in ("names", "sheet"):
        take(album, window, name, GOOD)
    assert end(()) == (count, [])
