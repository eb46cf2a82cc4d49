"""How somebody wants their mails: their page, the one click of a mail program, and what neither can do."""

from collections.abc import Iterator
from datetime import time, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.support.interface import Interface
from tests.support.mail import SECRET, Scene, mail_server, text_of
from tests.support.office import AG, furnish
from tests.support.pages import BASE, Browser, browser, give_passwords
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED, USUAL
from workflow.queries.history.audit import verify_chains
from workflow.settings import Settings
from workflow.store.history import Event
from workflow.store.mail import MailPreference

PATH = "/me/mails"
MAILBOX = "vanthu@vks-angiang.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def scene(session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        office = furnish(session, now=clock.now())
        give_passwords(session)
        yield Scene(office, session, database.sessions, clock, server, preferences=USUAL)


@pytest.fixture
def desk(scene: Scene) -> Browser:
    found = browser(scene.sessions, scene.clock)
    found.sign_in("nv02@example.vn")
    return found


def chosen(scene: Scene) -> MailPreference | None:
    scene.session.rollback()
    return scene.session.scalars(
        select(MailPreference).execution_options(populate_existing=True)
    ).one_or_none()


def changes(scene: Scene) -> list[Event]:
    scene.session.rollback()
    return list(
        scene.session.scalars(select(Event).where(Event.action == "choose_mails").order_by(Event.seq))
    )


def told_that_it_is_gone(scene: Scene) -> EmailMessage:
    """Have the reviewer take work that its author then takes back, and return the letter about it."""
    number = submitted(scene.office, scene.clock.now())
    scene.office.act("reviewer", number, "claim", scene.clock.now())
    scene.office.act("nominator", number, "withdraw", scene.clock.now(), comment="Trùng đề nghị.")
    scene.deliver()
    return scene.server.inbox.of("nv02@example.vn")[-1]


def test_the_page_shows_what_counts_and_keeps_what_is_chosen(scene: Scene, desk: Browser) -> None:
    page = desk.open(PATH)
    assert 'value="07:30"' in page.get_data(as_text=True)
    assert "luôn được gửi, không tắt được" in desk.text
    desk.send(PATH, {"digest_at": "9h15", "quiet_from": "21:00", "quiet_until": "06:30"})
    desk.follow()
    assert 'value="09:15"' in desk.page.get_data(as_text=True)
    row = chosen(scene)
    assert row is not None
    assert (row.pace, row.digest_at, row.quiet_from, row.quiet_until, row.no_information_since) == (
        "digest", time(9, 15), time(21), time(6, 30), None,
    )  # fmt: skip
    desk.send(PATH)
    assert len(changes(scene)) == 1, "saved again as it is, nothing happened"
    assert verify_chains(scene.session).problems == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"digest_at": "06:30"}, "từ 07:15"),
        ({"digest_at": "20:30"}, "nằm trong giờ yên tĩnh"),
        ({"quiet_from": "09:00"}, "sau 12:00"),
        ({"digest_at": "25:00"}, "Xin gõ giờ"),
        ({"digest_at": ""}, "Xin gõ giờ"),
        ({"quiet_until": "sáng"}, "Xin gõ giờ"),
    ],
)
def test_an_hour_that_cannot_be_kept_is_refused_with_what_was_typed(
    scene: Scene, desk: Browser, typed: dict[str, str], said: str
) -> None:
    desk.open(PATH)
    page = desk.send(PATH, typed)
    assert page.status_code == 422
    assert said in desk.text
    assert all(f'value="{words}"' in page.get_data(as_text=True) for words in typed.values())
    assert chosen(scene) is None


def test_who_wants_each_at_once_gets_at_once_what_waited_for_the_morning(scene: Scene, desk: Browser) -> None:
    submitted(scene.office, scene.clock.now())
    scene.deliver()
    assert scene.server.inbox.mails == []
    desk.open(PATH)
    desk.send(PATH, {"pace": "at_once"})
    assert scene.deliver().sent == 1


