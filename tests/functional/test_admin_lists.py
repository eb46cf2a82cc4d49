"""Units and people listed for who runs the installation: found without marks, narrowed, paged, saved."""

import re
from collections.abc import Callable
from datetime import date
from urllib.parse import quote

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tests.functional.test_lists_as_files import rows_of, sheet_of
from tests.support.importing import Desk as Importing
from tests.support.office import AG, DT, TOP, Office
from tests.support.pages import Browser
from workflow.clock import FixedClock
from workflow.store.access import Account, Grant
from workflow.store.organisation import Unit, UnitEdition

ADMIN = "nv24@example.vn"
Sit = Callable[..., Browser]


@pytest.fixture
def admin(desk: Sit) -> Browser:
    return desk(ADMIN)


def codes(seated: Browser, address: str) -> list[str]:
    """Return the codes of the file that has the rows of the page."""
    path, _, query = address.partition("?")
    rows = rows_of(seated.open(f"{path}.csv?{query}"))
    return [row["Mã"] for row in rows]


@pytest.mark.parametrize(
    ("query", "among", "missing"),
    [
        ("q=an+giang", AG, DT),
        (f"q={quote('AN GIANG')}", AG, DT),
        (f"q={DT.lower()}", DT, AG),
        (f"parent={TOP.lower()}", AG, TOP),
        ("state=today", AG, "CU"),
        ("state=ended", "CU", AG),
        ("state=unseated", "TRONG", AG),
    ],
)
def test_units_are_found_by_name_code_parent_and_state(  # noqa: PLR0917 - what is found and what is not
    admin: Browser, session: Session, clock: FixedClock, query: str, among: str, missing: str
) -> None:
    desk = Importing(session, clock.now())
    desk.take("org", f"code,name,parent\nCU,Viện đã giải thể,{TOP}\nTRONG,Viện chưa có người,{TOP}\n")
    ended = select(Unit.id).where(Unit.code == "CU").scalar_subquery()
    old = {"valid_from": date(2020, 1, 1), "valid_to": date(2021, 1, 1)}
    session.execute(update(UnitEdition).where(UnitEdition.unit_id == ended).values(old))
    session.commit()
    found = codes(admin, f"/admin/units?{query}")
    assert among in found
    assert missing not in found
    page = admin.open(f"/admin/units?{query}").get_data(as_text=True)
    assert f'/admin/units/{among}"' in page
    assert f'/admin/units/{missing}"' not in page


def test_the_page_of_a_unit_tells_its_past_who_sits_there_and_where_it_is(
    admin: Browser, session: Session, clock: FixedClock
) -> None:
    Importing(session, clock.now()).take("org", f"code,name,parent\n{AG},VKSND tỉnh An Giang (mới),{TOP}\n")
    admin.open(f"/admin/units/{AG.lower()}")
    for words in ("VKSND tỉnh An Giang (mới)", " · đến ", "Cụm thi đua số 1", "reviewer NV02"):
        assert words in admin.text, (words, admin.text)
    assert admin.open("/admin/units/KHONG-CO").status_code == 404
    top = admin.open(f"/admin/units/{TOP}").get_data(as_text=True)
    assert f'href="/admin/units/{AG}"' in top


def test_people_are_found_by_name_unit_and_account(
    admin: Browser, session: Session, office: Office, clock: FixedClock
) -> None:
    session.execute(
        update(Account).where(Account.id == office.ids["stranger"]).values(disabled_at=clock.now())
    )
    session.commit()
    assert "NV05" in codes(admin, "/admin/people?q=huynh+tan+phat")
    assert "NV05" in codes(admin, f"/admin/people?unit={AG.lower()}&account=without")
    assert "NV01" not in codes(admin, "/admin/people?account=without")
    assert "NV01" in codes(admin, "/admin/people?account=with&q=nv01")
    assert codes(admin, "/admin/people?account=disabled") == ["NV14"]
    assert codes(admin, "/admin/people?q=khong+ai+ca") == []
    head, *rows = sheet_of(admin.open(f"/admin/people.xlsx?unit={AG}").data)
    assert (head[0], len(rows)) == ("Mã", len(codes(admin, f"/admin/people?unit={AG}")))


def test_the_page_of_somebody_leads_to_unit_account_and_history(
    admin: Browser, session: Session, office: Office
) -> None:
    row = {"account_id": office.ids["nominator"], "key": f"head@unit:{DT}", "valid_from": date(2026, 1, 1)}
    session.execute(insert(Grant), [{**row, "valid_to": date(2030, 1, 1)}])
    session.commit()
    page = admin.open("/admin/people/nv01").get_data(as_text=True)
    for address in (f"/admin/units/{AG}", f"/admin/accounts/{office.ids['nominator']}", "/people/NV01"):
        assert f'href="{address}"' in page, address
    assert "ngày 31/12/2029" in admin.text
    for address in ("/audit?kind=person&code=NV01", "/audit?actor=nv01@example.vn"):
        assert admin.open(address).status_code == 200
    assert "không có tài khoản" in (admin.open("/admin/people/NV05"), admin.text)[1]
    assert admin.open("/admin/people/KHONG-CO").status_code == 404


def test_lists_go_on_where_a_page_ended_and_no_cursor_fits_another_question(
    admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.views.admin.lists._PAGE", 2)
    for path, key in (("/admin/units", "units"), ("/admin/people", "people")):
        whole = codes(admin, path)
        seen, address, given = list[str](), path, ""
        for _ in whole:
            html = admin.open(address).get_data(as_text=True)
            seen += re.findall(rf'row-title"[^>]* href="/admin/{key}/([^"]+)"', html)
            pager = html.partition('class="pager"')[2]
            if not (following := re.search(rf'href="({path}\?cursor=([^"]+))"', pager)):
                break
            address, given = following[1], following[2]
        assert seen == whole
        assert admin.open(f"{path}?q=a&cursor={given}").status_code == 422


def test_what_cannot_be_read_is_said_and_strangers_find_no_page(admin: Browser, desk: Sit) -> None:
    for address in ("/admin/units?state=x", "/admin/people?account=x"):
        assert 'role="alert"' in admin.open(address).get_data(as_text=True)
    assert admin.open("/admin/units.csv?state=x").status_code == 422
    stranger = desk("nv01@example.vn")
    for path in ("units", "units.csv", "units.xlsx", "people", "people.csv", f"units/{AG}", "people/NV01"):
        assert stranger.open(f"/admin/{path}").status_code == 404
