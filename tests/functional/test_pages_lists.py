"""The lists of the pages: work, nominations, bottlenecks, kept mails, failed ones; and drafting."""

from datetime import timedelta

import pytest

from tests.support.office import AG, ROUND
from tests.support.waiting import many_submitted, submitted
from workflow.domain.vocabulary import InstallationKind
from workflow.operations.setup.installation import mark_installation
from workflow.queries import choices
from workflow.store.ids import uuid7
from workflow.store.mail import KeptLetter, Outbox
from workflow.store.nominations import Rung

NOMINATOR, REVIEWER, SUPERVISOR, ADMIN, STRANGER = (
    f"nv{number}@example.vn" for number in ("01", "02", "23", "24", "14")
)


def test_work_stands_under_its_due_date(desk, office, clock):
    submitted(office, clock.now())
    for days, heading, chip in (
        (0, "Hạn sau tuần này", "còn 5 ngày làm việc"),
        (6, "Hạn sau tuần này", "còn 1 ngày làm việc"),
        (1, "Hạn hôm nay", "hết hạn hôm nay"),
        (1, "Quá hạn", "quá hạn 1 ngày làm việc"),
    ):
        clock.advance(timedelta(days=days))
        reviewer = desk(REVIEWER)
        reviewer.open("/")
        assert f"{heading} 1 dòng Đặng Quốc Dũng" in reviewer.text
        assert f"{chip} 17:00 thứ Hai, ngày 9/3/2026" in reviewer.text
        # A line does not end between these.
        assert "17:00 thứ\u00a0Hai, ngày\u00a09/3/2026" in reviewer.page.get_data(as_text=True)


def test_nothing_to_do_is_said(desk):
    assert "Không có việc nào đang chờ bạn." in desk(STRANGER).open("/").get_data(as_text=True)


def test_a_long_list_goes_on_where_it_stopped(desk, office, session, clock):
    many_submitted(office, session, 60, clock.now())
    reviewer = desk(REVIEWER)
    first = reviewer.open("/").get_data(as_text=True)
    assert first.count("row-title") == 50
    cursor = first.split("cursor=")[1].split('"')[0]
    rest = reviewer.open(f"/?cursor={cursor}").get_data(as_text=True)
    assert rest.count("row-title") == 10
    assert reviewer.open("/?cursor=nonsense").status_code == 422


def test_the_list_is_narrowed_by_the_words_of_its_address(desk, office, clock):
    submitted(office, clock.now())
    office.draft(clock.now(), person_code="NV03")
    admin = desk(ADMIN)
    for path, expected in (
        ("/nominations", ["Đặng Quốc Dũng", "Lý Thị Cúc"]),
        ("/nominations?q=dang+quoc", ["Đặng Quốc Dũng"]),
        ("/nominations?stage=draft", ["Lý Thị Cúc"]),
        (f"/nominations?unit={AG}&flag=unclaimed", ["Đặng Quốc Dũng"]),
        ("/nominations?round=nothing", []),
        ("/nominations?flag=late", []),
    ):
        admin.open(path)
        found = [name for name in ("Đặng Quốc Dũng", "Lý Thị Cúc") if name in admin.text]
        assert found == expected, path
    clock.advance(timedelta(days=9))
    admin = desk(ADMIN)
    admin.open(f"/nominations?flag=late&unit={AG}&round={ROUND}&state=unit_review")
    assert "Đặng Quốc Dũng" in admin.text
    # Whoever came by a link chose nothing: the page says what it leaves out.
    assert "Chỉ gồm: Quá hạn; Bình xét tại đơn vị; VKSND tỉnh An Giang; " in admin.text
    admin.open("/nominations?order=due")
    assert "Chỉ gồm" not in admin.text


def test_a_drafts_people_too_many_to_offer_are_taken_by_code(desk, monkeypatch):
    monkeypatch.setattr(choices, "MOST_PEOPLE", 1)
    nominator = desk(NOMINATOR)
    page = nominator.open("/nominations/new").get_data(as_text=True)
    assert 'list="person-some"' in page
    assert "mục khác xin gõ mã" in page
    assert nominator.send("/nominations/new", draft()).status_code == 303
    nominator.open("/nominations/new")
    wrong = nominator.send("/nominations/new", draft(person="NOBODY")).get_data(as_text=True)
    assert 'value="NOBODY"' in wrong


