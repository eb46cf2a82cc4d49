"""Papers over JSON: sent, listed, fetched, refused, taken away."""

import hashlib
from dataclasses import replace
from errno import EACCES, EIO, ENOSPC, EROFS
from uuid import uuid4

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.support.interface import Interface
from tests.support.locked_pdfs import encrypted_pdf
from tests.support.papers import minimal_pdf, minimal_png, sent, small_jpeg
from workflow.queries.history.audit import verify_chains
from workflow.store.history import Event


@pytest.fixture
def path(interface: Interface) -> str:
    """Return where the papers of a fresh draft lie."""
    return f"/nominations/{interface.drafted()}/attachments"


def files_of(interface: Interface) -> list[str]:
    folder = interface.app.extensions["commendo"].settings.attachments_dir
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def version_of(interface: Interface, path: str) -> int:
    return int(interface.get("nominator", path.removesuffix("/attachments")).json["version"])


def codes_of(answer) -> list[str]:
    return [reason["code"] for reason in answer.json.get("reasons", ())]


@pytest.mark.parametrize("harm", ["gone", "cut", "longer"])
def test_a_paper_whose_file_is_lost_says_what_to_do(interface: Interface, path: str, harm: str) -> None:
    paper = sent(interface, "nominator", path).json["items"][0]["id"]
    folder = interface.app.extensions["commendo"].settings.attachments_dir
    (file,) = (folder / name for name in files_of(interface))
    content = file.read_bytes()
    file.unlink()
    if harm != "gone":
        file.write_bytes(content[:-7] if harm == "cut" else content + b"%")
    with capture_logs() as lines:
        answer = interface.get("reviewer", f"/attachments/{paper}")
    assert (answer.status_code, codes_of(answer)) == (404, ["paper_lost"]), answer.text
    assert "backup" in answer.json["detail"]
    assert str(folder) not in answer.text
    (line,) = [line for line in lines if line["event"] == "paper_file_lost"]
    assert (line["log_level"], line["file"]) == ("error", file.name)
    # It stays on record, and comes back with its file.
    assert interface.get("reviewer", path).json["items"][0]["id"] == paper
    file.write_bytes(content)
    assert interface.get("reviewer", f"/attachments/{paper}").data == content


def test_a_paper_is_sent_listed_and_fetched_as_an_attachment(interface: Interface, path: str) -> None:
    content = minimal_pdf("Thành tích năm 2026")
    answer = sent(interface, "nominator", path, content=content, name="../tài liệu/Báo cáo.pdf")
    assert answer.status_code == 201, answer.text
    (paper,) = interface.get("reviewer", path).json["items"]
    assert (paper["kind"], paper["filename"], paper["media_type"]) == (
        "achievement_report", "Báo cáo.pdf", "application/pdf",
    )  # fmt: skip
    assert paper["sha256"] == hashlib.sha256(content).hexdigest()
    assert paper["byte_count"] == len(content)
    assert paper["uploaded_by"]["name"] == "nominator NV01"
    got = interface.get("reviewer", f"/attachments/{paper['id']}")
    assert (got.status_code, got.data, got.content_type) == (200, content, "application/pdf")
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''B%C3%A1o%20c%C3%A1o.pdf" in got.headers["Content-Disposition"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Location"].endswith(paper["id"])


def test_the_version_moves_with_the_dossier_and_history_tells_of_it(interface: Interface, path: str) -> None:
    before = version_of(interface, path)
    sent(interface, "nominator", path)
    assert version_of(interface, path) == before + 1
    event = interface.office.session.scalars(select(Event).where(Event.action == "attach")).one()
    assert set(event.data) == {"attachment", "kind", "not_secret", "sha256", "size"}
    assert verify_chains(interface.office.session).is_whole
    stale = sent(interface, "nominator", path, content=minimal_pdf("khác"), headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.json["code"]) == (409, "stale-nomination")


