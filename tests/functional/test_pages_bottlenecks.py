"""The page that says where work waits longest: which stays it counts, and what it says of those it cannot."""

from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tests.support.office import AG, ROUND
from tests.support.waiting import many_submitted, submitted
from workflow.queries.waiting import covers
from workflow.store.awards import Round

NOMINATOR, REVIEWER, SUPERVISOR, ADMIN, STRANGER = (
    f"nv{number}@example.vn" for number in ("01", "02", "23", "24", "14")
)


def test_of_few_stays_the_nominations_are_named_and_of_many_a_sentence_is_said(desk, office, session, clock):
    nomination_id = submitted(office, clock.now())
    supervisor = desk(SUPERVISOR)
    supervisor.open("/bottlenecks")
    # Counted from above before anything was sent, named by whoever may open it.
    assert "dưới 5 lượt" in supervisor.text
    assert "Còn 1 lượt bạn chưa được mở" in supervisor.text
    assert f'/nominations/{nomination_id}"' not in supervisor.page.get_data(as_text=True)
    assert f'/nominations/{nomination_id}"' in desk(ADMIN).open("/bottlenecks").get_data(as_text=True)
    ids = many_submitted(office, session, 6, clock.now())
    clock.advance(timedelta(days=2))
    for number in ids:
        office.act("reviewer", number, "approve", clock.now())
    supervisor = desk(SUPERVISOR)
    supervisor.open("/bottlenecks?by=unit")
    assert (
        "Một nửa xong trong 2 ngày làm việc; cứ 20 hồ sơ thì 17 xong trong 2 ngày làm việc."
        in supervisor.text
    )
    assert "p85" not in supervisor.text
    assert "Đặng Quốc Dũng" not in desk(STRANGER).open("/bottlenecks").get_data(as_text=True)


def test_what_was_finished_and_what_was_taken_on_each_say_what_they_are_counted_of(
    desk, office, session, clock
):
    ids = many_submitted(office, session, 6, clock.now())
    waiting = submitted(office, clock.now())
    clock.advance(timedelta(days=1))
    for number in ids:
        office.act("reviewer", number, "approve", clock.now())
    # One that was taken on after long and is not finished counts in the one and not in the other.
    clock.advance(timedelta(days=9))
    office.act("reviewer", waiting, "claim", clock.now())
    supervisor = desk(SUPERVISOR)
    for locale, finished, taken in (
        ("vi", "Tính trên 6 lượt đã xong", "tính trên mọi lượt đã có người nhận, kể cả lượt chưa xong."),
        ("en", "Of the 6 stays that are finished", "of all stays that somebody took on, finished or not."),
    ):
        supervisor.open("/bottlenecks")
        supervisor.send("/language", {"locale": locale})
        supervisor.open("/bottlenecks")
        assert finished in supervisor.text
        assert taken in supervisor.text


def test_a_filter_whose_choice_has_a_long_name_is_as_wide_as_two(desk, office, session, clock):
    submitted(office, clock.now())
    admin = desk(ADMIN)
    running = session.scalars(select(Round).where(Round.code == ROUND)).one()
    for name, count in (("Đợt 2026", 0), ("Đợt xét thi đua, khen thưởng năm 2026", 1)):
        running.title = name
        session.commit()
        assert admin.open("/bottlenecks").get_data(as_text=True).count('class="filter-long"') == count, name


def test_bottlenecks_begin_with_the_running_round_and_know_what_they_do_not_know(
    desk, office, session, clock
):
    submitted(office, clock.now())
    admin = desk(ADMIN)
    admin.open("/bottlenecks")
    assert f'<option value="{ROUND}" selected>' in admin.page.get_data(as_text=True)
    # All rounds is a choice like any other, and stays one.
    assert f'<option value="{ROUND}" selected>' not in desk(ADMIN).open("/bottlenecks?round=").get_data(
        as_text=True
    )
    for words, said in (
        ("round=NOWHERE", "Không có đợt xét “NOWHERE”."),
        ("unit=NOWHERE", "Không có đơn vị “NOWHERE”."),
        ("award=NOWHERE", "Không có danh hiệu, hình thức khen thưởng “NOWHERE”."),
        ("workflow=NOWHERE", "Không có quy trình “NOWHERE”."),
        ("stage=NOWHERE", "Không có giai đoạn “NOWHERE”."),
        ("from=31/02/2026", "Từ ngày: "),
        ("from=02/03/2026&to=01/03/2026", "“01/03/2026” ở trước ngày bắt đầu."),
    ):
        answer = desk(ADMIN).open(f"/bottlenecks?{words}")
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)


def test_bottlenecks_take_days_routes_and_stages_as_the_interface_does(desk, office, clock):
    nomination_id = submitted(office, clock.now())
    today = office_day(clock)
    admin = desk(ADMIN)
    mine = f'/nominations/{nomination_id}"'
    for words, is_there in (
        (f"from={today}&to={today}", True),
        ("to=01/01/2020", False),
        ("workflow=standard&stage=draft", True),
        ("workflow=annual", False),
        ("stage=approved", False),
    ):
        page = admin.open(f"/bottlenecks?round=&{words}").get_data(as_text=True)
        assert (mine in page) is is_there, words
    # What was typed stays where it was typed, a wrong day too.
    page = admin.open("/bottlenecks?from=31/02/2026").get_data(as_text=True)
    assert 'value="31/02/2026"' in page
    # A time of one's own choice is not cut to the round that runs.
    page = admin.open(f"/bottlenecks?from={today}").get_data(as_text=True)
    assert f'<option value="{ROUND}" selected>' not in page


def test_what_the_figures_are_of_is_said_above_them(desk, office, clock):
    submitted(office, clock.now())
    today, admin = office_day(clock), desk(ADMIN)
    said = []
    for words in (
        "",
        "?round=",
        f"?unit={AG}&award=CSTDCS&stage=unit_review&from={today}&to={today}&time=calendar",
    ):
        page = admin.open(f"/bottlenecks{words}").get_data(as_text=True)
        assert page.index("<table") > page.find('id="narrowed"')
        said.append(unescape(page.partition('id="narrowed">')[2].partition("<")[0]))
    assert said[0] == "Chỉ gồm: Đợt xét năm 2026."
    assert said[1] == ""
    for part in (
        "An Giang",
        "Chiến sĩ thi đua cơ sở",
        "Bình xét",
        "từ thứ Hai, ngày 2/3/2026; đến hết thứ Hai, ngày 2/3/2026",
        "ngày theo lịch",
    ):
        assert part in said[2].replace("\xa0", " ")


def office_day(clock):
    return f"{clock.now().astimezone(ZoneInfo('Asia/Ho_Chi_Minh')):%d/%m/%Y}"


def test_bottlenecks_say_that_an_upgrade_is_still_counting(desk, office, clock, monkeypatch):
    submitted(office, clock.now())
    monkeypatch.setattr(covers, "MOST_MEASURED", 0)
    answer = desk(ADMIN).open("/bottlenecks?round=")
    assert answer.status_code == 200
    assert "đã xong khoảng 0%" in answer.get_data(as_text=True)
    assert "đã xong khoảng" not in desk(ADMIN).open(f"/bottlenecks?round={ROUND}").get_data(as_text=True)