def test_a_list_too_long_to_offer_takes_a_code_by_hand(desk, office, clock, monkeypatch):
    submitted(office, clock.now())
    monkeypatch.setattr(choices, "MOST_CHOICES", 0)
    for path in ("/bottlenecks", "/nominations", "/submissions"):
        page = desk(ADMIN).open(f"{path}?unit={AG}").get_data(as_text=True)
        assert "mục khác xin gõ mã" in page, path
        assert f'name="unit" id="filter-unit" value="{AG}"' in page, path


def draft(**changes):
    return {
        "round": ROUND,
        "award": "CSTDCS",
        "unit": AG,
        "person": "NV04",
        "proposer": "Trần Thị Bích",
        **changes,
    }


def test_a_nominator_drafts_mends_and_finds_everything_again(desk):
    nominator = desk(NOMINATOR)
    nominator.open("/nominations/new")
    assert nominator.send("/nominations/new", draft()).status_code == 303
    page = nominator.follow().get_data(as_text=True)
    assert "Đã lưu hồ sơ" in page
    assert nominator.send("/edit", {"achievement": "Dẫn đầu phong trào, có sáng kiến."}).status_code == 303
    assert "có sáng kiến" in nominator.follow().get_data(as_text=True)


def test_nothing_long_is_written_in_a_form_that_does_not_save_itself(desk):
    nominator = desk(NOMINATOR)
    page = nominator.open("/nominations/new").get_data(as_text=True)
    assert "Thành tích được viết ở trang tiếp theo." in page
    assert "<textarea" not in page
    answer = nominator.send("/nominations/new", draft())
    assert answer.status_code == 303
    assert answer.location.endswith("/edit")
    page = nominator.follow().get_data(as_text=True)
    assert "Hãy viết thành tích ở đây" in page
    assert "data-autosave" in page


def test_words_sent_with_a_new_nomination_are_kept(desk):
    """A page that was opened before the form lost its text may still send some."""
    nominator = desk(NOMINATOR)
    nominator.open("/nominations/new")
    nominator.send("/nominations/new", draft(achievement="Dẫn đầu phong trào."))
    assert "Dẫn đầu phong trào.</textarea>" in nominator.follow().get_data(as_text=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"round": ""}, "Cần điền mục này."),
        ({"award": "NOTHING"}, "Hãy chọn một mục trong danh sách."),
        ({"person": ""}, "Danh hiệu này dành cho cá nhân."),
        ({"award": "TTLDXS"}, "Danh hiệu này dành cho tập thể."),
        ({"unit": "VKS-DT", "person": "NV11"}, "Bạn không lập hồ sơ cho đơn vị này."),
        ({"proposer": "x" * 301}, "Nội dung quá dài: nhiều nhất 300 ký tự."),
    ],
)
def test_a_wrong_draft_says_what_is_wrong_and_loses_nothing(desk, changes, words):
    nominator = desk(NOMINATOR)
    nominator.open("/nominations/new")
    answer = nominator.send("/nominations/new", draft(**changes))
    assert answer.status_code in {403, 422}
    assert words in nominator.text
    assert draft(**changes)["proposer"] in nominator.page.get_data(as_text=True)


def test_the_same_draft_twice_is_one_and_another_of_the_same_is_refused(desk):
    nominator = desk(NOMINATOR)
    page = nominator.open("/nominations/new")
    first = nominator.send("/nominations/new", draft()).location
    nominator.page = page
    assert nominator.send("/nominations/new", draft()).location == first
    nominator.open("/nominations/new")
    assert nominator.send("/nominations/new", draft()).status_code == 409
    assert "đã được đề nghị danh hiệu đó" in nominator.text


def test_an_edit_of_a_draft_that_changed_meanwhile_shows_both(desk):
    nominator, other = desk(NOMINATOR), desk(NOMINATOR)
    nominator.open("/nominations/new")
    path = nominator.send("/nominations/new", draft()).location
    nominator.open(path)
    other.open(path)
    other.send("/edit", {"achievement": "Bản của máy kia."})
    assert nominator.send("/edit", {"achievement": "Bản của máy này."}).status_code == 409
    for words in ("đã thực hiện “Sửa hồ sơ”", "Bản của máy kia.", "Bản của máy này."):
        assert words in nominator.text
    assert nominator.send("/edit").status_code == 303
    assert "Bản của máy này." in nominator.follow().get_data(as_text=True)


