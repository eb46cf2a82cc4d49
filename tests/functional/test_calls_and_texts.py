"""Reaching who is late by Zalo and by telephone: no script, no nominee's name, in both languages."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.interface import Interface
from tests.support.office import Office
from tests.support.pages import Browser, text_of
from tests.support.rounds import NEXT, opened
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.store.access import Account
from workflow.store.nominations import Nomination, Rung
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn


def seated(desk: Callable[..., Browser], office: Office, part: str, locale: str = "vi") -> Browser:
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    return desk(str(office.session.scalar(select(Account.email).where(Account.id == office.ids[part]))))


@pytest.mark.parametrize(
    ("locale", "words"),
    [("vi", ("chưa gửi tờ trình", "Liên hệ:")), ("en", ("has not come from", "Contact:"))],
)
def test_three_lines_for_each_silent_unit_and_for_all_of_them(
    interface: Interface, session: Session, clock: FixedClock, locale: str, words: tuple[str, str]
) -> None:
    opened(session, clock.now())
    submitted(interface.office, clock.now())
    session.execute(update(Account).values(locale=locale))
    session.commit()
    found = interface.get("supervisor", f"/rounds/{NEXT}/chat-texts").json["items"]
    assert found[0]["unit"] is None, "all together first"
    names = session.scalars(select(Nomination.subject_name)).all()
    for one in found:
        first, second, third = one["text"].split("\n")
        assert words[0] in first
        assert f"/rounds/{NEXT}" in second
        assert third.startswith(words[1])
        assert not any(name in one["text"] for name in names)
    seen = interface.get("stranger", f"/rounds/{NEXT}/chat-texts").json["items"]
    assert "VKS-AG" not in {one["unit"] for one in seen}, "of another unit nobody learns that it is silent"


def test_units_are_chosen_and_one_that_owes_nothing_is_named(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    path = f"/rounds/{NEXT}/chat-texts"
    together, *each = interface.get("supervisor", f"{path}?units=vks-ag,%20VKS-DT,").json["items"]
    assert {one["unit"] for one in each} == {"VKS-AG", "VKS-DT"}
    assert all(one["unit_name"] in together["text"] for one in each)
    [alone] = interface.get("supervisor", f"{path}?units=VKS-DT").json["items"]
    assert alone["unit"] == "VKS-DT"
    refused = interface.get("supervisor", f"{path}?units=VKS-DT,VKS-XX,VKSTC")
    assert (refused.status_code, [one["field"] for one in refused.json["errors"]]) == (
        422,
        ["units", "units"],
    )
    assert "'VKS-XX'" in refused.text
    # Of another unit a stranger is told the same, whether it is silent or not.
    assert interface.get("stranger", f"{path}?units=VKS-AG").status_code == 422


def test_a_unit_with_a_day_of_its_own_is_told_that_day_in_the_text_for_all(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    unit = select(Unit.id).where(Unit.code == "VKS-DT").scalar_subquery()
    own = update(ExpectedReturn).where(ExpectedReturn.unit_id == unit)
    session.execute(own.values(due_on=ExpectedReturn.due_on + 7))
    session.commit()
    path = f"/rounds/{NEXT}/chat-texts?units=VKS-AG,VKS-DT"
    together, *each = interface.get("supervisor", path).json["items"]
    first, second, *_ = together["text"].split("\n")
    lines = {one["unit_name"]: one["text"].split("\n")[0] for one in each}
    assert {first, second} == set(lines.values())


def test_a_page_lets_units_be_ticked_and_says_which_answered_meanwhile(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    browser = seated(desk, office, "supervisor")
    page = browser.open(f"/rounds/{NEXT}/reach?units=VKS-DT&units=VKS-AG&units=VKS-XX")
    assert "Đã chọn 2 đơn vị" in page.text
    assert page.text.count(" checked") == 2
    assert "không còn trong danh sách chưa gửi" in page.text
    chosen = page.text.partition('id="zalo-chosen"')[2].partition("</textarea>")[0]
    assert "VKSND tỉnh An Giang" in chosen
    assert "Đã chọn" not in browser.open(f"/rounds/{NEXT}/reach").text


def test_a_page_has_them_in_fields_to_copy_and_takes_a_call(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    browser = seated(desk, office, "supervisor")
    assert f'href="/rounds/{NEXT}/reach"' in browser.open(f"/rounds/{NEXT}").text
    page = browser.open(f"/rounds/{NEXT}/reach")
    assert page.text.count("readonly") >= 1
    said = {"called_on": "2/3/2026", "spoke_with": "Chị Hoa", "promised": "Gửi trước thứ Sáu"}
    action = next(part for part in page.text.split('"') if f"/rounds/{NEXT}/reach/" in part)
    refused = browser.send(action, {**said, "follow_up_on": "1/3/2026"})
    assert refused.status_code == 422
    assert "Gửi trước thứ Sáu" in refused.text
    assert browser.send(action, {**said, "follow_up_on": "5/3/2026"}).status_code == 303
    assert "Đã ghi lại cuộc gọi" in text_of(browser.follow())
    session.rollback()
    assert sorted(session.scalars(select(Rung.kind).where(Rung.ordinal >= 1_000_000))) == [
        "remind",
        "telephone",
    ]


def test_forms_stand_only_where_they_would_be_taken(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    number = submitted(office, clock.now())
    head_of_unit = seated(desk, office, "unit_head")
    page = head_of_unit.open(f"/rounds/{NEXT}/reach")
    assert "readonly" in page.text, "the head sees that the own unit is silent"
    assert f"/rounds/{NEXT}/reach/" not in page.text, "and is not who asks for it"
    reviewer = seated(desk, office, "reviewer")
    late = reviewer.open(f"/nominations/{number}/late")
    assert "/late/more-time" not in late.text
    assert "cấp trên mới gia hạn được" in text_of(late)
    called = seated(desk, office, "deputy").open(f"/nominations/{number}/call")
    assert 'name="promised"' not in called.text
    assert "không thuộc vai trò của bạn" in text_of(called)


def test_a_call_about_a_nomination_is_noted_from_its_page_and_stands_in_its_history(
    office: Office, desk: Callable[..., Browser], clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    browser = seated(desk, office, "nominator")
    assert f'href="/nominations/{number}/call"' in browser.open(f"/nominations/{number}").text
    browser.open(f"/nominations/{number}/call")
    said = {"called_on": "2/3/2026", "spoke_with": "Anh Ba", "promised": "Xem trong tuần"}
    assert browser.send("/call", said).status_code == 303
    assert "Anh Ba: Xem trong tuần" in text_of(browser.follow())
    stranger = seated(desk, office, "stranger")
    assert stranger.open(f"/nominations/{number}/call").status_code == 404


def test_programs_note_calls_once(interface: Interface, session: Session, clock: FixedClock) -> None:
    number = submitted(interface.office, clock.now())
    body = {"called_on": "2026-03-02", "spoke_with": "Anh Ba", "promised": "Xem trong tuần"}
    key = {"Idempotency-Key": "call-1"}
    noted = interface.post("nominator", f"/nominations/{number}/calls", body, headers=key)
    assert noted.json["items"][-1]["action"] == "telephone", noted.text
    again = interface.post("nominator", f"/nominations/{number}/calls", body, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    session.rollback()
    assert len(session.scalars(select(Rung.id).where(Rung.kind == "telephone")).all()) == 1
    assert interface.post("other_reviewer", f"/nominations/{number}/calls", body).status_code == 404
    opened(session, clock.now())
    path = f"/rounds/{NEXT}/returns/VKS-AG/calls"
    assert interface.post("supervisor", path, body).json["items"][0]["unit"]["code"] == "VKS-AG"
    typed = interface.post("supervisor", path.replace("VKS-AG", "vks-ag"), body)
    assert [one["unit"]["code"] for one in typed.json["items"]] == ["VKS-AG"], "however it was typed"
    assert interface.post("nominator", path, body).status_code == 404
