"""Awards of earlier years from files: whose they are, asked where two fit, linked later, and back."""

import csv
import gzip
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.importing import Desk, everything
from tests.support.office import AG, DT, Office, furnish
from workflow.imports.reading.columns import ImportKind, template
from workflow.store.organisation import Person
from workflow.store.records import PastAward

NOBEL = Path(__file__).parents[3] / "shared/data/awards/nobel_nominations_1901-1964.csv.gz"
NO_AWARD = "no award has this code or name; did you mean 'Chiến sĩ thi đua cơ sở'?"
TIEN = (
    "mã cán bộ,họ và tên,đơn vị,ngày sinh\n"
    f"NV61,Nguyễn Huy Tiến,{AG},02/03/1980\n"
    f"NV62,Nguyễn Huy Tiến,{AG},1985-09-17\n"
    f"NV63,Nguyễn Huy Tiên,{DT},\n"
)


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    made = Desk(session, MONDAY)
    made.take("people", TIEN)
    return made


def kept(session: Session) -> list[tuple[object, ...]]:
    found = (
        select(PastAward.year, Person.code, PastAward.subject_name, PastAward.unit_name, PastAward.number)
        .outerjoin(Person, Person.id == PastAward.person_id)
        .order_by(PastAward.year, PastAward.subject_name, Person.code)
    )
    return [tuple(row) for row in session.execute(found)]


def test_what_was_annulled_or_listed_by_mistake_is_taken_off_the_list(session: Session, desk: Desk) -> None:
    """Whoever has it on their record counts as honoured; an import may be taken back only until the next."""
    head = "năm,danh hiệu,mã cán bộ,họ và tên,đơn vị khi đó,thu hồi\n"
    given = "2023,CSTDCS,{who},{name},VKSND huyện Chợ Mới,{revoked}\n"
    lists = [("NV04", ""), ("", "Trần Ba"), ("NV61", "")]
    desk.take("history", head + "".join(given.format(who=who, name=name, revoked="") for who, name in lists))
    desk.take("people", f"mã cán bộ,họ và tên,đơn vị\nNV70,Người Mới,{AG}\n")
    before = everything(session)
    gone = [given.format(who=who, name=name, revoked="có") for who, name in lists[:2]]
    text = head + "".join(gone) + given.format(who="NV61", name="", revoked="không")
    seen = desk.look("history", text)
    assert [(one.fields[0].field, one.fields[0].new) for one in seen.changed] == [("revoked", "yes")] * 2
    desk.take("history", text)
    assert [row[1] for row in kept(session)] == ["NV61"]
    [bad] = desk.bad("history", head + gone[0])
    assert bad.endswith("no such award is on the list of earlier years")
    desk.undo()
    assert everything(session) == before


def test_a_list_comes_in_once_and_goes_in_one_step(session: Session, desk: Desk) -> None:
    before = everything(session)
    text = (
        "năm,danh hiệu,mã cán bộ,họ và tên,đơn vị khi đó,số quyết định,ngày quyết định\n"
        "2023,Chiến sĩ thi đua cơ sở,NV04,,VKSND huyện Chợ Mới,12/QĐ-VKS,20/12/2023\n"
        f"2024,CSTDCS,,Đặng Quốc Dũng,{AG},15/QĐ-VKS,2024-12-19\n"
        f"2024,TTLDTT,,,{AG},16/QĐ-VKS,\n"
    )
    assert len(desk.look("history", text).new) == 3
    assert everything(session) == before
    done = desk.take("history", text)
    assert (len(done.new), done.notes) == (3, ())
    assert kept(session) == [
        (2023, "NV04", "Đặng Quốc Dũng", "VKSND huyện Chợ Mới", "12/QĐ-VKS"),
        (2024, None, "VKSND tỉnh An Giang", AG, "16/QĐ-VKS"),
        (2024, "NV04", "Đặng Quốc Dũng", AG, "15/QĐ-VKS"),
    ]
    again = desk.take("history", text)
    assert (again.batch_id, again.unchanged_count) == (None, 3)
    mended = desk.take("history", text.replace("12/QĐ-VKS", "13/QĐ-VKS"))
    assert [(one.name, one.fields[0].field, one.fields[0].new) for one in mended.changed] == [
        ("2023 CSTDCS Đặng Quốc Dũng", "number", "13/QĐ-VKS")
    ]
    desk.undo()
    assert kept(session)[0][-1] == "12/QĐ-VKS"


def test_an_import_of_awards_is_taken_back_whole(session: Session, desk: Desk) -> None:
    before = everything(session)
    desk.take("history", f"year,award,person,unit\n2023,CSTDCS,NV04,{AG}\n")
    desk.undo()
    assert everything(session) == before


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"Nguyễn Huy Tiến,1980-03-02,{AG}", "NV61"),
        (f"NGUYỄN HUY TIẾN,17/9/1985,{AG}", "NV62"),
        (f"Nguyễn Huy Tiên,,{AG}", "NV63"),
        (f"nguyen huy tien,,{DT}", "NV63"),
        (f"Nguyễn Huy Tiến,1999-01-01,{AG}", None),
        (f"Nguyễn Huy Tiện,,{AG}", None),
    ],
)
def test_a_name_is_somebody_by_day_of_birth_and_unit(
    session: Session, desk: Desk, row: str, code: str | None
) -> None:
    done = desk.take("history", f"year,award,name,born_on,unit\n2024,LDTT,{row}\n")
    assert [one[1] for one in kept(session)] == [code]
    assert bool(done.notes) is (code is None)


