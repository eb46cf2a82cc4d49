"""A telephone number on a page is one piece and dials itself; whoever reads is not sent to themselves."""

import re

import pytest

from api.pages.frame.telephone import telephone, with_telephone
from tests.architecture.source import ROOT
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.roles_held import is_officer

PAGES = ROOT / "api" / "pages" / "templates" / "pages"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("024 3825 5058", '<a class="nowrap" href="tel:02438255058">024 3825 5058</a>'),
        ("+84 24.3825.5058", '<a class="nowrap" href="tel:+842438255058">+84 24.3825.5058</a>'),
        ("0296 385 0001, máy lẻ 12", '<a class="nowrap" href="tel:02963850001">0296 385 0001, máy lẻ 12</a>'),
        ("tổng đài <b>", '<span class="nowrap">tổng đài &lt;b&gt;</span>'),
    ],
)
def test_a_number_is_one_piece_and_dials_itself(number: str, shown: str) -> None:
    assert str(telephone(number)) == shown


def test_a_number_longer_than_a_line_of_a_telephone_may_be_broken() -> None:
    assert "nowrap" not in telephone("0296 385 0001 hoặc 0296 385 0002, giờ hành chính")


def test_the_number_in_a_sentence_dials_and_the_rest_stays_words() -> None:
    said = with_telephone("Cần hỗ trợ: A & B, điện thoại 024 3825", "024 3825")
    assert str(said) == (
        'Cần hỗ trợ: A &amp; B, điện thoại <a class="nowrap" href="tel:0243825">024 3825</a>'
    )
    assert str(with_telephone("Liên hệ: <A>", "")) == "Liên hệ: &lt;A&gt;"


def test_no_page_shows_a_number_in_any_other_way() -> None:
    found = [
        f"{file.name}: {shown}"
        for file in PAGES.rglob("*.html")
        for shown in re.findall(r"{{[^}]*\btelephone\b[^}]*}}", file.read_text(encoding="utf-8"))
        if "| telephone" not in shown and "| with_telephone" not in shown
    ]
    assert found == []
    assert not [file for file in PAGES.rglob("*.html") if "tel:" in file.read_text(encoding="utf-8")]


def test_the_officer_of_a_unit_is_known_by_name_and_unit() -> None:
    actor = Actor(1, "Hoàng Thúy Uyên", keys=frozenset({"nominator@unit:VKS-AG"}))
    assert is_officer(actor, "Hoàng  Thúy Uyên", unit="VKS-AG")
    assert not is_officer(actor, "Hoàng Thúy Uyên", unit="VKS-A")
    assert not is_officer(actor, "Phạm Minh Thư", unit="VKS-AG")
