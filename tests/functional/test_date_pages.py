"""Another date asked for and answered on pages and by programs, in both languages."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.interface import Interface
from tests.support.office import AG, Office
from tests.support.pages import Browser, text_of
from tests.support.rounds import NEXT, opened, returns_of
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.store.access import Account
from workflow.store.nominations import WorkItem
from workflow.store.proposals import DateProposal
from workflow.store.submissions import ExpectedReturn

WHY = "Chờ ý kiến công an tỉnh"


def seated(desk: Callable[..., Browser], office: Office, part: str, locale: str = "vi") -> Browser:
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    return desk(str(office.session.scalar(select(Account.email).where(Account.id == office.ids[part]))))


def test_whoever_has_the_work_asks_and_one_press_in_the_inbox_above_gives_it(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    holder = seated(desk, office, "reviewer")
    assert f'href="/nominations/{number}/date"' in holder.open("/").text
    assert f'href="/nominations/{number}/date"' in holder.open(f"/nominations/{number}").text
    assert "Tôi làm xong được vào ngày" in text_of(holder.open(f"/nominations/{number}/date"))
    refused = holder.send("/date", {"day": "1/1/2020", "reason": WHY})
    assert refused.status_code == 422
    assert WHY in refused.text, "nothing that was typed is lost"
    assert holder.send("/date", {"day": "12/3/2026", "reason": WHY}).status_code == 303
    assert "đề nghị lùi hạn đến thứ Năm, ngày 12/3/2026" in text_of(holder.follow())
    head = seated(desk, office, "supervisor")
    page = text_of(head.open("/"))
    assert WHY in page
    assert "Không có việc nào đang chờ bạn" not in page, "a date that is asked for waits"
    assert head.send("/late/give", {}).status_code == 303
    shown = text_of(head.follow())
    assert "9/3/2026" in shown
    assert "12/3/2026" in shown, "both dates stand in the history"
    assert "cấp trên đã cho thêm thời gian, thay cho hạn trước đó là 9/3/2026" in shown
    page = text_of(head.open("/"))
    assert "Đề nghị lùi hạn chờ bạn" not in page
    assert "Không có việc nào đang chờ bạn" in page


def test_saying_no_takes_a_reason_and_keeps_what_was_typed_out_of_the_other_form(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    holder = seated(desk, office, "reviewer", "en")
    holder.open(f"/nominations/{number}/date")
    holder.send("/date", {"day": "12/3/2026"})
    head = seated(desk, office, "supervisor", "en")
    page = head.open(f"/nominations/{number}/late")
    assert "Give 12 March 2026" in text_of(page) or "Give" in text_of(page)
    refused = head.send("/late/refuse", {"reason": ""})
    assert refused.status_code == 422
    assert refused.text.count('data-wrong="reason"') == 1, "beside the field of this form alone"
    assert head.send("/late/refuse", {"reason": "The council meets on the 10th"}).status_code == 303
    assert "The council meets on the 10th" in text_of(head.follow())
    session.rollback()
    assert session.scalars(select(DateProposal.outcome)).all() == ["refused"]
    stranger = seated(desk, office, "stranger", "en")
    for page_of in ("date", "late"):
        assert stranger.open(f"/nominations/{number}/{page_of}").status_code == 404
    nominator = seated(desk, office, "nominator", "en")
    assert "Only who has this work" in text_of(nominator.open(f"/nominations/{number}/date"))


def test_programs_ask_give_and_refuse_once(interface: Interface, clock: FixedClock) -> None:
    number = submitted(interface.office, clock.now())
    path, key = f"/nominations/{number}/asked-date", {"Idempotency-Key": "date-1"}
    body = {"day": "2026-03-12", "reason": WHY}
    asked = interface.post("reviewer", path, body, headers=key)
    assert asked.json["proposed_date"]["day"] == "2026-03-12", asked.text
    assert interface.post("reviewer", path, body, headers=key).headers["Idempotency-Replayed"] == "true"
    assert interface.post("reviewer", path, body).status_code == 409
    assert interface.post("nominator", path, body).status_code == 403
    assert interface.post("stranger", path, body).status_code == 404
    assert interface.post("reviewer", path, {"day": "2026-03-14"}).status_code == 422
    [one] = interface.get("supervisor", "/inbox/asked-dates").json["items"]
    assert one["id"] == asked.json["proposed_date"]["id"]
    assert interface.get("stranger", "/inbox/asked-dates").json["items"] == []
    other = "00000000-0000-7000-8000-000000000000"
    assert interface.post("supervisor", f"{path}/give", {"proposal": other}).status_code == 409
    assert interface.post("reviewer", f"{path}/give", {"proposal": one["id"]}).status_code == 403
    assert (
        interface.post("supervisor", f"{path}/refuse", {"proposal": one["id"], "reason": ""}).status_code
        == 422
    )
    given = interface.post("supervisor", f"{path}/give", {"proposal": one["id"]})
    assert given.json["due_at"].startswith("2026-03-12"), given.text
    assert given.json["proposed_date"] is None
    assert given.json["due_explained"]["because"]["first_due_on"] == "2026-03-09"
    assert interface.post("supervisor", f"{path}/give", {"proposal": one["id"]}).status_code == 409


def test_a_unit_s_head_asks_on_the_round_s_page_and_the_office_extends_for_that_unit(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    due_on = returns_of(session, NEXT)[AG].due_on
    head = seated(desk, office, "unit_head")
    assert "Đề nghị lùi hạn" in text_of(head.open(f"/rounds/{NEXT}"))
    refused = head.send(f"/returns/{AG}/date", {"day": "1/1/2020", "reason": WHY})
    assert refused.status_code == 422
    assert WHY in refused.text
    assert head.send(f"/returns/{AG}/date", {"day": "21/4/2026", "reason": WHY}).status_code == 303
    runner = seated(desk, office, "supervisor")
    assert "đề nghị lùi hạn đến thứ Ba, ngày 21/4/2026" in text_of(runner.open("/"))
    assert WHY in text_of(runner.open(f"/rounds/{NEXT}"))
    runner.open("/")
    preview = runner.send("/extend", {})
    assert preview.status_code == 200
    confirmed = runner.send("/extend", {})
    assert confirmed.status_code == 303
    session.rollback()
    owed = returns_of(session, NEXT)
    assert owed[AG].due_on == date(2026, 4, 21)
    assert {one.due_on for code, one in owed.items() if code != AG} == {due_on}
    assert session.scalars(select(DateProposal.outcome)).all() == ["granted"]
    work = session.scalars(select(WorkItem.due_at).where(WorkItem.expected_return_id == owed[AG].id)).one()
    assert work is not None
    assert work.date() == date(2026, 4, 21)


@pytest.mark.parametrize("part", ["nominator", "other_reviewer", "stranger"])
def test_who_heads_no_unit_asks_nothing_for_it(
    interface: Interface, session: Session, clock: FixedClock, part: str
) -> None:
    opened(session, clock.now())
    body = {"day": "2026-04-21"}
    asked = interface.post(part, f"/rounds/{NEXT}/returns/{AG}/asked-date", body)
    assert asked.status_code == 403


def test_a_program_asks_for_a_unit_and_is_refused_with_a_reason(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    path = f"/rounds/{NEXT}/returns/{AG}/asked-date"
    assert interface.post("unit_head", path, {"day": "2026-07-01"}).status_code == 422, "past the upper date"
    [asked] = interface.post("unit_head", path.replace(AG, AG.lower()), {"day": "2026-04-21"}).json["items"]
    proposal = asked["proposed_date"]["id"]
    body = {"proposal": proposal, "reason": "Hội đồng họp ngày 16"}
    assert interface.post("unit_head", f"{path}/refuse", body).status_code == 403
    [told] = interface.post("supervisor", f"{path}/refuse", body).json["items"]
    assert told["proposed_date"] is None
    assert interface.post("supervisor", f"{path}/refuse", body).status_code == 409


@pytest.mark.parametrize(
    "words",
    [
        ("vi", "được nhận muộn đến thứ Năm, ngày 5/3/2026"),
        ("en", "admitted late until Thursday, 5 March 2026"),
    ],
)
def test_the_office_admits_a_unit_late_on_the_round_s_page_and_every_export_says_so(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock, words: tuple[str, str]
) -> None:
    locale, said = words
    opened(session, clock.now())
    session.execute(update(ExpectedReturn).values(due_on=date(2026, 3, 1)))
    session.commit()
    number = office.draft(clock.now(), round_code=NEXT).nomination_id
    runner = seated(desk, office, "supervisor", locale)
    runner.open(f"/rounds/{NEXT}")
    action = f"/returns/{AG}/admit-late"
    refused = runner.send(action, {"until": "5/3/2026", "reason": WHY, "basis": ""})
    assert refused.status_code == 422
    assert WHY in refused.text
    assert refused.text.count("data-wrong=") == 1
    answer = {"until": "5/3/2026", "reason": WHY, "basis": "Công văn 12/VKS-AG", "nomination": ""}
    assert runner.send(action, answer).status_code == 303
    assert said in text_of(runner.follow())
    assert said in text_of(runner.open(f"/rounds/{NEXT}/board"))
    table = runner.open(f"/rounds/{NEXT}/board.csv").get_data(as_text=True)
    assert "2026-03-05" in table
    head = seated(desk, office, "unit_head", locale)
    assert said in text_of(head.open(f"/rounds/{NEXT}")), "the unit reads it too"
    page = text_of(seated(desk, office, "nominator", locale).open(f"/nominations/{number}"))
    assert all(part in page for part in (said[0].upper() + said[1:], WHY, "Công văn 12/VKS-AG"))


def test_a_program_admits_late_and_a_stranger_does_not(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    session.execute(update(ExpectedReturn).values(due_on=date(2026, 3, 1)))
    session.commit()
    path = f"/rounds/{NEXT}/returns/{AG}/late-admission"
    body = {"until": "2026-03-05", "reason": WHY, "basis": "Công văn 12/VKS-AG"}
    for part, status in (("unit_head", 403), ("stranger", 404), ("nominator", 403)):
        assert interface.post(part, path, body).status_code == status
    [told] = interface.post("supervisor", path, body).json["items"]
    assert told["admitted_until"] == "2026-03-05"
    assert interface.post("supervisor", path, {**body, "nomination": 999999}).status_code == 404
