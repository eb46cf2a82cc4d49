"""The page that answers a form is seen again by its address: of whom, for how long, and what it then says."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.pages import BASE, PASSWORD, Browser, browser, form_of, text_of
from tests.support.sector import FIRST, colleagues_of
from tests.support.statements import counted_statements
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock
from workflow.domain.sent_forms import KEPT_FOR, MOST_BYTES
from workflow.operations.sent_forms import MOST_KEPT
from workflow.store.access import Grant
from workflow.store.history import Event
from workflow.store.sent_forms import SentForm

COLLEAGUES = colleagues_of(FIRST, 3)
HEAD = f"{FIRST}-TT"
WORDS = "Bổ sung biên bản họp xét."

Desk = Callable[[str], Browser]


@pytest.fixture
def paper(session: Session, database: Database, clock: FixedClock, tmp_path: Path) -> Paper:
    """Have a unit's list wait for its head."""
    return waiting_paper(session, database, clock, tmp_path, COLLEAGUES)


@pytest.fixture
def desk(paper: Paper, database: Database, clock: FixedClock) -> Desk:
    def sit(who: str) -> Browser:
        seated = browser(database.sessions, clock)
        assert seated.sign_in(f"{who}@example.vn".lower()).status_code == 303
        return seated

    return sit


@pytest.fixture
def head(desk: Desk) -> Browser:
    return desk(HEAD)


@pytest.fixture
def sheet(paper: Paper, head: Browser) -> str:
    """Give the address of a sheet on which the first name goes back and the others go on."""
    head.open(f"{paper.path}/decide")
    assert head.send("/decide", {f"pick-{first(paper)}": "return"}).status_code == 200
    return head.page.request.path


def first(paper: Paper) -> int:
    return paper.names[COLLEAGUES[0]]


def told(paper: Paper, words: str = WORDS) -> dict[str, str]:
    return {f"reason-{first(paper)}": "dossier_incomplete", f"comment-{first(paper)}": words}


def decisions(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(Event.action.in_(["approve", "return"]))) or 0


def test_a_sheet_is_the_same_by_its_address_and_its_form_has_the_same_key(head: Browser, sheet: str) -> None:
    before = form_of(head.page, "/decisions")
    assert head.open(sheet).status_code == 200
    after = form_of(head.page, "/decisions")
    assert {**before, "csrf_token": ""} == {**after, "csrf_token": ""}
    assert after["key"] in sheet
    assert head.page.headers["Cache-Control"] == "no-store"


def test_a_sheet_shows_how_things_stand_when_it_is_looked_at(paper: Paper, head: Browser, sheet: str) -> None:
    paper.act(HEAD, "hold", nominations=[paper.names[COLLEAGUES[1]]], comment="Có đơn thư.")
    head.open(sheet)
    assert "bạn đã thay đổi hồ sơ lúc" in head.text
    assert f"pick-{paper.names[COLLEAGUES[1]]}" not in form_of(head.page, "/decisions")


def test_after_the_decision_the_sheet_leads_to_what_came_of_it_and_a_reload_decides_nothing(
    paper: Paper, head: Browser, sheet: str, session: Session
) -> None:
    done = head.send("/decisions", told(paper))
    assert "Đã xử lý 3 đề nghị." in head.text
    result, count = done.request.path, decisions(session)
    assert result != sheet
    said = text_of(done)
    assert "Trả lại để hoàn thiện" in said
    for path in (result, sheet):
        again = head.open(path)
        assert text_of(again if path == result else head.follow()) == said
    assert decisions(session) == count == 3


def test_a_refused_confirmation_is_on_the_sheet_with_what_was_typed(
    paper: Paper, head: Browser, sheet: str
) -> None:
    refused = head.send("/decisions", {f"comment-{first(paper)}": WORDS})
    assert refused.status_code == 422
    assert refused.request.path == sheet
    assert WORDS not in refused.request.url
    for _ in range(2):
        html = head.open(sheet).get_data(as_text=True)
        assert f'data-wrong="reason-{first(paper)}"' in html
        assert form_of(head.page, "/decisions")[f"comment-{first(paper)}"].strip() == WORDS
    assert head.send("/decisions", told(paper)).status_code == 200


def test_the_way_back_to_the_names_leads_to_what_was_ticked(paper: Paper, head: Browser, sheet: str) -> None:
    way_back = f"{paper.path}/decide?form={sheet.rpartition('/')[2]}"
    assert way_back in head.page.get_data(as_text=True)
    assert form_of(head.open(f"{paper.path}/decide"), "/decide")[f"pick-{first(paper)}"] == "approve"
    assert form_of(head.open(way_back), "/decide")[f"pick-{first(paper)}"] == "return"
    # Of a form that is kept no longer the names are as anybody finds them.
    assert form_of(head.open(f"{way_back}x"), "/decide")[f"pick-{first(paper)}"] == "approve"


