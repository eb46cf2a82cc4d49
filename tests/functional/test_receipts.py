"""After sending there is a receipt: what, when, by whom, with which papers, what next; found again later."""

from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_going_over import asked, lately_over, migrate, publish
from tests.support.interface import Interface
from tests.support.lists import add_colleagues, compose, names_of, row
from tests.support.office import AG, PAPER
from tests.support.pages import Browser, browser, give_passwords
from tests.support.papers import minimal_pdf, sent
from tests.support.undoing import WINDOW, undoable
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.queries.people.own_status import own_statuses
from workflow.store.access import Account
from workflow.store.organisation import Person

SIZE = 3


def put(interface: Interface, nomination_id: int, kind: str, name: str) -> tuple[str, str]:
    """Put a paper to a nomination and return its id and the hash of what was sent."""
    content, path = minimal_pdf(name), f"/nominations/{nomination_id}/attachments"
    answer = sent(interface, "nominator", path, content=content, name=name, kind=kind)
    return answer.json["items"][-1]["id"], sha256(content).hexdigest()


def sent_list(interface: Interface, session: Session, leave_out: int | None = None) -> tuple[int, list[int]]:
    office, now = interface.office, interface.clock.now()
    made = compose(office, [row(person) for person in add_colleagues(session, SIZE)], now, paper=PAPER)
    number, names = made.submissions[0].submission_id, names_of(made)
    send(
        interface, number, "submit", "nominator", leave_out=frozenset(names[:leave_out] if leave_out else ())
    )
    return number, names


def send(interface: Interface, number: int, action: str, part: str, **order) -> None:
    now = interface.clock.now()
    version = interface.get(part, f"/submissions/{number}").json["paper"]["version"]
    asked = ListOrder(number, version, MoveRequest(action), Via.API, **order)
    act_on_submission(interface.office.session, actor=interface.office.actor(part, now), order=asked, now=now)


def test_a_list_has_a_receipt_of_what_was_sent_together(interface: Interface, session: Session) -> None:
    number, names = sent_list(interface, session, leave_out=1)
    found = interface.get("nominator", f"/submissions/{number}/receipt").json
    assert [one["nomination_id"] for one in found["names"]] == names[1:]
    assert found["sent"]["by"]["name"] == "nominator NV01"
    assert (found["number"], found["signed_on"], found["signer"]) == (
        PAPER.number,
        "2026-03-02",
        PAPER.signer,
    )
    assert {one["sent_to"]["vi"] for one in found["names"]} == {"Đơn vị đang xem xét"}
    [following] = found["next"]
    assert (following["names"], following["holder_key"]) == (2, f"unit_reviewer@unit:{AG}")
    assert following["due_at"].startswith("2026-03-09")
    assert following["contact"] == {"name": "reviewer NV02", "telephone": "0296 385 2345"}
    # What was left out goes later: a receipt of its own, and the first is still there by its entry.
    interface.clock.advance(timedelta(days=1))
    send(interface, number, "submit", "nominator", nominations=names[:1])
    last = interface.get("nominator", f"/submissions/{number}/receipt").json
    assert [one["nomination_id"] for one in last["names"]] == names[:1]
    assert [one["id"] for one in last["others"]] == [found["sent"]["id"]]
    first = interface.get("nominator", f"/submissions/{number}/receipt?entry={found['sent']['id']}").json
    assert first["names"] == found["names"]


def test_the_entry_and_its_hash_are_those_of_the_chain(interface: Interface, session: Session) -> None:
    number, names = sent_list(interface, session)
    [one, *_] = interface.get("nominator", f"/submissions/{number}/receipt").json["names"]
    export = interface.get("nominator", f"/nominations/{names[0]}/events").json["items"]
    [entry] = [event for event in export if event["seq"] == one["entry"]]
    assert (entry["action"], entry["dest"]) == ("submit", "unit_review")
    assert len(bytes.fromhex(one["hash"])) == 32


def test_papers_are_those_of_the_moment(interface: Interface) -> None:
    made = interface.office.draft(interface.clock.now())
    path = f"/nominations/{made.nomination_id}/receipt"
    assert interface.get("nominator", path).status_code == 404
    gone, _ = put(interface, made.nomination_id, "other", "gone.pdf")
    interface.clock.advance(timedelta(minutes=1))
    kept, digest = put(interface, made.nomination_id, "achievement_report", "kept.pdf")
    interface.post("nominator", f"/attachments/{gone}/actions/remove", {"reason": "Nhầm tệp"})
    interface.clock.advance(timedelta(minutes=1))
    interface.office.act("nominator", made.nomination_id, "submit", interface.clock.now())
    interface.clock.advance(timedelta(minutes=1))
    put(interface, made.nomination_id, "other", "later.pdf")
    [paper] = interface.get("nominator", path).json["papers"]
    assert (paper["filename"], paper["sha256"], kept != "") == ("kept.pdf", digest, True)


