"""Somebody was forgotten: a unit puts more names on its list in the browser, until the list has left."""

import re
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, DT, ROUND, Office
from tests.support.pages import Browser, form_of
from tests.support.yearly import round_and_unit
from workflow.clock import FixedClock
from workflow.domain.names import name_sort
from workflow.store.awards import Round
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn, Submission

NOMINATOR, REVIEWER = "nv01@example.vn", "nv02@example.vn"
ADD = "Thêm tên vào danh sách"


def row_of(page: str, person: str) -> str:
    [number] = re.findall(rf'name="code-(\d+)" value="{person}"', page)
    return str(number)


def composed(nominator: Browser, session: Session) -> int:
    page = nominator.open("/submissions/new").get_data(as_text=True)
    dung = row_of(page, "NV04")
    ticked = {f"awards-{dung}": "LDTT", f"achievement-{dung}": "Hoàn thành xuất sắc."}
    assert nominator.send("/submissions/new", ticked).status_code == 303
    return session.scalars(select(Submission.id)).one()


def listed(session: Session, paper: int) -> list[tuple[str, int | None]]:
    session.rollback()
    rows = session.execute(
        select(Nomination.subject_name, Nomination.submission_id)
        .where(Nomination.submission_id == paper)
        .order_by(Nomination.id)
    )
    return [(row.subject_name, row.submission_id) for row in rows]


def test_a_forgotten_name_comes_on_the_list_that_is_there(desk, session: Session) -> None:
    nominator: Browser = desk(NOMINATOR)
    paper = composed(nominator, session)
    nominator.open(f"/submissions/{paper}")
    assert ADD in nominator.text
    page = nominator.open(f"/submissions/{paper}/names").get_data(as_text=True)
    assert "Lao động tiên tiến (đã được đề nghị)" in nominator.text
    assert 'name="number"' not in page, "the paper's own words are written on its page"
    cuc = row_of(page, "NV03")
    assert nominator.send(f"/submissions/{paper}/names", {}).status_code == 422
    assert "Hãy đánh dấu ít nhất một danh hiệu" in nominator.text
    ticked = {f"awards-{cuc}": "LDTT", f"achievement-{cuc}": "Hoàn thành tốt."}
    assert nominator.send(f"/submissions/{paper}/names", ticked).status_code == 303
    nominator.follow()
    assert "Đã thêm 1 đề nghị vào danh sách." in nominator.text
    assert listed(session, paper) == [("Đặng Quốc Dũng", paper), ("Lý Thị Cúc", paper)]


def test_who_was_ticked_is_on_the_list_though_others_came_or_went_meanwhile(desk, session: Session) -> None:
    nominator: Browser = desk(NOMINATOR)
    page = nominator.open("/submissions/new").get_data(as_text=True)
    cuc, dung = row_of(page, "NV03"), row_of(page, "NV04")
    ticked = {f"awards-{one}": "LDTT" for one in (cuc, dung)} | {f"achievement-{dung}": "Xuất sắc."}
    ag = session.scalars(select(Unit.id).where(Unit.code == AG)).one()
    # Listed before everybody: by their place in the list all others would be somebody else.
    named = {"name": "An Thị An", "name_search": "an thi an", "name_sort": name_sort("An Thị An")}
    session.add(Person(code="NV00", unit_id=ag, **named))
    session.commit()
    refused = nominator.send("/submissions/new", {**ticked, "signed_on": "32/1/2026"})
    assert refused.status_code == 422
    again = refused.get_data(as_text=True)
    assert again.count('value="LDTT" checked') == 2
    assert form_of(refused, "/submissions/new")[f"achievement-{row_of(again, 'NV04')}"] == "Xuất sắc."
    elsewhere = select(Unit.id).where(Unit.code == DT).scalar_subquery()
    session.execute(update(Person).where(Person.code == "NV03").values(unit_id=elsewhere))
    session.commit()
    assert nominator.send("/submissions/new", {"signed_on": ""}).status_code == 303
    nominator.follow()
    assert "Chưa đưa được vào danh sách – NV03" in nominator.text
    assert listed(session, session.scalars(select(Submission.id)).one())[0][0] == "Đặng Quốc Dũng"