def test_nobody_else_sees_it_and_what_is_kept_no_longer_leads_to_its_page(
    paper: Paper, head: Browser, sheet: str, desk: Desk, clock: FixedClock
) -> None:
    deputy = desk(f"{FIRST}-CB")
    unknown = deputy.open(f"{sheet[:-4]}xxxx")
    assert unknown.status_code == 404
    assert text_of(deputy.open(sheet)) == text_of(unknown)
    clock.advance(KEPT_FOR + timedelta(minutes=1))
    head.sign_in(f"{HEAD}@example.vn".lower())
    gone = head.open(sheet)
    assert gone.status_code == 404
    assert "được giữ 3 ngày kể từ khi gửi" in head.text
    assert f'href="{paper.path}/decide"' in gone.get_data(as_text=True)


def test_who_lost_the_right_meanwhile_finds_what_they_wrote_to_copy(
    paper: Paper, head: Browser, sheet: str, session: Session
) -> None:
    head.send("/decisions", {f"comment-{first(paper)}": WORDS})
    session.execute(delete(Grant))
    session.commit()
    assert head.open(sheet).status_code == 404
    [box] = re.findall(r"<textarea[^>]* readonly>([^<]*)</textarea>", head.page.get_data(as_text=True))
    assert box == WORDS


def test_it_is_there_after_the_session_ended_for_the_same_account(
    paper: Paper, head: Browser, sheet: str, clock: FixedClock
) -> None:
    clock.advance(timedelta(hours=60))
    assert head.open(sheet).location.startswith("/sign-in")
    head.follow()
    way = head.send("/sign-in", {"email": f"{HEAD}@example.vn".lower(), "password": PASSWORD})
    assert way.location == sheet
    assert head.follow().status_code == 200
    assert head.send("/decisions", told(paper)).status_code == 200


def test_a_sheet_in_two_tabs_is_confirmed_once_and_both_tell_what_came_of_it(
    paper: Paper, head: Browser, sheet: str, session: Session
) -> None:
    there = head.page
    assert head.send("/decisions", told(paper)).status_code == 200
    result, count = head.page.request.path, decisions(session)
    head.page = there
    assert head.send("/decisions", told(paper)).request.path == result
    assert "đã được ghi nhận trước đó" in head.text
    # With other words it is another request: it is not carried out, and its words are there to be copied.
    head.page = there
    head.send("/decisions", told(paper, "Lời khác."))
    assert head.page.request.path not in {sheet, result}
    assert "đã được gửi một lần với nội dung khác" in head.text
    assert "Lời khác." in head.text
    assert head.open(sheet).location == result
    assert decisions(session) == count


@pytest.mark.parametrize("query", ["_scheme=http", "_external=1", "form_key=x&submission_id=2", "q=%C3%A9"])
def test_what_stands_behind_an_address_goes_along_and_leads_nowhere_else(
    paper: Paper, head: Browser, query: str
) -> None:
    head.open(f"{paper.path}/decide")
    fields = form_of(head.page, "/decide")
    answer = head.client.post(f"{fields.pop('')}?{query}", data=fields, base_url=BASE)
    assert answer.status_code == 303
    assert answer.location.startswith(f"{paper.path}/decide/seen/")
    assert answer.location.endswith(f"?{query}")
    assert head.open(answer.location).status_code == 200


def test_what_is_too_large_to_be_kept_is_answered_in_place(
    paper: Paper, head: Browser, sheet: str, session: Session
) -> None:
    head.open(f"{paper.path}/decide")
    fields = form_of(head.page, "/decide")
    answer = head.client.post(fields.pop(""), data={**fields, "nonsense": "x" * MOST_BYTES}, base_url=BASE)
    assert answer.status_code == 200
    assert "Nhất trí đề nghị 3" in text_of(answer)
    assert session.scalar(select(func.count()).select_from(SentForm)) == 1


def test_only_the_newest_are_kept(
    paper: Paper, head: Browser, sheet: str, session: Session, clock: FixedClock
) -> None:
    kept = session.scalars(select(SentForm)).one()
    row = {"account_id": kept.account_id, "path": kept.path, "fields": [], "noted": {}}
    more = [timedelta(seconds=number + 1) for number in range(MOST_KEPT)]
    session.execute(
        insert(SentForm), [{**row, "key": str(age), "sent_at": kept.sent_at + age} for age in more]
    )
    session.commit()
    clock.advance(timedelta(minutes=2))
    head.open(f"{paper.path}/decide")
    assert head.send("/decide").status_code == 200
    assert session.scalar(select(func.count()).select_from(SentForm)) == MOST_KEPT
    assert head.open(sheet).status_code == 404


def test_what_is_over_goes_with_the_next_form(paper: Paper, head: Browser, sheet: str, session) -> None:
    session.execute(update(SentForm).values(sent_at=SentForm.sent_at - KEPT_FOR - timedelta(seconds=1)))
    session.commit()
    head.open(f"{paper.path}/decide")
    head.send("/decide")
    assert session.scalar(select(func.count()).select_from(SentForm)) == 1


# One of each finds the form by its address; the rest is about the visitor, the list and its names.
STATEMENTS = {"sheet": 14, "result": 18}


def test_as_many_statements_are_sent_for_each_look(
    paper: Paper, head: Browser, sheet: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {}
    for name in ("sheet", "result"):
        path = sheet
        if name == "result":
            path = head.send("/decisions", told(paper)).request.path
        head.open(path)
        with counted_statements(monkeypatch, database.engine) as sent:
            assert head.open(path).status_code == 200
        counts[name] = len(sent)
    assert counts == STATEMENTS
