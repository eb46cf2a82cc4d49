"""The quota of papers: by dossier and by account, one after the other and all at once, in both languages."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.conftest import Database
from tests.support.interface import Interface
from tests.support.pages import browser, form_of, give_passwords
from tests.support.papers import minimal_pdf, sent
from workflow.domain.papers.quota import MEGABYTE
from workflow.store.access import Account
from workflow.store.attachments import Attachment


def limit(interface: Interface, **quota: int) -> None:
    parts = interface.app.extensions["commendo"]
    settings = parts.settings.model_copy(
        update={f"papers_per_{name}_mb": count for name, count in quota.items()}
    )
    interface.app.extensions["commendo"] = replace(parts, settings=settings)


def paper(number: int, *, size: int = 900_000) -> bytes:
    """Return a PDF of about so many bytes that no other number has."""
    return minimal_pdf(f"{number:04}").replace(b"%PDF-1.4\n", b"%PDF-1.4\n%" + b"x" * size + b"\n")


def files_of(interface: Interface) -> int:
    folder = interface.app.extensions["commendo"].settings.attachments_dir
    return sum(1 for file in folder.rglob("*") if file.is_file())


def bytes_of(session: Session) -> int:
    return session.scalar(select(func.coalesce(func.sum(Attachment.byte_count), 0))) or 0


def papers_at(nomination_id: int) -> str:
    return f"/nominations/{nomination_id}/attachments"


def reasons(answer: TestResponse) -> list[str]:
    return [reason["code"] for reason in answer.json.get("reasons", ())]


def test_a_dossier_takes_its_quota_and_says_what_is_left(interface: Interface) -> None:
    limit(interface, nomination=2)
    path = papers_at(interface.drafted())
    for number in range(2):
        assert sent(interface, "nominator", path, content=paper(number)).status_code == 201
    answer = sent(interface, "nominator", path, content=paper(3))
    assert (answer.status_code, answer.json["code"], reasons(answer)) == (
        413,
        "papers-full",
        ["dossier_full"],
    )
    assert answer.json["megabytes"] == "2"
    assert "2 MB together" in answer.json["detail"]
    assert "0 MB are left" in answer.json["detail"]
    assert files_of(interface) == 2
    # What fits, the same file again, and a stub that has no bytes: all taken.
    assert sent(interface, "nominator", path, content=paper(1)).status_code == 200
    assert sent(interface, "nominator", path, content=minimal_pdf()).status_code == 201
    stub = {"content": None, "confirms_not_secret": None, "secret_number": "1/M", "secret_place": "Tủ mật"}
    assert sent(interface, "nominator", path, **stub).status_code == 201
    assert (
        sent(
            interface, "nominator", papers_at(interface.drafted(person="NV05")), content=paper(3)
        ).status_code
        == 201
    )


def test_taking_papers_away_makes_no_room_because_their_bytes_are_kept(interface: Interface) -> None:
    limit(interface, nomination=2)
    path = papers_at(interface.drafted())
    for number in range(2):
        answer = sent(interface, "nominator", path, content=paper(number))
        gone = answer.headers["Location"].rpartition("/")[2]
        taken = interface.post("nominator", f"/attachments/{gone}/actions/remove", {"reason": "Nhầm"})
        assert taken.status_code == 200, taken.text
    assert sent(interface, "nominator", path, content=paper(2)).status_code == 413


def test_a_dossier_filled_by_its_unit_still_takes_the_office_s_paper(interface: Interface) -> None:
    limit(interface, nomination=4)
    nomination_id = interface.drafted(award="CTD_NGANH", person=None)
    path = papers_at(nomination_id)
    for number in range(4):
        assert sent(interface, "nominator", path, content=paper(number, size=1_040_000)).status_code == 201
    assert sent(interface, "nominator", path, content=paper(5)).status_code == 413
    assert interface.act("nominator", nomination_id, "submit").status_code == 200
    assert interface.act("reviewer", nomination_id, "approve").status_code == 200
    minutes = {"kind": "cluster_minutes", "content": paper(6)}
    assert sent(interface, "cluster_head", path, **minutes).status_code == 201
    assert sent(interface, "cluster_head", path, **{**minutes, "content": paper(7)}).status_code == 413


def test_an_account_brings_its_quota_within_a_day_and_never_runs_full_for_ever(interface: Interface) -> None:
    limit(interface, account=2)
    first, second, third = (papers_at(interface.drafted(person=f"NV0{n}")) for n in (3, 4, 5))
    assert sent(interface, "nominator", first, content=paper(1)).status_code == 201
    interface.clock.advance(timedelta(hours=3))
    assert sent(interface, "nominator", second, content=paper(2)).status_code == 201
    answer = sent(interface, "nominator", third, content=paper(3))
    assert (answer.status_code, reasons(answer)) == (413, ["account_papers_full"])
    assert "Go on in 21 h" in answer.json["detail"]
    said = sent(interface, "nominator", third, content=paper(3), headers={"Accept-Language": "vi"}).json
    assert "2 MB tài liệu trong 24 giờ" in said["reasons"][0]["message"]
    assert "vượt giới hạn 2 MB" in said["detail"]
    assert sent(interface, "reviewer", third, content=paper(3)).status_code == 201
    interface.clock.advance(timedelta(hours=21))
    assert sent(interface, "nominator", third, content=paper(4)).status_code == 201


@pytest.mark.parametrize("quota", ["nomination", "account"])
def test_sixteen_at_once_take_no_more_than_there_is_room_for(
    interface: Interface, session: Session, quota: str
) -> None:
    limit(interface, **{quota: 3})
    people = ("NV04",) if quota == "nomination" else ("NV02", "NV03", "NV04", "NV05")
    drafts = [papers_at(interface.drafted(person=person)) for person in people]
    paths = drafts * (16 // len(drafts))
    interface.token("nominator")
    start, codes = Barrier(16), []

    def send(number: int) -> None:
        start.wait()
        codes.append(sent(interface, "nominator", paths[number], content=paper(number)).status_code)

    threads = [Thread(target=send, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [201] * 3 + [413] * 13
    assert bytes_of(session) <= 3 * MEGABYTE
    assert files_of(interface) == 3


def test_who_may_not_see_a_dossier_learns_nothing_of_its_room(interface: Interface) -> None:
    limit(interface, nomination=1)
    path = papers_at(interface.drafted())
    sent(interface, "nominator", path, content=paper(1))
    assert sent(interface, "stranger", path, content=paper(2)).status_code == 404


def test_a_request_sent_again_with_its_key_is_answered_though_the_dossier_is_full(
    interface: Interface,
) -> None:
    limit(interface, nomination=1)
    path, key = papers_at(interface.drafted()), {"Idempotency-Key": "k1"}
    first, again = (sent(interface, "nominator", path, content=paper(1), headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_file_that_will_not_fit_is_refused_before_the_papers_disk_is_touched(
    interface: Interface,
) -> None:
    limit(interface, nomination=1)
    path = papers_at(interface.drafted())
    folder = interface.app.extensions["commendo"].settings.attachments_dir
    assert sent(interface, "nominator", path, content=paper(1, size=1_100_000)).status_code == 413
    assert not folder.exists()


@pytest.mark.parametrize(
    ("locale", "words"),
    [("vi", "được tối đa 1 MB, kể cả tài liệu đã gỡ; còn 1 MB"), ("en", "take up to 1 MB together")],
)
def test_the_page_says_it_beside_the_form(  # noqa: PLR0917 - fixtures
    interface: Interface, session: Session, database: Database, tmp_path: Path, locale: str, words: str
) -> None:
    give_passwords(session)
    nomination_id = interface.drafted()
    seated = browser(database.sessions, interface.clock, data_dir=tmp_path, papers_per_nomination_mb=1)
    assert seated.sign_in("nv01@example.vn").status_code == 303
    session.execute(update(Account).where(Account.email == "nv01@example.vn").values(locale=locale))
    session.commit()
    seated.open(f"/nominations/{nomination_id}")
    fields = form_of(seated.page, "?as=any")
    action = fields.pop("")
    data: dict[str, Any] = {**fields, "kind": "other", "confirms_not_secret": "true"}
    data["file"] = (BytesIO(paper(1, size=1_100_000)), "a.pdf")
    seated.post(action, data, content_type="multipart/form-data")
    assert seated.page.status_code == 413
    assert words in seated.text
    assert 'id="paper-any-error"' in seated.page.get_data(as_text=True)
