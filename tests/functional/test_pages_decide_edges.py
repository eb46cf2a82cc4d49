"""A list decided in one pass where it is large, at a council, by a substitute, from a letter's address."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.absences import go_away
from tests.support.applications import application
from tests.support.interface import Interface, settings_for_tests
from tests.support.pages import Browser, browser, form_of, give_passwords
from tests.support.papers import sent
from tests.support.sector import FIRST, OPENING, UNITS, colleagues_of, rows_for, sector_files, settle
from tests.support.unit_paper import Paper
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.mailbox import Mailbox
from workflow.operations.mail.post import Post
from workflow.store.access import Account
from workflow.store.mail import KeptLetter

NOMINATOR, HEAD, DEPUTY = (f"{FIRST}-{part}" for part in ("CB", "TT", "PT"))
MANY = 400
AT_ONCE = 100
MOST_BYTES = 120_000
List = Callable[..., Paper]


@pytest.fixture
def composed(session: Session, database, clock: FixedClock, tmp_path: Path) -> List:
    """Return what composes the unit's list, sent to its head."""

    def compose(people: Sequence[str], colleagues: int) -> Paper:
        office = settle(session, clock.now(), sector_files(UNITS[:2], colleagues))
        give_passwords(session)
        settings = settings_for_tests(tmp_path)
        app = application(settings, sessions=database.sessions, clock=clock)
        interface = Interface(app, office, clock)
        assert interface.post("GS", "/rounds", OPENING).status_code == 201
        paper = Paper(interface, FIRST, rows_for(people))
        assert paper.act(NOMINATOR, "submit").json["done"] == len(people)
        return paper

    return compose


@pytest.fixture
def seated(database, clock: FixedClock) -> Callable[[str], Browser]:
    def seat(who: str) -> Browser:
        page = browser(database.sessions, clock)
        assert page.sign_in(f"{who}@example.vn".lower()).status_code == 303
        return page

    return seat


def names_on(page: Browser) -> set[str]:
    assert page.page is not None
    return set(re.findall(r'name="pick-(\d+)"', page.page.get_data(as_text=True)))


def test_four_hundred_names_come_in_hundreds_and_no_page_of_them_is_heavy(
    composed: List, seated: Callable[[str], Browser]
) -> None:
    paper = composed(colleagues_of(FIRST, MANY), MANY)
    head = seated(HEAD)
    path, seen = f"{paper.path}/decide", set[str]()
    while path:
        html = head.open(path).get_data(as_text=True)
        assert len(html.encode()) < MOST_BYTES
        assert len(names_on(head)) == AT_ONCE
        seen |= names_on(head)
        following = re.search(r'href="([^"]+/decide\?after=\d+)"', html)
        path = following[1] if following else ""
    assert len(seen) == MANY
    head.open(f"{paper.path}/decide")
    assert len(head.send("/decide").get_data()) < MOST_BYTES
    assert head.send("/decisions").status_code == 200
    assert "Đã xử lý 100 đề nghị." in head.text
    assert "Còn 300 đề nghị chờ bạn" in head.text


def test_what_a_council_votes_on_has_its_own_form_and_a_return_asks_where_to(
    composed: List, seated: Callable[[str], Browser]
) -> None:
    paper = composed(colleagues_of(FIRST, 2), 2)
    for part in (HEAD, "TD", "TD"):
        assert paper.act(part, "approve").json["done"] == 2
    first, second = paper.names.values()
    secretary = seated("TK")
    html = secretary.open(f"{paper.path}/decide").get_data(as_text=True)
    assert "Khâu này cần kết quả biểu quyết hoặc số quyết định" in secretary.text
    assert "Cần xem kỹ" not in secretary.text
    assert 'value="approve"' not in html
    assert form_of(secretary.page, "/decide")[f"pick-{first}"] == ""
    # By hand it is no more offered than on the page.
    secretary.send("/decide", {f"pick-{first}": "approve", f"pick-{second}": "return"})
    assert "Không còn ở khâu này." in secretary.text
    said = {f"reason-{second}": "dossier_incomplete", f"comment-{second}": "Thiếu biên bản."}
    assert secretary.send("/decisions", said).status_code == 422
    assert f'data-wrong="to-{second}"' in secretary.page.get_data(as_text=True)
    assert secretary.send("/decisions", {f"to-{second}": "appraisal"}).status_code == 200
    assert sorted(paper.states().values()) == ["appraisal", "council"]


