"""A paper shown in the frame of its page: which ones, for whom, by which policy, what is said of others."""

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.conftest import Database
from tests.support.interface import DRAFT, Interface, settings_for_tests
from tests.support.office import furnish
from tests.support.pages import Browser, browser, form_of, give_passwords
from tests.support.papers import minimal_pdf, minimal_png, sent, small_jpeg
from workflow.clock import FixedClock

TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(16)
SHOWN = {"a.pdf": minimal_pdf(), "b.png": minimal_png(8), "c.jpg": small_jpeg()}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
EMAILS = {"nominator": "nv01@example.vn", "reviewer": "nv02@example.vn", "stranger": "nv14@example.vn"}


@pytest.fixture
def desk(session: Session, database: Database, clock: FixedClock, tmp_path: Any) -> Interface:
    office = furnish(session, now=clock.now())
    give_passwords(session)
    app = create_app(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock, wake=lambda: None)
    return Interface(app, office, clock)


@pytest.fixture
def seat(database: Database, clock: FixedClock, desk: Interface, tmp_path: Any) -> Any:
    """Return a function that signs somebody in on a browser of their own."""

    def sit(part: str) -> Browser:
        seated = browser(database.sessions, clock, data_dir=tmp_path)
        assert seated.sign_in(EMAILS[part]).status_code == 303
        return seated

    return sit


@pytest.fixture
def number(desk: Interface) -> int:
    made = desk.post("nominator", "/nominations", DRAFT)
    assert made.status_code == 201, made.text
    return int(made.json["id"])


def attached(desk: Interface, number: int, name: str, content: bytes) -> str:
    filed = sent(
        desk, "nominator", f"/nominations/{number}/attachments", kind="other", name=name, content=content
    )
    assert filed.status_code == 201, filed.text
    return str(filed.headers["Location"].rsplit("/", 1)[-1])


def test_pdf_and_pictures_are_shown_in_place_as_they_came_and_what_else_is_taken_is_saved(
    desk: Interface, number: int, seat: Any
) -> None:
    papers = {name: attached(desk, number, name, content) for name, content in SHOWN.items()}
    saved = attached(desk, number, "d.tif", TIFF)
    reader = seat("nominator")
    page = reader.open(f"/nominations/{number}")
    frames = {
        re.search(r'src="([^"]+)"', frame)[1]: frame
        for frame in re.findall(r"<iframe [^>]*>", page.get_data(as_text=True))
    }
    assert set(frames) == {f"/attachments/{paper}/shown" for paper in papers.values()}
    assert all('loading="lazy"' in frame for frame in frames.values())
    # No browser's PDF viewer starts in a frame with the attribute: there the answer brings its sandbox alone.
    under = [name for name, paper in papers.items() if " sandbox " in frames[f"/attachments/{paper}/shown"]]
    assert under == ["b.png", "c.jpg"]
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    for name, paper in papers.items():
        got = reader.open(f"/attachments/{paper}/shown")
        assert got.status_code == 200
        assert got.data == SHOWN[name]
        assert got.headers["Content-Security-Policy"] == POLICY
        assert got.headers["Content-Disposition"] == f"inline; filename={name}"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Cache-Control"] == "private, no-store"
        assert got.mimetype in {"application/pdf", "image/png", "image/jpeg"}
        whole = reader.open(f"/attachments/{paper}")
        assert whole.headers["Content-Disposition"].startswith("attachment")
        assert "frame-ancestors 'none'" in whole.headers["Content-Security-Policy"]
    refused = reader.open(f"/attachments/{saved}/shown")
    assert refused.status_code == 404
    assert refused.headers["Content-Security-Policy"] == POLICY
    assert "Loại tệp này không xem được tại đây" in reader.text
    assert reader.open(f"/attachments/{saved}").data == TIFF


def test_no_page_but_one_with_a_paper_may_frame_anything(desk: Interface, number: int, seat: Any) -> None:
    reader = seat("nominator")
    for path in ("/", f"/nominations/{number}", "/nominations"):
        assert "frame-src 'none'" in reader.open(path).headers["Content-Security-Policy"]
    attached(desk, number, "d.tif", TIFF)
    assert "frame-src 'none'" in reader.open(f"/nominations/{number}").headers["Content-Security-Policy"]


def test_a_name_in_vietnamese_and_quotes_stays_one_header(desk: Interface, number: int, seat: Any) -> None:
    paper = attached(desk, number, 'Báo cáo "thành tích".pdf', minimal_pdf())
    said = seat("nominator").open(f"/attachments/{paper}/shown").headers["Content-Disposition"]
    assert said.startswith("inline; ")
    assert "filename*=UTF-8''B%C3%A1o%20c%C3%A1o" in said


def test_who_may_not_save_a_paper_is_shown_none_of_it(desk: Interface, number: int, seat: Any) -> None:
    paper = attached(desk, number, "a.pdf", minimal_pdf())
    address = f"/attachments/{paper}/shown"
    assert seat("stranger").open(address).status_code == 404
    owner = seat("nominator")
    assert owner.open(address).status_code == 200
    taken = desk.post("nominator", f"/attachments/{paper}/actions/remove", {})
    assert taken.status_code == 200, taken.text
    gone = owner.open(address)
    assert gone.status_code == 404
    assert b"%PDF" not in gone.data
    assert f"{paper}/shown" not in owner.open(f"/nominations/{number}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("harm", "locale"), [("gone", "vi"), ("shorter", "en"), ("same size, other bytes", "vi")]
)
def test_a_damaged_file_is_said_in_the_frame_and_saved_by_nobody(  # noqa: PLR0917 - fixtures
    desk: Interface, number: int, seat: Any, tmp_path: Any, harm: str, locale: str
) -> None:
    content = minimal_pdf()
    paper = attached(desk, number, "a.pdf", content)
    (file,) = [one for one in (tmp_path / "attachments").rglob("*") if one.is_file()]
    file.chmod(0o600)
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(content[:-9] if harm == "shorter" else b"<script>" + content[8:])
    reader = seat("nominator")
    reader.open(f"/nominations/{number}")
    assert reader.send("/language", {"locale": locale}).status_code == 303
    words = "khôi phục từ bản sao lưu" if locale == "vi" else "come back from a backup"
    for address in (f"/attachments/{paper}/shown", f"/attachments/{paper}"):
        answer = reader.open(address)
        assert answer.status_code == 404
        assert words in reader.text
        assert b"<script" not in answer.data
        assert f'lang="{locale}"' in answer.get_data(as_text=True)
    assert reader.open(f"/attachments/{paper}/shown").headers["Content-Security-Policy"] == POLICY
    assert form_of(reader.open(f"/nominations/{number}"), "/remove")
