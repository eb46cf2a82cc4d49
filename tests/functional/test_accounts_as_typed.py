"""What is typed about an account is read as on every other form: a bad character named, a day no number."""

import pytest

from tests.support.office import Office
from tests.support.pages import Browser


@pytest.fixture
def admin(desk) -> Browser:
    seated: Browser = desk("nv24@example.vn")
    return seated


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("name", "Ng\u200buyễn An", "Ký tự thứ 3 (U+200B ZERO WIDTH SPACE)"),
        ("name", "\u202eNguyễn An", "Ký tự thứ 1 (U+202E RIGHT-TO-LEFT OVERRIDE)"),
        ("name", "Nguyễn \u0410n", "Ký tự thứ 8 (U+0410 CYRILLIC CAPITAL LETTER A)"),
        ("person", "NV\u200b04", "Ký tự thứ 3 (U+200B ZERO WIDTH SPACE)"),
        ("name", "   ", "Cần điền mục này."),
    ],
)
def test_a_character_that_nobody_sees_is_named_with_its_place(
    admin: Browser, name: str, typed: str, said: str
) -> None:
    admin.open("/admin/accounts/new")
    new = {"name": "Lê Chi", "email": "chi@example.vn", name: typed}
    assert admin.send("/admin/accounts/new", new).status_code == 422
    assert said in admin.text


def test_a_role_begins_on_a_day_and_not_at_so_many_seconds(admin: Browser, office: Office) -> None:
    page = f"/admin/accounts/{office.ids['nominator']}"
    for typed in ("0", "1798761600"):
        admin.open(page)
        given = {"role": "nominator", "place": "unit:VKS-DT", "since": typed}
        assert admin.send("/roles", given).status_code == 422, typed