def test_a_substitute_decides_on_all_but_their_own_name(
    composed: List, seated: Callable[[str], Browser], clock: FixedClock
) -> None:
    paper = composed([*colleagues_of(FIRST, 2), DEPUTY], 2)
    go_away(paper.sector.office, clock, HEAD, DEPUTY)
    deputy = seated(DEPUTY)
    deputy.open(f"{paper.path}/decide")
    own = paper.names[DEPUTY]
    assert names_on(deputy) == {str(number) for number in paper.names.values()} - {str(own)}
    assert "của chính bạn được để riêng" in deputy.text
    deputy.send("/decide")
    assert "Của chính bạn, người khác xem xét: Cán bộ PT" in deputy.text
    assert deputy.send("/decisions").status_code == 200
    assert sorted(paper.states().values()) == ["reception", "reception", "unit_review"]


def test_a_paper_that_came_after_the_name_wants_a_look(
    composed: List, seated: Callable[[str], Browser], clock: FixedClock
) -> None:
    paper = composed(colleagues_of(FIRST, 2), 2)
    first = next(iter(paper.names.values()))
    clock.advance(timedelta(hours=1))
    filed = sent(paper.sector, NOMINATOR, f"/nominations/{first}/attachments", kind="other", name="a.pdf")
    assert filed.status_code == 201, filed.text
    head = seated(HEAD)
    head.open(f"{paper.path}/decide")
    assert "Hồ sơ có thay đổi hoặc có trả lời mới sau khi đến đây" in head.text
    assert form_of(head.page, "/decide")[f"pick-{first}"] == ""


def test_an_answer_is_read_before_its_name_is_agreed_to(
    composed: List, seated: Callable[[str], Browser], clock: FixedClock
) -> None:
    paper = composed(colleagues_of(FIRST, 2), 2)
    first, second = paper.names.values()
    for number, who in ((first, NOMINATOR), (second, HEAD)):
        for part, action in ((HEAD, "request_info"), (who, "answer_info")):
            clock.advance(timedelta(hours=1))
            version = paper.sector.get(HEAD, f"/nominations/{number}").json["version"]
            said = {"version": version, "comment": "Theo quyết định nào?"}
            done = paper.sector.post(part, f"/nominations/{number}/actions/{action}", said)
            assert done.status_code == 200, done.text
    head = seated(HEAD)
    head.open(f"{paper.path}/decide")
    chosen = form_of(head.page, "/decide")
    assert chosen[f"pick-{first}"] == ""
    # What they took back themselves they know.
    assert chosen[f"pick-{second}"] == "approve"


def test_the_letter_about_a_list_opens_its_names_where_they_are_decided(
    composed: List, seated: Callable[[str], Browser], session: Session, database, clock: FixedClock
) -> None:
    paper = composed(colleagues_of(FIRST, 3), 3)
    post = Post(Mailbox(database.sessions), "a@example.vn", "https://khen.example.vn", preferences=UNFOLDED)
    deliver(database.sessions, clock=clock, post=post)
    texts = session.scalars(
        select(KeptLetter.text)
        .join(Account, Account.id == KeptLetter.account_id)
        .where(Account.email == f"{HEAD}@example.vn".lower())
    ).all()
    [link] = {one for text in texts for one in re.findall(r"https://khen.example.vn(/submissions/\S+)", text)}
    ids = sorted(paper.names.values())
    assert link == f"{paper.path}/decide?only={ids[0]}-{ids[-1]}"
    head = seated(HEAD)
    assert head.open(link).status_code == 200
    assert names_on(head) == set(map(str, ids))
