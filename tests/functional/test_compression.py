"""Packed answers as a reader meets them: read back with zlib alone, by their headers, beside a secret."""

import json
import re
import subprocess
import zlib
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Database
from tests.support.interface import PREFIX, Interface
from tests.support.pages import BASE, Browser, browser, form_of, give_passwords
from tests.support.papers import minimal_pdf, sent

GZIP = {"Accept-Encoding": "gzip"}


def unpacked(answer: TestResponse) -> bytes:
    """Return the body that a reader who knows only RFC 1952 sees."""
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    packed = zlib.decompressobj(wbits=31)
    whole = packed.decompress(answer.data)
    assert packed.eof
    assert not packed.unused_data
    return whole


@pytest.fixture
def drafts(interface: Interface) -> Interface:
    for person in ("NV02", "NV03", "NV04", "NV05"):
        interface.drafted(person=person)
    return interface


@pytest.fixture
def seated(drafts: Interface, database: Database, tmp_path: Path) -> Browser:
    give_passwords(drafts.office.session)
    found = browser(database.sessions, drafts.clock, data_dir=tmp_path)
    assert found.sign_in("nv01@example.vn").status_code == 303
    return found


@pytest.mark.parametrize("path", ["/nominations", "/rounds/2026-NAM/board", "/awards"])
def test_lists_and_boards_are_packed_for_whoever_takes_it(drafts: Interface, path: str) -> None:
    plain, packed = drafts.get("admin", path), drafts.get("admin", path, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert json.loads(unpacked(packed)) == plain.json
    assert len(packed.data) < len(plain.data) / 2


@pytest.mark.parametrize(
    ("wish", "is_packed"),
    [
        ("gzip, deflate, br, zstd", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("br;q=1.0, *;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity;q=1, gzip;q=0.5", False),
        ("br", False),
        ("", False),
    ],
)
def test_a_reader_s_wish_is_followed(drafts: Interface, wish: str, *, is_packed: bool) -> None:
    answer = drafts.get("admin", "/nominations", headers={"Accept-Encoding": wish})
    assert ("Content-Encoding" in answer.headers) is is_packed


def test_a_nomination_keeps_its_strong_tag_for_every_reader(drafts: Interface) -> None:
    number = drafts.get("nominator", "/nominations").json["items"][0]["id"]
    path = f"/nominations/{number}"
    answers = [drafts.get("nominator", path, headers=headers) for headers in ({}, GZIP)]
    assert {answer.headers["ETag"] for answer in answers} == {'"v1"'}
    assert answers[0].data == answers[1].data
    held = drafts.get("nominator", path, headers={**GZIP, "If-None-Match": '"v1"'})
    assert (held.status_code, held.data) == (304, b"")


def test_what_is_packed_already_or_short_is_left_alone(drafts: Interface) -> None:
    number = drafts.get("nominator", "/nominations").json["items"][0]["id"]
    path = f"/nominations/{number}/attachments"
    content = minimal_pdf("nén" * 2000)
    where = sent(drafts, "nominator", path, content=content).headers["Location"].partition(PREFIX)[2]
    paper = drafts.get("nominator", where, headers=GZIP)
    assert "Content-Encoding" not in paper.headers
    assert paper.data == content
    client = drafts.app.test_client()
    assert "Content-Encoding" not in client.get("/healthz", headers=GZIP).headers
    refused = client.get(f"{PREFIX}/nominations", headers=GZIP)
    assert (refused.status_code, refused.json["code"]) == (401, "unauthenticated")


def test_head_says_what_get_says(drafts: Interface) -> None:
    got, head = (drafts.call("admin", method, "/nominations", headers=GZIP) for method in ("GET", "HEAD"))
    names = ("Content-Encoding", "Content-Length", "Content-Type", "Vary")
    assert [head.headers.get(name) for name in names] == [got.headers.get(name) for name in names]
    assert head.data == b""


def test_a_page_is_packed(seated: Browser) -> None:
    for path in ("/nominations", "/rounds/2026-NAM/board"):
        answer = seated.client.get(path, headers=GZIP, base_url=BASE)
        assert unpacked(answer).rstrip().endswith(b"</html>"), path


def test_a_table_for_a_spreadsheet_is_packed(drafts: Interface) -> None:
    wanted = {"Accept": "text/csv"}
    plain, packed = (
        drafts.get("admin", "/rounds/2026-NAM/board", headers={**wanted, **more}) for more in ({}, GZIP)
    )
    assert plain.mimetype == "text/csv"
    assert (packed.data if len(plain.data) < 1000 else unpacked(packed)) == plain.data


def test_no_part_of_a_form_token_is_on_two_pages_and_each_is_taken(seated: Browser) -> None:
    tokens = []
    for _ in range(6):
        seated.open("/")
        tokens += re.findall(r'name="csrf_token" value="([^"]+)"', seated.page.get_data(as_text=True))
    assert len(tokens) > 6
    assert len(set(tokens)) == len(tokens)
    raw = [urlsafe_b64decode(token) for token in tokens]
    # Five bytes in a row that two pages share would be enough to guess the next one.
    pieces = [{one[at : at + 5] for at in range(len(one) - 4)} for one in raw]
    assert not any(mine & theirs for n, mine in enumerate(pieces) for theirs in pieces[:n])
    fields = form_of(seated.page, "/sign-out")
    for token in ("", "x" * 40, tokens[0][:-8] + "AAAAAAA=", tokens[0][4:]):
        bad = seated.client.post("/sign-out", data={"csrf_token": token}, base_url=BASE)
        assert bad.status_code == 400, token
    assert (
        seated.client.post("/sign-out", data={**fields, "csrf_token": tokens[0]}, base_url=BASE).status_code
        == 303
    )


def test_the_length_of_a_packed_page_says_little(seated: Browser) -> None:
    lengths = {len(seated.client.get("/nominations", headers=GZIP, base_url=BASE).data) for _ in range(12)}
    assert len(lengths) > 4


def test_gunzip_reads_a_page(seated: Browser, tmp_path: Path) -> None:
    answer = seated.client.get("/nominations", headers=GZIP, base_url=BASE)
    read = subprocess.run(
        ["/usr/bin/env", "gzip", "-dc"], input=answer.data, stdout=subprocess.PIPE, check=True
    )
    assert read.stdout.lstrip().startswith(b"<!doctype html>")