def test_what_a_server_may_have_is_sent_again_no_sooner_by_another_choice(
    scene: Scene, desk: Browser
) -> None:
    submitted(scene.office, scene.clock.now())
    scene.deliver()
    row = scene.only_row()
    row.message_id, row.state_reason = "<mail.1@example>", "maybe_sent: the link broke"
    row.not_before = copies_at = scene.clock.now() + timedelta(hours=1)
    scene.session.commit()
    desk.open(PATH)
    desk.send(PATH, {"digest_at": "09:15"})
    assert chosen(scene) is not None
    assert scene.only_row().not_before == copies_at
    assert scene.deliver().sent == 0


def test_mails_of_information_carry_one_click_and_no_others_do(scene: Scene) -> None:
    scene.preferences = UNFOLDED
    mail = told_that_it_is_gone(scene)
    assert str(mail["Subject"]).startswith("[TĐKT] Không phải xử lý nữa: ")
    address = str(mail["List-Unsubscribe"])
    assert address.startswith("<https://khen.example.vn/mails/off/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "<info.commendo.vksnd.example>"
    assert address.strip("<>") in text_of(mail)
    submitted_again = scene.office.draft(scene.clock.now(), person_code="NV03").nomination_id
    scene.office.act("nominator", submitted_again, "submit", scene.clock.now())
    scene.deliver()
    task = scene.server.inbox.of("nv02@example.vn")[-1]
    assert task["List-Id"] == "<task.commendo.vksnd.example>"
    assert (task["List-Unsubscribe"], task["List-Unsubscribe-Post"]) == (None, None)
    assert "/me/mails" in text_of(task)


def test_one_click_switches_information_off_without_a_session_and_looking_does_not(scene: Scene) -> None:
    scene.preferences = UNFOLDED
    path = (
        str(told_that_it_is_gone(scene)["List-Unsubscribe"])
        .strip("<>")
        .removeprefix("https://khen.example.vn")
    )
    stranger = browser_of_a_mail_program(scene)
    for method in (stranger.client.get, stranger.client.head):
        assert method(path, base_url=BASE).status_code == 200
        assert chosen(scene) is None
    assert stranger.client.post(path, base_url=BASE).status_code == 400
    assert chosen(scene) is None
    for _ in range(2):
        answer = stranger.client.post(path, data=ONE_CLICK, base_url=BASE)
        assert answer.status_code == 200
    row = chosen(scene)
    assert row is not None
    assert row.no_information_since == scene.clock.now()
    assert len(changes(scene)) == 1, "twice is once"
    as_form = stranger.client.post(path, data=ONE_CLICK, base_url=BASE, content_type="multipart/form-data")
    assert as_form.status_code == 200
    told = scene.server.inbox.mails[:]
    another = scene.office.draft(scene.clock.now(), person_code="NV03").nomination_id
    scene.office.act("nominator", another, "submit", scene.clock.now())
    scene.office.act("reviewer", another, "claim", scene.clock.now())
    scene.office.act("nominator", another, "withdraw", scene.clock.now(), comment="Trùng.")
    scene.deliver()
    gone = [row for row in scene.outcomes() if row[1] == "switched_off"]
    assert gone == [("cancelled", "switched_off")]
    assert len(scene.server.inbox.mails) <= len(told) + 1


def browser_of_a_mail_program(scene: Scene) -> Browser:
    app = create_app(Settings(secret_key=SECRET.decode()), sessions=scene.sessions, clock=scene.clock)
    return Browser(app.test_client(use_cookies=False))


@pytest.mark.parametrize("token", ["a" * 40, "A" * 40, "b" * 39, "0" * 40, "x"])
def test_a_token_that_we_did_not_write_opens_nothing(scene: Scene, token: str) -> None:
    stranger = browser_of_a_mail_program(scene)
    answer = stranger.client.get(f"/mails/off/{token}", base_url=BASE)
    assert answer.status_code == 404
    assert "không còn dùng được" in answer.get_data(as_text=True)
    assert stranger.client.post(f"/mails/off/{token}", data=ONE_CLICK, base_url=BASE).status_code == 404
    assert chosen(scene) is None


def test_the_button_of_the_page_does_the_same_and_it_is_taken_back_on_the_own_page(
    scene: Scene, desk: Browser
) -> None:
    scene.preferences = UNFOLDED
    path = (
        str(told_that_it_is_gone(scene)["List-Unsubscribe"])
        .strip("<>")
        .removeprefix("https://khen.example.vn")
    )
    stranger = browser_of_a_mail_program(scene)
    stranger.open(path)
    assert "vẫn được gửi" in stranger.text
    stranger.send(path)
    assert "Đã tắt thư thông tin" in stranger.text
    desk.open(PATH)
    desk.send(PATH, {"information": "on"})
    row = chosen(scene)
    assert row is not None
    assert row.no_information_since is None
    assert len(changes(scene)) == 2


def test_a_program_reads_and_changes_how_mails_come(interface: Interface) -> None:
    usual = interface.get("reviewer", PATH).json
    assert (usual["pace"], usual["digest_at"]) == ("digest", "07:30")
    chosen = {**usual, "digest_at": "9:15", "wants_information": False}
    answer = interface.call("reviewer", "PUT", PATH, json=chosen)
    assert (answer.status_code, answer.json) == (200, {**chosen, "digest_at": "09:15"})
    assert interface.get("reviewer", PATH).json == answer.json
    assert interface.call("reviewer", "PUT", PATH, json=answer.json).json == answer.json
    assert interface.get("nominator", PATH).json == usual


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"digest_at": "7"}, 422, "digest_at"),
        ({"digest_at": 27000}, 422, "digest_at"),
        ({"digest_at": "06:00"}, 422, "digest_at"),
        ({"quiet_from": "09:00"}, 422, "quiet_from"),
        ({"pace": "never"}, 400, "pace"),
        ({"quiet": True}, 400, "quiet"),
    ],
)
def test_a_program_is_told_which_hour_cannot_be_kept_and_nothing_changes(
    interface: Interface, change: dict[str, object], status: int, field: str
) -> None:
    usual = interface.get("reviewer", PATH).json
    answer = interface.call("reviewer", "PUT", PATH, json={**usual, **change})
    assert answer.status_code == status, answer.text
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert interface.get("reviewer", PATH).json == usual


