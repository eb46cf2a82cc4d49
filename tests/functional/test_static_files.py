"""Files of the pages: a year under an address with their version, minutes under any other."""

import re
import zlib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.pages.routes import pages
from api.serving import static_files
from api.wsgi import create_app
from tests.conftest import Database
from tests.support.interface import settings_for_tests

FOR_EVER = "public, max-age=31536000, immutable"
LINK = re.compile(r'(?:href|src)="(/[^"]*static/[^"]+)"')


@pytest.fixture
def client(database: Database, tmp_path: Path) -> FlaskClient:
    return create_app(settings_for_tests(tmp_path), sessions=database.sessions).test_client()


@pytest.mark.parametrize("page", ["/sign-in", "/docs", "/nowhere"])
def test_every_file_a_page_names_is_kept_for_a_year(client: FlaskClient, page: str) -> None:
    links = set(LINK.findall(client.get(page).get_data(as_text=True)))
    assert links
    for link in links:
        answer = client.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
        assert answer.headers["Cache-Control"] == FOR_EVER, link
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_no_style_sheet_names_a_file_without_a_version(client: FlaskClient) -> None:
    sheets = {link for page in ("/sign-in", "/docs") for link in LINK.findall(client.get(page).text)}
    for link in (link for link in sheets if ".css" in link):
        names = re.findall(r"url\(\s*['\"]?([^)'\"]+)", client.get(link).text)
        assert [name for name in names if not name.startswith("data:")] == [], link


@pytest.mark.parametrize("query", ["", "?v=0123456789abcdef", "?v="])
def test_an_old_address_still_leads_to_the_file_and_is_kept_for_minutes(
    client: FlaskClient, query: str
) -> None:
    answer = client.get(f"/static/pages/commendo.css{query}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    held = client.get(f"/static/pages/commendo.css{query}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")


def test_a_file_is_packed_and_its_tag_holds_either_way(client: FlaskClient) -> None:
    (link,) = {one for one in LINK.findall(client.get("/sign-in").text) if "bootstrap" in one}
    plain = client.get(link)
    packed = client.get(link, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert zlib.decompress(packed.data, wbits=31) == plain.data
    assert len(packed.data) * 4 < len(plain.data)
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert packed.headers["ETag"].startswith("W/")
    for accepted in ("gzip", "identity"):
        headers = {"If-None-Match": plain.headers["ETag"], "Accept-Encoding": accepted}
        held = client.get(link, headers=headers)
        assert (held.status_code, held.headers["Cache-Control"]) == (304, FOR_EVER)
        assert "Accept-Encoding" in held.headers["Vary"]
    head = client.head(link, headers={"Accept-Encoding": "gzip"})
    assert head.headers["Content-Length"] == packed.headers["Content-Length"] == str(len(packed.data))


def test_a_missing_file_is_kept_by_nobody(client: FlaskClient) -> None:
    for path in (
        "/static/pages/none.css?v=1",
        "/static/pages/../../etc/passwd",
        "/static/pages/%2e%2e/routes.py",
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["Cache-Control"] == "no-store"


def test_another_content_has_another_address(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "static" / "commendo.css"
    file.parent.mkdir()
    monkeypatch.setattr(pages, "static_folder", str(file.parent))
    links = []
    for content in ("a {}", "b {}"):
        file.write_text(content, encoding="utf-8")
        static_files._version_of.cache_clear()
        links += [one for one in LINK.findall(client.get("/sign-in").text) if "commendo.css" in one]
    static_files._version_of.cache_clear()
    assert len(set(links)) == 2
