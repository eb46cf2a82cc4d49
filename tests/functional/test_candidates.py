"""Who is put forward: where one chooses them it says what they are proposed for and what they had before."""

import re

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.importing import Desk
from tests.support.office import AG, DT, PAPER, ROUND, Office
from tests.support.pages import Browser
from tests.support.undoing import WINDOW, undoable
from workflow.clock import FixedClock
from workflow.queries.people.candidates import candidacies
from workflow.store.access import Account
from workflow.store.awards import Award, Round, RoundAward
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit
from workflow.store.submissions import Submission

NOMINATOR = "nv01@example.vn"
DUNG, CUC = "NV04", "NV03"


@pytest.fixture
def past(session: Session, office: Office, clock: FixedClock) -> None:
    """Have Dũng and the unit itself with awards of years before."""
    Desk(session, clock.now()).take(
        "history",
        "year,award,person,name,unit\n"
        + "".join(f"{year},LDTT,{DUNG},,VKSND huyện Chợ Mới\n" for year in range(2018, 2026))
        + f"2025,TTLDXS,,VKSND tỉnh An Giang,{AG}\n",
    )


def known(office: Office, clock: FixedClock, part: str = "nominator", unit: str = AG) -> dict:
    now, actor = clock.now(), office.actor(part, clock.now())
    return dict(candidacies(office.session, actor=actor, round_code=ROUND, unit_code=unit, now=now))


@pytest.mark.usefixtures("past")
def test_a_list_marks_who_is_proposed_and_shows_what_they_had(
    desk, office: Office, clock: FixedClock
) -> None:
    made = office.draft(clock.now())
    nominator: Browser = desk(NOMINATOR)
    page = nominator.open("/submissions/new").get_data(as_text=True)
    assert page.count("đã được đề nghị: 1") == 1
    assert "Chiến sĩ thi đua cơ sở (đã lập hồ sơ, chưa có trong danh sách nào;" in nominator.text
    assert f'href="/nominations/{made.nomination_id}"' in page
    assert "Chiến sĩ thi đua cơ sở : Đang lập hồ sơ" in nominator.text
    assert "2025: Lao động tiên tiến" in nominator.text
    assert "2021: Lao động tiên tiến và 3 danh hiệu, hình thức trước đó" in nominator.text
    assert "2025: Tập thể lao động xuất sắc" in nominator.text
    office.act("nominator", made.nomination_id, "withdraw", clock.now(), comment="Lập nhầm")
    assert "đã được đề nghị" not in nominator.open("/submissions/new").get_data(as_text=True)


def test_what_is_drafted_and_on_no_list_is_ticked_on_the_next_one_and_comes_on_it(
    desk, session: Session, office: Office, clock: FixedClock
) -> None:
    made = office.draft(clock.now())
    nominator: Browser = desk(NOMINATOR)
    page = nominator.open("/submissions/new").get_data(as_text=True)
    ticked = re.findall(r'name="awards-(\d+)"[^>]* value="(\w+)" checked', page)
    assert [award for _, award in ticked] == ["CSTDCS"]
    [(number, _)] = ticked
    assert nominator.send("/submissions/new").status_code == 303
    session.expire_all()
    [paper] = session.scalars(select(Submission.id)).all()
    assert session.get_one(Nomination, made.nomination_id).submission_id == paper
    again = nominator.open("/submissions/new").get_data(as_text=True)
    assert "Chiến sĩ thi đua cơ sở (đã được đề nghị)" in nominator.text
    assert (f"a-{number}-CSTDCS" in again, "checked" in again) == (True, False)


def test_forms_offer_the_awards_of_their_round_alone(
    desk, session: Session, office: Office, clock: FixedClock
) -> None:
    nominator: Browser = desk(NOMINATOR)
    assert 'value="LDTT"' in nominator.open("/submissions/new").get_data(as_text=True)
    round_id = session.scalars(select(Round.id)).one()
    covered = session.scalars(select(Award.id).where(Award.code.in_(["LDTT", "TTLDTT"])))
    session.add_all([RoundAward(round_id=round_id, award_id=award_id) for award_id in covered])
    session.commit()
    for path in ("/submissions/new", "/nominations/new"):
        page = nominator.open(path).get_data(as_text=True)
        assert set(re.findall(r'value="(LDTT|TTLDTT|CSTDCS)"', page)) == {"LDTT", "TTLDTT"}