def test_what_does_not_fit_is_named_and_nothing_is_kept(session: Session, desk: Desk) -> None:
    assert desk.bad(
        "history",
        "year,award,person,name,born_on,unit\n"
        f"2024,LDTT,,Nguyễn Huy Tiến,,{AG}\n"
        f"2024,LDTT,NV6l,,,{AG}\n"
        f"2024,Chiến sĩ thi đua cở sởs,NV04,,,{AG}\n"
        f"24,LDTT,NV04,,,{AG}\n"
        f"2024,LDTT,,,,{AG}\n"
        f"2024,TTLDTT,NV04,,,{AG}\n"
        f"2024,LDTT,NV61,,1985-09-17,{AG}\n"
        f"2024,LDTT,NV04,,,{AG}\n"
        f"2024,LDTT,,Đặng Quốc Dũng,,{DT}\n",
    ) == [
        "line 2, name 'Nguyễn Huy Tiến': 2 people fit; say which by the code: NV61, NV62",
        "line 3, person 'NV6l': nobody has this code",
        f"line 4, award 'Chiến sĩ thi đua cở sởs': {NO_AWARD}",
        "line 5, year '24': must be a whole number from 1900 to 2200",
        "line 6, name: is required",
        "line 7, person 'NV04': the award is one for collectives",
        "line 8, born_on '1985-09-17': NV61 was born on 1980-03-02",
        "line 10, award 'LDTT': is there twice for this year; the first is in line 9",
    ]
    assert kept(session) == []


def test_who_was_nobody_known_is_linked_once_they_are(session: Session, desk: Desk) -> None:
    text = f"year,award,name,unit\n2022,LDTT,Lê Thị Mới,{AG}\n"
    done = desk.take("history", text)
    assert done.notes == ("Rows that name nobody known here, kept by name: 1 (Lê Thị Mới)",)
    desk.take("people", f"code,name,unit\nNV70,Lê Thị Mới,{AG}\n")
    linked = desk.take("history", text)
    assert [(f.field, f.old, f.new) for f in linked.changed[0].fields] == [("person", "", "NV70")]
    assert [one[1] for one in kept(session)] == ["NV70"]


def test_the_empty_file_names_what_can_be_filled_in() -> None:
    assert template(ImportKind.HISTORY, "vi").startswith("năm,danh hiệu,mã cán bộ,họ và tên,ngày sinh,đơn vị")


@pytest.mark.skipif(not NOBEL.exists(), reason="the real nominations lie outside the project")
def test_nine_thousand_real_nominations_are_each_persons_of_their_years(session: Session, desk: Desk) -> None:
    with gzip.open(NOBEL, "rt") as source:
        rows = list(csv.reader(source))
    nominees = sorted({nominee for _, _, nominee in rows})
    told = sorted({tuple(row) for row in rows})
    fields = sorted({field for field, _, _ in rows})
    codes = {nominee: f"N{number}" for number, nominee in enumerate(nominees)}
    desk.take(
        "awards",
        "code,vi,en,kind,workflow,valid_from\n"
        + "".join(
            f"NOBEL_{field},Giải {field},Prize {field},cá nhân,standard,1901-01-01\n" for field in fields
        ),
    )
    desk.take(
        "people",
        "code,name,unit\n"
        + "".join(
            f"{code},{' '.join(name.split('_')[1:]) or name} {code},{AG}\n" for name, code in codes.items()
        ),
    )
    desk.take(
        "history",
        "year,award,person,unit\n"
        + "".join(f"{year},NOBEL_{field},{codes[name]},Stockholm\n" for field, year, name in told),
    )
    by_person = Counter(name for _, _, name in told)
    found = dict(
        session.execute(select(Person.code, func.count()).join(PastAward).group_by(Person.code)).all()
    )
    assert len(told) == len(rows) == 9779
    assert found == {codes[name]: count for name, count in by_person.items()}
    first = next(islice(by_person, 1))
    years = session.scalars(
        select(PastAward.year).join(Person).where(Person.code == codes[first]).order_by(PastAward.year)
    )
    assert list(years) == sorted(int(year) for _, year, name in told if name == first)
    desk.undo()
    assert session.scalar(select(func.count()).select_from(PastAward)) == 0


def test_born_on_is_a_day(session: Session, desk: Desk) -> None:
    born = session.scalars(select(Person.born_on).where(Person.code.like("NV6%")).order_by(Person.code))
    assert list(born) == [date(1980, 3, 2), date(1985, 9, 17), None]