def test_the_same_file_again_is_the_same_row(interface: Interface, path: str) -> None:
    first, again = (sent(interface, "nominator", path) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert len(again.json["items"]) == 1
    assert len(files_of(interface)) == 1
    assert sent(interface, "nominator", path, kind="other").status_code == 201


def test_the_same_key_files_once_and_takes_no_other_file(interface: Interface, path: str) -> None:
    key = {"Idempotency-Key": "k1"}
    first, again = (sent(interface, "nominator", path, headers=key) for _ in range(2))
    assert (first.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    other = sent(interface, "nominator", path, content=minimal_png(), headers=key)
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"\xef\xbb\xbf" + minimal_pdf(), "quét.PDF", "application/pdf"),
        (b"\r\n" + minimal_pdf(), "quét.pdf", "application/pdf"),
        (minimal_pdf() + b"\x00" * 4096, "quét", "application/pdf"),
        (small_jpeg() + b"\x00\x00\x00\x18ftypmp42" + b"\x11" * 20_000, "IMG_0001.JPG", "image/jpeg"),
        (minimal_png() + b"\x00" * 20_000, "ảnh.Png", "image/png"),
        # A web page that is a PDF to its readers may come, and is a file to be saved to everybody.
        (b"<html><script>alert(1)</script>" + minimal_pdf(), "trang.html", "application/pdf"),
    ],
)
def test_a_scan_that_its_readers_open_is_taken_and_never_shown_in_place(
    interface: Interface, path: str, content: bytes, name: str, media_type: str
) -> None:
    answer = sent(interface, "nominator", path, content=content, name=name)
    assert answer.status_code == 201, answer.text
    (paper,) = interface.get("reviewer", path).json["items"]
    got = interface.get("reviewer", f"/attachments/{paper['id']}")
    assert (got.data, got.content_type) == (content, media_type)
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "content",
    [
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        minimal_pdf()[: len(minimal_pdf()) // 2],
        b"<html><script>alert(1)</script></html>",
        b"%PDF-",
    ],
)
def test_what_is_no_whole_pdf_or_image_is_refused_whatever_its_name(
    interface: Interface, path: str, content: bytes
) -> None:
    answer = sent(interface, "nominator", path, content=content, name="biên bản.pdf")
    assert (answer.status_code, answer.json["code"]) == (422, "unknown-file-type")
    assert files_of(interface) == []


def test_a_pdf_that_asks_for_a_password_is_refused_and_one_that_opens_is_taken(
    interface: Interface, path: str
) -> None:
    locked, opens = (
        encrypted_pdf("AES-256, object streams asks"),
        encrypted_pdf("AES-256, object streams opens"),
    )
    answer = sent(interface, "nominator", path, content=locked, name="biên bản.pdf")
    assert (answer.status_code, answer.json["code"]) == (422, "locked-file")
    assert "Take the password off" in answer.json["detail"]
    assert files_of(interface) == []
    assert sent(interface, "nominator", path, content=opens, name="biên bản.pdf").status_code == 201


def test_a_file_that_holds_nothing_is_called_empty(interface: Interface, path: str) -> None:
    answer = sent(interface, "nominator", path, content=b"", name="biên bản.pdf")
    assert (answer.status_code, answer.json["code"]) == (422, "empty-file")
    assert files_of(interface) == []


def test_a_file_above_the_limit_is_refused_and_other_routes_keep_theirs(
    interface: Interface, path: str
) -> None:
    parts = interface.app.extensions["commendo"]
    small = parts.settings.model_copy(update={"attachment_megabytes": 2})
    interface.app.extensions["commendo"] = replace(parts, settings=small)
    middle = minimal_pdf() + b" " * 1_500_000 + b"%%EOF"
    assert sent(interface, "nominator", path, content=middle).status_code == 201
    just_above = minimal_pdf() + b" " * 2 * 1024 * 1024 + b"%%EOF"
    answer = sent(interface, "nominator", path, content=just_above)
    assert (answer.status_code, answer.json["code"]) == (413, "file-too-large")
    far_above = sent(interface, "nominator", path, content=minimal_pdf() + b" " * 3 * 1024 * 1024)
    assert (far_above.status_code, far_above.json["code"]) == (413, "too-large")
    assert far_above.content_type == "application/problem+json"
    elsewhere = sent(interface, "nominator", "/nominations", content=middle)
    assert (elsewhere.status_code, elsewhere.json["code"]) == (413, "too-large")
    assert len(files_of(interface)) == 1


def test_who_uploads_confirms_that_nothing_is_a_state_secret(interface: Interface, path: str) -> None:
    answer = sent(interface, "nominator", path, confirms_not_secret=None)
    assert (answer.status_code, codes_of(answer)) == (422, ["secrecy_not_confirmed"])
    assert files_of(interface) == []


def test_where_the_office_does_not_ask_a_file_needs_no_confirmation(interface: Interface, path: str) -> None:
    parts = interface.app.extensions["commendo"]
    silent = parts.settings.model_copy(update={"ask_state_secrets": False})
    interface.app.extensions["commendo"] = replace(parts, settings=silent)
    assert sent(interface, "nominator", path, confirms_not_secret=None).status_code == 201


