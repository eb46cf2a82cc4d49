"""A page, list, board, letter or answer about one cluster says whether it is a Cụm or a Khối."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.applications import application
from tests.support.interface import Interface, settings_for_tests
from tests.support.mail import Scene, mail_server, text_of
from tests.support.pages import Browser, browser, give_passwords
from tests.support.papers import minimal_pdf, sent
from tests.support.sector import FIRST, OPENING, ROUND, UNITS, sector_files, settle
from workflow.clock import FixedClock

BOTH = ("Cụm (Khối)", "Khối trưởng)", "cụm (khối)")
SAID = {
    "cụm": ("Cụm bình xét, suy tôn", "Cụm trưởng", "Khối"),
    "khối": ("Khối bình xét, suy tôn", "Khối trưởng", "Cụm"),
}


@pytest.fixture(params=SAID)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sector(kind: str, session: Session, database, clock: FixedClock, tmp_path: Path) -> Interface:
    files = sector_files(UNITS[:2], 1)
    clusters = files.clusters.replace("Cụm thi đua số 1,cụm,", f"Nhóm thi đua số 1,{kind},")
    office = settle(session, clock.now(), type(files)(files.org, files.people, clusters, files.accounts))
    give_passwords(session)
    app = application(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock)
    interface = Interface(app, office, clock)
    assert interface.post("GS", "/rounds", {**OPENING, "awards": ["CTD_NGANH"]}).status_code == 201
    return interface


@pytest.fixture
def nomination(sector: Interface) -> str:
    """Bring the first unit's own nomination to the cluster; give its path."""
    nominator, head = f"{FIRST}-CB", f"{FIRST}-TT"
    row = {"awards": ["CTD_NGANH"], "achievement": "Dẫn đầu năm 2026.", "proposer": "Tập thể đơn vị"}
    words = {"number": "1/TTr", "signed_on": "2026-03-02", "signer": "Thủ trưởng đơn vị"}
    made = sector.post(nominator, "/submissions", {"round": ROUND, "unit": FIRST, "rows": [row], **words})
    assert made.status_code == 201, made.text
    paper = f"/submissions/{made.json['submissions'][0]['id']}"
    path = f"/nominations/{made.json['rows'][0]['nominations'][0]['nomination']}"
    for place, paper_kind in ((paper, "proposal"), (path, "achievement_report")):
        filed = sent(sector, nominator, f"{place}/attachments", kind=paper_kind, content=minimal_pdf())
        assert filed.status_code == 201, filed.text
    for part, action in ((nominator, "submit"), (head, "approve")):
        version = sector.get(part, paper).json["paper"]["version"]
        done = sector.post(part, f"{paper}/actions/{action}", {"version": version})
        assert done.json["done"] == 1, done.text
    return path


@pytest.fixture
def desk(database, clock: FixedClock, tmp_path: Path) -> Callable[[str], Browser]:
    def sit(person: str) -> Browser:
        seated = browser(database.sessions, clock, data_dir=tmp_path)
        assert seated.sign_in(f"{person}@example.vn".lower()).status_code == 303
        return seated

    return sit


@pytest.fixture
def letters(sector: Interface, nomination: str, session: Session, database, clock: FixedClock) -> list[str]:
    """Deliver what the journey promised; give the letters about the nomination."""
    with mail_server() as server:
        Scene(sector.office, session, database.sessions, clock, server).deliver()
    return [text for mail in server.inbox.mails if nomination in (text := text_of(mail))]


def test_every_page_about_the_nomination_names_the_kind(
    sector: Interface, nomination: str, kind: str, desk: Callable[[str], Browser]
) -> None:
    step, office, other = SAID[kind]
    paper = sector.get("GS", nomination).json["submission"]["id"]
    reader = desk("GS")
    for path in (nomination, "/nominations", f"/submissions/{paper}", f"/rounds/{ROUND}/board"):
        reader.open(path)
        said = reader.text.replace("Cụm, Khối", "")
        # The list's filter offers the step of every nomination: there no kind is known.
        said = said.replace("Cụm (Khối) bình xét, suy tôn", "", 1) if path == "/nominations" else said
        assert step in said, path
        assert office in said, path
        assert not [words for words in BOTH if words in said], path
        assert f"{other} trưởng" not in said, path
    head = desk(f"{UNITS[1]}-TT")
    head.open("/")
    assert step in head.text
    assert office in head.text
    assert "Cụm (Khối)" not in head.text


def test_answers_and_letters_name_the_kind(
    sector: Interface, nomination: str, kind: str, letters: list[str]
) -> None:
    step, *_ = SAID[kind]
    english = {"cụm": "Cluster review", "khối": "Block review"}[kind]
    listed = sector.get("GS", f"/nominations?round={ROUND}").json["items"][0]
    one, waiting = sector.get("GS", nomination).json, sector.get(f"{UNITS[1]}-TT", "/inbox").json["items"]
    about = [one["label"], listed["label"], *(item["label"] for item in waiting)]
    about += [event["dest_label"] for event in sector.get("GS", f"{nomination}/events").json["items"][-1:]]
    assert about == [{"vi": step, "en": english}] * 4
    assert any(step in text for text in letters), letters
    assert not [text for text in letters if "Cụm (Khối)" in text]


def test_papers_name_the_kind_wherever_they_are_listed_or_missing(
    sector: Interface, nomination: str, kind: str, desk: Callable[[str], Browser]
) -> None:
    """The minutes of the cluster: on offer, asked for, missing, refused, lying there."""
    head = f"{UNITS[1]}-TT"
    minutes = {"vi": f"Biên bản bình xét, suy tôn của {kind.capitalize()}"}
    minutes["en"] = {"cụm": "Minutes of the cluster", "khối": "Minutes of the block"}[kind]
    paper = f"/submissions/{sector.get('GS', nomination).json['submission']['id']}"
    assert minutes in [one["title"] for one in sector.get("GS", nomination).json["missing_papers"]]
    for path in (nomination, paper):
        papers = sector.get(head, f"{path}/attachments").json
        asked = [one for one in papers["needed"] if one["kind"] == "cluster_minutes"]
        assert [one["title"] for one in asked] == [minutes], path
        assert asked[0]["help"]["vi"] == f"Kết quả bình xét, suy tôn của {kind.capitalize()}."
        assert minutes in [one["title"] for one in papers["attachable"]], path
    actions = sector.get(head, f"{nomination}/actions").json["items"]
    reasons = [reason for one in actions for reason in one["refusals"] if reason["code"] == "paper_missing"]
    assert {reason["params"]["name"] for reason in reasons} == {minutes["en"]}
    assert {reason["message"] for reason in reasons} == {f"Attach: {minutes['en']}."}
    reader = desk(head)
    for path in (paper, nomination):
        reader.open(path)
        assert minutes["vi"] in reader.text, path
        assert not [words for words in BOTH if words in reader.text], path
    filed = sent(sector, head, f"{paper}/attachments", kind="cluster_minutes", content=minimal_pdf())
    assert filed.status_code == 201, filed.text
    for path in (nomination, paper):
        lying = sector.get(head, f"{path}/attachments").json["items"]
        assert minutes in [one["title"] for one in lying], path
    assert sector.get("GS", nomination).json["public_label"]["vi"] == f"{kind.capitalize()} đang xem xét"
