"""Reminding by hand: what was said last comes first, once a working day, on record, and never for oneself."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.conftest import Database
from tests.support.interface import Interface
from tests.support.mail import BASE_URL, SENDER, mail_server, text_of
from tests.support.office import AG, DT, Office
from tests.support.pages import Browser
from tests.support.rounds import opened
from tests.support.waiting import events, is_chained, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict
from workflow.domain.vocabulary import Via
from workflow.operations.mail.post import Post
from workflow.operations.nudges.nudge import nudge
from workflow.operations.sweep.sweep import sweep
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn

WORDS = "Kính đề nghị đồng chí <b>xem</b> hồ sơ này trước thứ Sáu."


def nudges(session: Session) -> list[Rung]:
    return list(session.scalars(select(Rung).where(Rung.kind == "nudge").order_by(Rung.ordinal)))


def test_a_nudge_is_a_rung_with_its_event_and_its_letter(interface: Interface, session: Session) -> None:
    number = interface.drafted()
    interface.act("nominator", number, "submit")
    version = interface.get("nominator", f"/nominations/{number}").json["version"]
    key = {"Idempotency-Key": "once"}
    done = interface.post("nominator", f"/nominations/{number}/nudge", {"words": WORDS}, headers=key)
    assert (done.status_code, done.json) == (200, {"told_count": 1}), done.text
    again = interface.post("nominator", f"/nominations/{number}/nudge", {"words": WORDS}, headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    [rung] = nudges(session)
    assert (rung.ordinal, rung.fired_at, rung.recipient) == (202603020, interface.clock.now(), "holder")
    [letter] = session.scalars(select(Outbox).where(Outbox.dedupe_key.contains(str(rung.id))))
    assert letter.account_id == interface.office.ids["reviewer"]
    found = events(session, number)
    assert is_chained(found)
    assert (found[-1].action, found[-1].actor_id) == ("nudge", interface.office.ids["nominator"])
    assert interface.get("nominator", f"/nominations/{number}").json["version"] == version, "nothing moved"
    history = interface.get("reviewer", f"/nominations/{number}/events").json["items"]
    assert (history[-1]["action_label"]["vi"], history[-1]["text"]) == ("Đôn đốc", WORDS)


def test_once_a_working_day_whoever_presses_and_the_second_is_told_who_and_when(
    interface: Interface, session: Session
) -> None:
    number = interface.drafted()
    interface.act("nominator", number, "submit")
    press = f"/nominations/{number}/nudge"
    assert interface.post("nominator", press, {}).status_code == 200
    second = interface.post("admin", press, {"words": "x"})
    assert second.status_code == 409
    [reason] = second.json["reasons"]
    assert (reason["code"], reason["params"]["by"]) == ("nudged_already", "nominator NV01")
    interface.clock.advance(timedelta(days=5))  # Saturday counts for Monday
    assert interface.post("nominator", press, {}).status_code == 200
    interface.clock.advance(timedelta(days=2))
    assert interface.post("nominator", press, {}).status_code == 409
    assert [one.ordinal for one in nudges(session)] == [202603020, 202603090]


def test_what_is_pressed_for_early_on_a_local_day_shares_a_letter_with_the_rest_of_it(
    interface: Interface, session: Session
) -> None:
    numbers = [interface.drafted(), interface.drafted(person="NV05")]
    for number in numbers:
        interface.act("nominator", number, "submit")
    interface.clock.advance(timedelta(hours=21))  # 06:00 of 3 March in Hà Nội, 23:00 of 2 March in UTC
    for number in numbers:
        assert interface.post("nominator", f"/nominations/{number}/nudge", {}).status_code == 200
        interface.clock.advance(timedelta(hours=3))
    folds = session.scalars(select(Outbox.fold_key).where(Outbox.fold_key.contains("nudge:"))).all()
    assert [fold[-10:] for fold in folds] == ["2026-03-03", "2026-03-03"]


@pytest.mark.parametrize(
    ("part", "status", "code"),
    [
        ("reviewer", 409, "nudge_own"),
        ("supervisor", 404, None),
        ("stranger", 404, None),
        ("deputy", 403, "nudge_not_yours"),
        ("admin", 200, None),
    ],
)
def test_who_may_press(interface: Interface, part: str, status: int, code: str | None) -> None:
    number = interface.drafted()
    interface.act("nominator", number, "submit")
    answer = interface.post(part, f"/nominations/{number}/nudge", {})
    assert answer.status_code == status, answer.text
    assert code is None or [one["code"] for one in answer.json["reasons"]] == [code]


def test_the_nominee_presses_nobody_and_reads_no_words(interface: Interface) -> None:
    number = interface.drafted(person="NV01")
    interface.act("nominator", number, "submit")
    press = f"/nominations/{number}/nudge"
    refused = interface.post("nominator", press, {})
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (403, "own_subject")
    assert interface.post("admin", press, {"words": WORDS}).status_code == 200
    last = interface.get("nominator", f"/nominations/{number}/events").json["items"][-1]
    assert (last["action"], last["text"], last["actor"]) == ("nudge", None, None)
    assert interface.get("nominator", press).json["reminders"] == []


def test_words_have_a_limit_and_bad_ones_are_named(interface: Interface) -> None:
    number = interface.drafted()
    interface.act("nominator", number, "submit")
    for words in ("x" * 501, "a\0b"):
        answer = interface.post("nominator", f"/nominations/{number}/nudge", {"words": words})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "words"), answer.text


def test_of_two_who_press_at_once_one_wins_and_the_other_learns_who(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    barrier = Barrier(2)

    def press(part: str) -> str:
        with database.sessions() as own:
            actor = Office(office.ids, own).actor(part, clock.now())
            barrier.wait()
            try:
                nudge(own, actor=actor, nomination_id=number, words="", via=Via.WEB, now=clock.now())
            except Conflict as refused:
                return str(refused.reasons[0].params["by"])
            return "won"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(press, ["nominator", "admin"]))
    assert said[1] == "won"
    assert said[0] in {"nominator NV01", "admin NV24"}
    assert len(nudges(session)) == 1


def test_what_came_back_does_not_count_and_is_shown_so(interface: Interface, session: Session) -> None:
    number = interface.drafted()
    interface.act("nominator", number, "submit")
    press = f"/nominations/{number}/nudge"
    assert interface.post("nominator", press, {"words": "một"}).status_code == 200
    session.execute(update(Rung).where(Rung.kind == "nudge").values(bounced_at=interface.clock.now()))
    session.commit()
    assert interface.post("nominator", press, {"words": "hai"}).status_code == 200
    shown = interface.get("nominator", press).json["reminders"]
    assert [(one["kind"], one["by"], one["words"], one["came_back"]) for one in shown] == [
        ("nudge", "nominator NV01", "hai", False),
        ("nudge", "nominator NV01", "một", True),
    ]


def test_the_page_shows_what_was_said_last_before_it_presses(
    office: Office, session: Session, clock: FixedClock, desk: Callable[..., Browser]
) -> None:
    number = submitted(office, clock.now())
    sits = desk("nv01@example.vn")
    sits.open(f"/nominations/{number}")
    assert "Đôn đốc" in sits.text
    sits.open(f"/nominations/{number}/nudge")
    assert "Chưa có lần nhắc nào" in sits.text
    sits.send(f"/nominations/{number}/nudge", {"words": WORDS})
    sits.follow()
    assert "Đã đôn đốc; thư gửi tới 1 người." in sits.text
    assert WORDS in sits.text, "as text, not as markup"
    sits.open(f"/nominations/{number}/nudge")
    assert "nominator NV01" in sits.text
    sits.send(f"/nominations/{number}/nudge", {"words": "lần nữa"})
    assert sits.page is not None
    assert sits.page.status_code == 409
    assert "nominator NV01 đã đôn đốc lúc" in sits.text
    assert "lần nữa" in sits.page.get_data(as_text=True), "what was typed is not lost"


def test_silent_units_are_pressed_at_once_and_each_answers_for_itself(
    interface: Interface, session: Session
) -> None:
    opened(session, interface.clock.now())
    body = {"units": [AG, DT], "words": WORDS}
    done = interface.post("supervisor", "/rounds/2026-XET/nudge", body)
    assert done.status_code == 200, done.text
    assert [(one["unit"], one["told_count"]) for one in done.json["results"]] == [(AG, 1), (DT, 1)]
    again = interface.post("head", "/rounds/2026-XET/nudge", {"units": [DT]})
    [result] = again.json["results"]
    assert (result["told_count"], result["refused"]["code"]) == (0, "nudged_already")
    assert len(nudges(session)) == 2
    refused = interface.post("nominator", "/rounds/2026-XET/nudge", body)
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (403, "nudge_not_yours")
    for units in ([], ["XX"]):
        unknown = interface.post("supervisor", "/rounds/2026-XET/nudge", {"units": units})
        assert (unknown.status_code, unknown.json["errors"][0]["field"]) == (422, "units")


def test_the_page_of_silent_units_shows_a_result_for_each(
    office: Office, session: Session, clock: FixedClock, desk: Callable[..., Browser]
) -> None:
    opened(session, clock.now())
    sits = desk("nv23@example.vn")
    sits.open("/rounds/2026-XET/nudge?units=VKS-AG")
    assert "VKSND tỉnh Đồng Tháp" in sits.text
    sits.send("/rounds/2026-XET/nudge", {"words": WORDS})
    assert "VKSND tỉnh An Giang: Đã đôn đốc; thư gửi tới 1 người." in sits.text
    sits.send("/rounds/2026-XET/nudge", {"units": AG})
    assert "supervisor NV23 đã đôn đốc lúc" in sits.text
    assert desk("nv01@example.vn").open("/rounds/2026-XET/nudge").status_code == 200


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("locale", "late"), [("vi", "quá hạn 3\u00a0ngày làm việc"), ("en", "3\u00a0working days overdue")]
)
def test_a_unit_that_is_late_is_marked_where_it_is_pressed_and_one_that_has_time_is_not(
    session: Session, clock: FixedClock, desk: Callable[..., Browser], locale: str, late: str
) -> None:
    opened(session, clock.now())
    # Wednesday, three working days before the Monday of these tests, and for one of the two alone.
    unit = select(Unit.id).where(Unit.code == DT).scalar_subquery()
    day = clock.now().date() - timedelta(days=5)
    session.execute(update(ExpectedReturn).where(ExpectedReturn.unit_id == unit).values(due_on=day))
    session.commit()
    sits = desk("nv23@example.vn")
    sits.open("/")
    sits.send("/language", {"locale": locale})
    for path in ("/rounds/2026-XET/nudge", "/rounds/2026-XET/reach", "/rounds/2026-XET"):
        page = sits.open(path)
        assert page.status_code == 200
        labels = re.findall(r"<label[^>]*>(?:(?!</label>).)*</label>", page.text, re.DOTALL)
        marked = {
            unit: any(unit in one and late in one for one in labels) for unit in ("An Giang", "Đồng Tháp")
        }
        assert marked == {"An Giang": False, "Đồng Tháp": True}, path
    assert late in sits.open("/rounds/2026-XET/reach").text.partition('id="text-')[2]


def test_the_letter_quotes_the_words_under_the_name(
    interface: Interface, session: Session, database: Database
) -> None:
    number = interface.drafted()
    interface.act("nominator", number, "submit")
    interface.clock.advance(timedelta(minutes=1))  # of one instant neither letter is the newest
    assert interface.post("nominator", f"/nominations/{number}/nudge", {"words": WORDS}).status_code == 200
    interface.clock.advance(timedelta(minutes=11))  # the day's letter waits ten minutes for more
    with mail_server() as server:
        post = Post(SmtpTransport(server.url), SENDER, BASE_URL)
        sweep(database.sessions, clock=interface.clock, post=post, until_idle=True)
    [letter] = [one for one in server.inbox.mails if WORDS in text_of(one)]
    text = text_of(letter).replace("\r\n", "\n")
    assert f"nominator NV01 đôn đốc việc này, nguyên văn:\n> {WORDS}" in text
    html = letter.get_body(("html",)).get_content()
    assert "&lt;b&gt;xem&lt;/b&gt;" in html
    assert "<b>xem</b>" not in html