def test_papers_of_others_are_on_no_receipt(interface: Interface) -> None:
    """A nomination without a list has no papers of a list, and never those of all that have none either."""
    office, now = interface.office, interface.clock.now()
    theirs, mine = office.draft(now), office.draft(now, person_code="NV05")
    put(interface, theirs.nomination_id, "other", "theirs.pdf")
    put(interface, mine.nomination_id, "other", "mine.pdf")
    interface.clock.advance(timedelta(minutes=1))
    office.act("nominator", mine.nomination_id, "submit", interface.clock.now())
    [paper] = interface.get("nominator", f"/nominations/{mine.nomination_id}/receipt").json["papers"]
    assert (paper["nomination_id"], paper["filename"]) == (mine.nomination_id, "mine.pdf")


def test_who_does_not_see_it_has_no_receipt_and_the_nominee_no_name(
    interface: Interface, session: Session
) -> None:
    made = interface.office.draft(interface.clock.now())
    put(interface, made.nomination_id, "meeting_minutes", "minutes.pdf")
    interface.clock.advance(timedelta(minutes=1))
    interface.office.act("nominator", made.nomination_id, "submit", interface.clock.now())
    path = f"/nominations/{made.nomination_id}/receipt"
    for part in ("other_nominator", "stranger", "secretary", "supervisor"):
        assert interface.get(part, path).status_code == 404
    dung = session.scalar(select(Person.id).where(Person.code == "NV04"))
    is_deputy = Account.id == interface.office.ids["deputy"]
    session.execute(update(Account).where(is_deputy).values(person_id=dung))
    session.commit()
    found = interface.get("deputy", path).json
    assert found["sent"]["by"] is None
    assert found["next"][0]["contact"]["name"] == "Phạm Thị Hoa"
    [paper] = found["papers"]
    assert (paper["is_withheld"], paper["filename"], paper["sha256"]) == (True, "", None)
    assert interface.get("reviewer", path).json["papers"][0]["filename"] == "minutes.pdf"


def test_what_came_back_says_where_it_stands_now_and_what_went_on_has_a_receipt_of_its_own(
    interface: Interface,
) -> None:
    office, clock = interface.office, interface.clock
    made = office.draft(clock.now())
    path = f"/nominations/{made.nomination_id}/receipt"
    office.act("nominator", made.nomination_id, "submit", clock.now())
    clock.advance(timedelta(hours=1))
    office.act(
        "reviewer",
        made.nomination_id,
        "return",
        clock.now(),
        reason_code="dossier_incomplete",
        comment="Bổ sung",
        to_step="draft",
    )
    found = interface.get("nominator", path).json
    assert (found["next"], found["names"][0]["stands"]["en"]) == ([], "In preparation")
    clock.advance(timedelta(hours=1))
    office.act("nominator", made.nomination_id, "submit", clock.now())
    clock.advance(timedelta(hours=1))
    office.act("reviewer", made.nomination_id, "approve", clock.now())
    found = interface.get("nominator", path).json
    assert found["sent"]["by"]["name"] == "reviewer NV02"
    assert len(found["others"]) == 2
    assert found["names"][0]["stands"] == found["names"][0]["sent_to"]
    nobody = "00000000-0000-0000-0000-000000000001"
    assert interface.get("nominator", f"{path}?entry={nobody}").status_code == 404