def test_a_program_of_the_head_says_where_copies_go_and_a_strangers_does_not(interface: Interface) -> None:
    path = f"/units/{AG}/mailbox"
    answer = interface.call("unit_head", "PUT", path, json={"mailbox": MAILBOX})
    assert answer.status_code == 200, answer.text
    assert (answer.json["mailbox"], answer.json["is_mine"]) == (MAILBOX, True)
    assert interface.get("nominator", path).json["mailbox"] == MAILBOX
    for part in ("stranger", "supervisor"):
        assert interface.get(part, path).status_code == 403
        assert interface.call(part, "PUT", path, json={"mailbox": None}).status_code == 403
    assert interface.call("admin", "PUT", path, json={"mailbox": "van thu"}).status_code == 422
    assert interface.call("admin", "PUT", "/units/VKS-XX/mailbox", json={"mailbox": None}).status_code == 404
    assert interface.call("admin", "PUT", path, json={"mailbox": None}).json["mailbox"] is None


def test_a_head_chooses_the_mailbox_of_the_unit_on_their_page(scene: Scene, desk: Browser) -> None:
    form = f"{PATH}/units/{AG}"
    desk.open(PATH)
    desk.send(form, {"mailbox": "nv01@example.vn"})
    assert "không phải địa chỉ mà một người dùng để đăng nhập" in desk.text
    assert 'value="nv01@example.vn"' in desk.page.get_data(as_text=True)
    desk.send(form, {"mailbox": MAILBOX})
    desk.follow()
    assert "Đã lưu địa chỉ nhận bản sao." in desk.text
    others = browser(scene.sessions, scene.clock)
    others.sign_in("nv01@example.vn")
    others.open(PATH)
    assert f"có một bản gửi tới {MAILBOX}" in others.text
    assert form not in others.page.get_data(as_text=True)