def test_somebody_who_nominates_for_nobody_drafts_nothing(desk):
    assert desk(REVIEWER).open("/nominations/new").status_code == 403


@pytest.fixture
def letters(session, office, clock):
    for number, part in ((1, "reviewer"), (2, "nominator"), (3, "nominator")):
        session.add(
            KeptLetter(
                message_id=f"<{number}@example.vn>",
                account_id=office.ids[part],
                recipient=f"{part}@example.vn",
                subject=f"Thư số {number}",
                text="Nội dung <b>chữ</b>",
                html="<p>Nội dung</p><script>alert(1)</script>",
                written_at=clock.now() + timedelta(minutes=number),
            )
        )
    session.add(
        Outbox(
            id=uuid7(clock.now()),
            dedupe_key="link",
            notice="password_link",
            mail_class="security",
            account_id=office.ids["nominator"],
            fold_key="link",
            state="sent",
            not_before=clock.now(),
            message_id="<3@example.vn>",
            created_at=clock.now(),
        )
    )
    session.commit()


def test_everybody_reads_their_own_kept_mails_an_administrator_all_nobody_a_password_link(desk, letters):
    def read(email):
        seated = desk(email)
        seated.open("/mailbox")
        return [number for number in (1, 2, 3) if f"Thư số {number}" in seated.text]

    assert (read(REVIEWER), read(NOMINATOR), read(ADMIN), read(STRANGER)) == ([1], [2], [1, 2], [])
    assert desk(STRANGER).open("/mailbox/<1@example.vn>").status_code == 404
    assert desk(ADMIN).open("/mailbox/<3@example.vn>").status_code == 404


def test_a_kept_mail_runs_nothing(desk, letters):
    reviewer = desk(REVIEWER)
    reviewer.open("/mailbox/<1@example.vn>")
    assert "Nội dung <b>chữ</b>" in reviewer.text or "&lt;b&gt;" in reviewer.page.get_data(as_text=True)
    policy = reviewer.open("/mailbox/<1@example.vn>/html").headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy


def test_the_mailbox_is_not_shown_through_a_proxy(desk, letters):
    reviewer = desk(REVIEWER)
    for header in (
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "Forwarded",
        "CF-Connecting-IP",
        "X-Cluster-Client-IP",
    ):
        for path in ("/mailbox", "/mailbox/<1@example.vn>/html"):
            assert reviewer.open(path, **{header: "192.0.2.1"}).status_code == 404


def test_where_real_mail_goes_there_is_no_mailbox_except_in_a_demo(desk, letters, session, clock):
    reviewer = desk(REVIEWER, smtp_url="smtp://127.0.0.1:2525")
    assert reviewer.open("/mailbox").status_code == 404
    assert "Hộp thư" not in reviewer.open("/").get_data(as_text=True)
    mark_installation(session, InstallationKind.DEMO, now=clock.now())
    session.commit()
    assert reviewer.open("/mailbox").status_code == 200
    assert "Đây là bản trình diễn" in reviewer.text


def test_what_failed_for_good_is_shown_to_those_who_watch(desk, session, office, clock):
    nomination_id = submitted(office, clock.now())
    mail = session.query(Outbox).filter_by(nomination_id=nomination_id).first()
    mail.state, mail.state_reason, mail.attempt = "dead", "550 no such user", 8
    rung = session.query(Rung).filter_by(nomination_id=nomination_id).first()
    rung.dead_at, rung.attempt, rung.last_error = clock.now(), 5, "NoSuchSeat"
    session.commit()
    office.act("reviewer", nomination_id, "approve", clock.now())
    for email in (SUPERVISOR, ADMIN):
        watching = desk(email)
        watching.open("/mails/dead")
        for words in ("550 no such user", "đã thử 8 lần", "NoSuchSeat", "Đặng Quốc Dũng"):
            assert words in watching.text
    assert desk(REVIEWER).open("/mails/dead").status_code == 404