@pytest.mark.usefixtures("past")
def test_a_draft_marks_names_in_the_choice_and_tells_of_who_was_chosen(
    desk, office: Office, clock: FixedClock
) -> None:
    office.draft(clock.now())
    nominator: Browser = desk(NOMINATOR)
    page = nominator.open("/nominations/new").get_data(as_text=True)
    assert "Đặng Quốc Dũng – Kiểm sát viên (NV04) · đã được đề nghị: 1" in page
    assert "Lý Thị Cúc – Kiểm sát viên (NV03)<" in page
    looked = nominator.send(
        "/nominations/new", {"look": "1", "person": DUNG, "proposer": "Đang gõ dở", "award": "LDTT"}
    )
    assert looked.status_code == 200
    assert "Đã biết về Đặng Quốc Dũng Đang được đề nghị trong đợt xét này" in nominator.text
    assert "2025: Lao động tiên tiến" in nominator.text
    # Nothing typed is lost, and nothing was made.
    assert 'value="Đang gõ dở"' in looked.get_data(as_text=True)
    assert '<option selected value="LDTT">' in looked.get_data(as_text=True)
    assert len(office.session.scalars(select(text("id")).select_from(text("nomination"))).all()) == 1
    # Sent twice for the same award the refusal stands beside what it speaks of.
    fields = {"person": DUNG, "award": "CSTDCS", "proposer": "y"}
    assert nominator.send("/nominations/new", fields).status_code == 409
    assert "Chiến sĩ thi đua cơ sở : Đang lập hồ sơ" in nominator.text
    # The unit itself, somebody of whom nothing is known, and nobody who could be chosen.
    nominator.send("/nominations/new", {"look": "1", "person": ""})
    assert "Đã biết về VKSND tỉnh An Giang" in nominator.text
    assert "2025: Tập thể lao động xuất sắc" in nominator.text
    nominator.send("/nominations/new", {"look": "1", "person": CUC})
    assert "Chưa được đề nghị danh hiệu, hình thức nào" in nominator.text
    for person in ("NV11", "NOBODY"):
        nominator.send("/nominations/new", {"look": "1", "person": person})
        assert "Hãy chọn đợt xét, đơn vị và người thuộc đơn vị đó." in nominator.text


@pytest.mark.usefixtures("past")
def test_who_does_not_sit_in_the_unit_is_told_nothing(office: Office, clock: FixedClock) -> None:
    office.draft(clock.now())
    assert set(known(office, clock)) == {"", "NV01", "NV02", "NV03", "NV04", "NV05"}
    assert known(office, clock)[DUNG].earlier_count == 8
    for part in ("other_nominator", "stranger", "secretary", "supervisor"):
        assert known(office, clock, part) == {}


def test_what_another_unit_prepares_for_somebody_who_came_over_is_not_told(
    session: Session, office: Office, clock: FixedClock
) -> None:
    office.draft(clock.now())
    there = select(Unit.id).where(Unit.code == DT).scalar_subquery()
    session.execute(update(Person).where(Person.code == DUNG).values(unit_id=there))
    session.commit()
    assert known(office, clock, "other_nominator", DT)[DUNG].proposed == ()
    assert DUNG not in known(office, clock)


def test_the_nominee_is_told_of_a_decision_when_nobody_can_undo_it(
    session: Session, database: Database, office: Office, clock: FixedClock
) -> None:
    now = clock.now()
    made = office.draft(now, award_code="LDTT")
    office.act("nominator", made.nomination_id, "submit", now)
    office.act("reviewer", made.nomination_id, "approve", now)
    office.act("unit_head", made.nomination_id, "approve", now, decision=PAPER)
    dung = select(Person.id).where(Person.code == DUNG).scalar_subquery()
    writes = Account.id == office.ids["nominator"]
    session.execute(update(Account).where(writes).values(person_id=dung))
    session.commit()
    with undoable(database)() as hers:
        office = Office(office.ids, hers)
        told = known(office, clock)[DUNG]
        others = known(office, clock, "reviewer")[DUNG]
    assert ([one.label for one in told.proposed], told.earlier) == ([None], ())
    assert [one.label.vi for one in others.proposed if one.label] == ["Đã có quyết định"]
    assert [one.year for one in others.earlier] == [2026]
    clock.advance(WINDOW)
    with undoable(database)() as hers:
        told = known(Office(office.ids, hers), clock)[DUNG]
    assert (told.proposed[0].label, [one.year for one in told.earlier]) == (others.proposed[0].label, [2026])


def test_of_a_unit_too_large_to_offer_whoever_is_typed_is_told_of(
    desk, office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.queries.people.candidates.MOST_PEOPLE", 1)
    office.draft(clock.now())
    assert set(known(office, clock)) == {"", "NV02"}
    nominator: Browser = desk(NOMINATOR)
    nominator.open("/nominations/new")
    nominator.send("/nominations/new", {"look": "1", "person": DUNG})
    assert "Đang được đề nghị trong đợt xét này" in nominator.text