def test_the_page_is_found_from_the_nomination_and_the_list_and_saved_as_text(
    interface: Interface, session: Session, database: Database
) -> None:
    give_passwords(session)
    nominator: Browser = browser(database.sessions, interface.clock)
    nominator.sign_in("nv01@example.vn")
    drafted = interface.office.draft(interface.clock.now(), person_code="NV05")
    page = nominator.open(f"/nominations/{drafted.nomination_id}").get_data(as_text=True)
    assert "/receipt" not in page
    made = compose(
        interface.office, [row(one) for one in add_colleagues(session, SIZE)], interface.clock.now()
    )
    number, names = made.submissions[0].submission_id, names_of(made)
    assert "/receipt" not in nominator.open(f"/submissions/{number}").get_data(as_text=True)
    ticked = [str(one) for one in names]
    nominator.send("/review", {"what": "submit@draft@standard", "names": ticked})
    done = nominator.send("/actions/submit", {"names": ticked}).get_data(as_text=True)
    for page in (
        done,
        nominator.open(f"/submissions/{number}").get_data(as_text=True),
        nominator.open(f"/nominations/{names[0]}").get_data(as_text=True),
    ):
        assert '/receipt"' in page
    nominator.open(f"/submissions/{number}/receipt")
    for words in (
        "Giấy xác nhận đã gửi hồ sơ",
        "Người gửi nominator NV01",
        "Đơn vị đang xem xét (3 đề nghị)",
        "Liên hệ: reviewer NV02, 0296 385 2345 .",
        "Cán bộ DS0001",
        "Khi gửi: Đơn vị đang xem xét.",
    ):
        assert words in nominator.text
    text = nominator.open(f"/submissions/{number}/receipt.txt")
    assert "\u00a0" not in text.get_data(as_text=True)
    assert text.content_type == "text/plain; charset=utf-8"
    said = text.get_data(as_text=True)
    assert "1. Cán bộ DS0001, Kiểm sát viên: Chiến sĩ thi đua cơ sở" in said
    assert "<" not in said
    assert nominator.open(f"/nominations/{names[0]}/receipt?entry=nonsense").status_code == 404


def test_the_nominee_reads_in_public_words_what_was_sent(
    interface: Interface, session: Session, database: Database
) -> None:
    office, clock = interface.office, interface.clock
    dung = session.scalar(select(Person.id).where(Person.code == "NV04"))
    writes = Account.id == office.ids["stranger"]
    session.execute(update(Account).where(writes).values(person_id=dung))
    session.commit()
    made = office.draft(clock.now(), award_code="LDTT")

    def told() -> list[dict]:
        return list(interface.get("stranger", "/me/nominations").json["items"])

    assert told() == []
    office.act("nominator", made.nomination_id, "submit", clock.now())
    [one] = told()
    assert (one["award"]["code"], one["unit"]["code"]) == ("LDTT", AG)
    assert one["stands"]["vi"] == "Đơn vị đang xem xét"
    # It opens nothing else to them.
    assert interface.get("stranger", f"/nominations/{made.nomination_id}").status_code == 404
    assert interface.get("stranger", f"/nominations/{made.nomination_id}/receipt").status_code == 404
    office.act("reviewer", made.nomination_id, "approve", clock.now())
    office.act("unit_head", made.nomination_id, "approve", clock.now(), decision=PAPER)
    now = clock.now()
    with undoable(database)() as theirs:
        actor = office.actor("stranger", now)
        assert [one.stands for one in own_statuses(theirs, actor=actor, now=now)] == [None]
        later = own_statuses(theirs, actor=actor, now=now + WINDOW)
        assert [one.stands.vi for one in later if one.stands] == ["Đã có quyết định"]
    give_passwords(session)
    nominee = browser(database.sessions, clock)
    nominee.sign_in("nv14@example.vn")
    nominee.open("/me/record")
    assert "Đang được đề nghị" in nominee.text
    assert "Đợt xét năm 2026, VKSND tỉnh An Giang đề nghị" in nominee.text


def test_a_draft_that_was_never_sent_is_told_to_nobody(interface: Interface, session: Session) -> None:
    office, clock = interface.office, interface.clock
    dung = session.scalar(select(Person.id).where(Person.code == "NV04"))
    session.execute(update(Account).where(Account.id == office.ids["stranger"]).values(person_id=dung))
    session.commit()
    made = office.draft(clock.now(), award_code="LDTT")
    office.act("nominator", made.nomination_id, "withdraw", clock.now(), comment="Nhầm người")
    clock.advance(timedelta(days=2))
    assert interface.get("stranger", "/me/nominations").json["items"] == []
    assert interface.get("nominator", f"/nominations/{made.nomination_id}/receipt").status_code == 404


def test_a_receipt_outlives_its_route(interface: Interface, session: Session, database: Database) -> None:
    office, clock = interface.office, interface.clock
    made = office.draft(clock.now())
    path = f"/nominations/{made.nomination_id}/receipt"
    office.act("nominator", made.nomination_id, "submit", clock.now())
    before = interface.get("nominator", path).json
    lately_over(clock)
    after = publish(session, clock, unit_review="unit_check")
    done = migrate(database, clock, asked(after, renamed={"unit_review": "unit_check"}))
    assert (done.moved, done.left) == (1, 0)
    answer = interface.get("nominator", path)
    assert answer.status_code == 200
    assert answer.json["names"] == before["names"]
    assert answer.json["others"] == []