def test_who_saw_another_version_is_told_and_keeps_what_they_ticked(desk, session: Session) -> None:
    nominator: Browser = desk(NOMINATOR)
    paper = composed(nominator, session)
    page = nominator.open(f"/submissions/{paper}/names").get_data(as_text=True)
    cuc = row_of(page, "NV03")
    stale = {f"awards-{cuc}": "LDTT", "version": "7"}
    assert nominator.send(f"/submissions/{paper}/names", stale).status_code == 409
    assert nominator.page is not None
    assert f'id="a-{cuc}-LDTT" value="LDTT" checked' in nominator.page.get_data(as_text=True)
    assert nominator.send(f"/submissions/{paper}/names").status_code == 303
    assert len(listed(session, paper)) == 2


def test_a_list_that_left_takes_no_more_names_and_only_who_nominates_adds_any(
    desk, session: Session, office: Office, clock: FixedClock
) -> None:
    nominator: Browser = desk(NOMINATOR)
    paper = composed(nominator, session)
    reviewer: Browser = desk(REVIEWER)
    reviewer.open(f"/submissions/{paper}")
    assert ADD not in reviewer.text
    assert reviewer.open(f"/submissions/{paper}/names").status_code == 403
    [number] = session.scalars(select(Nomination.id)).all()
    office.act("nominator", number, "submit", clock.now())
    nominator.open(f"/submissions/{paper}")
    assert ADD in nominator.text, "it lies with the unit still"
    office.act("reviewer", number, "approve", clock.now())
    nominator.open(f"/submissions/{paper}")
    assert ADD not in nominator.text
    assert nominator.open(f"/submissions/{paper}/names").status_code == 409
    assert "Tờ trình đã gửi đi nên danh sách giữ nguyên" in nominator.text


def test_a_list_of_a_round_that_is_closed_takes_no_more_names(desk, session: Session) -> None:
    nominator: Browser = desk(NOMINATOR)
    paper = composed(nominator, session)
    session.execute(update(Round).values(closed_at=func.now()))
    session.commit()
    assert nominator.open(f"/submissions/{paper}/names").status_code == 409
    assert "Đợt xét 2026-NAM đã đóng." in nominator.text


def test_a_unit_that_is_admitted_late_drafts_in_the_browser_as_a_program_does(
    desk, session: Session, office: Office, clock: FixedClock
) -> None:
    nominator: Browser = desk(NOMINATOR)
    paper = composed(nominator, session)
    round_id, unit_id = round_and_unit(session, AG)
    today = clock.now().date()
    session.add(ExpectedReturn(round_id=round_id, unit_id=unit_id, due_on=today, admitted_until=today))
    session.execute(update(Round).values(closed_at=func.now()))
    session.commit()
    page = nominator.open(f"/submissions/{paper}/names").get_data(as_text=True)
    cuc = row_of(page, "NV03")
    ticked = {f"awards-{cuc}": "LDTT", f"achievement-{cuc}": "Hoàn thành tốt."}
    assert nominator.send(f"/submissions/{paper}/names", ticked).status_code == 303
    assert len(listed(session, paper)) == 2
    page = nominator.open(f"/submissions/new?round={ROUND}").get_data(as_text=True)
    assert row_of(page, "NV05"), "another list of the same round"
    nominator.open("/nominations/new")
    assert f'value="{ROUND}"' in nominator.page.get_data(as_text=True)


def test_a_list_of_a_unit_that_is_no_more_takes_no_more_names(desk, session: Session) -> None:
    nominator: Browser = desk(NOMINATOR)
    paper = composed(nominator, session)
    ends = update(UnitEdition).where(
        UnitEdition.unit_id == select(Unit.id).where(Unit.code == AG).scalar_subquery()
    )
    session.execute(ends.values(valid_to=date(2026, 3, 1)))
    session.commit()
    assert nominator.open(f"/submissions/{paper}/names").status_code == 409
    assert "Đơn vị VKSND tỉnh An Giang không còn hoạt động" in nominator.text