def test_a_secret_paper_is_a_stub_with_number_and_place(interface: Interface, path: str) -> None:
    stub = {"content": None, "confirms_not_secret": None, "kind": "summary_report"}
    half = sent(interface, "nominator", path, **stub, secret_number="12/M")
    assert [error["field"] for error in half.json["errors"]] == ["secret_place"]
    answer = sent(interface, "nominator", path, **stub, secret_number="12/M", secret_place="Tủ mật, phòng 3")
    (paper,) = answer.json["items"]
    assert (paper["secret_number"], paper["secret_place"], paper["sha256"]) == (
        "12/M",
        "Tủ mật, phòng 3",
        None,
    )
    got = interface.get("nominator", f"/attachments/{paper['id']}")
    assert (got.status_code, codes_of(got)) == (404, ["secret-paper"])
    both = sent(interface, "nominator", path, secret_number="12/M", secret_place="Tủ")
    assert both.status_code == 422
    assert files_of(interface) == []


@pytest.mark.parametrize(
    "said", [{"kind": "diary"}, {"kind": None}, {"colour": "red"}, {"content": None}, {"kind": "answer"}]
)
def test_what_cannot_be_read_is_refused(interface: Interface, path: str, said) -> None:
    assert sent(interface, "nominator", path, **said).status_code in {400, 422}
    assert files_of(interface) == []


def test_a_stranger_learns_nothing_and_changes_nothing(interface: Interface, path: str) -> None:
    (paper,) = sent(interface, "nominator", path).json["items"]
    one = f"/attachments/{paper['id']}"
    answers = [
        interface.get("stranger", path),
        sent(interface, "stranger", path, content=minimal_png()),
        interface.get("stranger", one),
        interface.post("stranger", f"{one}/actions/remove"),
        interface.get("nominator", f"/attachments/{uuid4()}"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert len(files_of(interface)) == 1


def test_once_it_is_sent_the_unit_adds_no_more_and_the_holder_does(interface: Interface, path: str) -> None:
    nomination_id = int(path.split("/")[2])
    interface.act("nominator", nomination_id, "submit")
    assert sent(interface, "reviewer", path, kind="meeting_minutes").status_code == 201
    interface.act("reviewer", nomination_id, "approve")
    late = sent(interface, "nominator", path, content=minimal_png())
    assert (late.status_code, codes_of(late)) == (403, ["not_your_paper"])
    minutes = sent(interface, "secretary", path, kind="council_minutes", content=minimal_png())
    assert minutes.status_code == 201


def test_a_removed_paper_stays_listed_and_needs_a_reason_once_it_was_sent(
    interface: Interface, path: str
) -> None:
    nomination_id = int(path.split("/")[2])
    (paper,) = sent(interface, "nominator", path).json["items"]
    one = f"/attachments/{paper['id']}"
    assert interface.post("nominator", f"{one}/actions/remove").status_code == 200
    assert interface.get("nominator", one).status_code == 404
    (listed,) = interface.get("nominator", path).json["items"]
    assert listed["removed_at"] is not None
    assert interface.post("nominator", f"{one}/actions/remove").status_code == 404
    items = sent(interface, "nominator", path).json["items"]
    (again,) = [item for item in items if item["removed_at"] is None]
    interface.act("nominator", nomination_id, "submit")
    interface.act("reviewer", nomination_id, "approve")
    away = f"/attachments/{again['id']}/actions/remove"
    bare = interface.post("secretary", away)
    assert (bare.status_code, codes_of(bare)) == (422, ["paper_has_left"])
    assert interface.post("secretary", away, {"reason": "Nhầm tệp của người khác"}).status_code == 200
    assert verify_chains(interface.office.session).is_whole


def test_a_full_disk_is_said_and_nothing_is_kept(interface: Interface, path: str, monkeypatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("workflow.store.paper_files.os.fsync", full)
    answer = sent(interface, "nominator", path)
    assert (answer.status_code, answer.json["code"]) == (507, "disk-full")
    monkeypatch.undo()
    assert files_of(interface) == []
    assert sent(interface, "nominator", path).status_code == 201


@pytest.mark.parametrize("errno", [EROFS, EACCES, EIO])
def test_a_disk_that_takes_nothing_is_said_and_nothing_is_kept(
    interface: Interface, path: str, monkeypatch, errno: int
) -> None:
    def closed(_descriptor: int) -> None:
        raise OSError(errno, "it takes nothing")

    monkeypatch.setattr("workflow.store.paper_files.os.fsync", closed)
    answer = sent(interface, "nominator", path)
    assert (answer.status_code, answer.json["code"]) == (503, "disk-closed")
    monkeypatch.undo()
    assert files_of(interface) == []
    assert sent(interface, "nominator", path).status_code == 201
