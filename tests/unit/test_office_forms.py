"""Forms of an office filled in a process of their own: what is written, and what is refused and why."""

import io
import re
import zipfile
from itertools import chain

import pytest
from openpyxl import load_workbook

from tests.support.forms import LOOP, cells_in, made, part_of, sheet_form, text_form, with_part, words_in
from tests.support.patience import PATIENCE
from workflow.domain.errors import InvalidField
from workflow.domain.papers.office_forms import FIELDS, MOST_FORM_ROWS, FormFormat, FormPurpose, as_plain
from workflow.forms import filling
from workflow.forms.filling import (
    LIMITS,
    OfficeForm,
    PlainColumn,
    PlainForm,
    empty_form,
    fill_form,
)
from workflow.forms.refused import FormRefusedError
from workflow.limited import Limits

PLAIN = PlainForm(
    "DANH SÁCH",
    ["Đơn vị: {{ don_vi }}"],
    [PlainColumn("STT", "{{ dong.stt }}"), PlainColumn("Họ tên", "{{ dong.ho_ten }}")],
    "dong",
    "danh_sach",
)
EVIL = (
    "=HYPERLINK(1)",
    "+84 290",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "＝1",
    "#N/A",
    "<w:p>&{{ 7*7 }}",
    "\x0bnét",
    "a_x0041_b",
)
ROW = {"position": "KSV", "kind": "cá nhân", "award": "CSTĐ & bộ", "award_code": "C", "file_number": 7}


def data(*names: str):
    rows = [{**ROW, "number": number, "subject": name} for number, name in enumerate(names, 1)]
    words = dict.fromkeys(("unit_code", "round", "paper_number", "signed_on", "signer", "made_on"), "x")
    groups = [{"award": "CSTĐ & bộ", "count": len(rows), "rows": rows}]
    return {**words, "unit": "=An Giang <&>", "count": len(rows), "rows": rows, "groups": groups}


def filled(content: bytes, *names: str, kind: FormFormat | None = None, limits=LIMITS) -> bytes:
    kind = kind or kind_of(content)
    return fill_form(OfficeForm(FormPurpose.LIST_ANNEX, kind, PLAIN, content), data(*names), limits)


def kind_of(content: bytes) -> FormFormat:
    return FormFormat.DOCX if b"word/" in content else FormFormat.XLSX


def words_of(content: bytes) -> list[str]:
    """Return all that a file says, cell by cell or paragraph by paragraph."""
    return words_in(content) if kind_of(content) is FormFormat.DOCX else list(chain(*cells_in(content)))


def refusal(content: bytes, kind: FormFormat | None = None) -> tuple[str, str]:
    """Return why a form is refused; the work of the process, done in this one: it is the same function."""
    fields = as_plain(FIELDS[FormPurpose.LIST_ANNEX])
    order = {"kind": str(kind or kind_of(content)), "fields": fields, "is_ours": False, "data": data("A")}
    with pytest.raises(FormRefusedError) as refused:
        made(order, content)
    [reason] = filling._refused(refused.value.code, refused.value.params).reasons
    return reason.code, reason.message


def test_a_text_document_is_filled_under_either_name_of_its_fields():
    form = text_form(
        "Đơn vị {{ don_vi }} / {{ unit }}: {{ so_luong }} người", "{% if nguoi_ky %}ký{% endif %}"
    )
    assert words_in(filled(form, "Lan", "Sáu")) == [
        "Đơn vị =An Giang <&> / =An Giang <&>: 2 người", "ký",
        "1", "Lan", "CSTĐ & bộ", "2", "Sáu", "CSTĐ & bộ",
    ]  # fmt: skip


def test_a_list_is_parted_by_award_with_a_loop_in_a_loop():
    form = text_form(
        "{%p for nhom_nay in nhom %}", "{{ loop.index }}. {{ nhom_nay.danh_hieu | upper }}",
        "{%p for dong in nhom_nay.danh_sach %}", "{{ dong.ho_ten }}", "{%p endfor %}", "{%p endfor %}",
    )  # fmt: skip
    assert words_in(filled(form, "Lan"))[:2] == ["1. CSTĐ & BỘ", "Lan"]


def test_the_row_of_a_workbook_is_repeated_and_what_is_below_moves_down():
    form = sheet_form(
        ["Danh sách của {{ don_vi }}", None, None],
        ["STT", "Họ tên", "Hồ sơ"],
        ["{{ dong.stt }}", "{{ dong.ho_ten }} ({{ row.position }})", "{{ dong.so_ho_so }}"],
        ["Tổng: {{ so_luong }}", None, None],
        [None, "Người ký", None],
        merged=("A1:C1", "A4:B4"),
        heights={3: 30, 5: 44},
    )
    content = filled(form, "Lan", "Sáu", "Tám")
    rows = cells_in(content)
    assert rows[2:] == [
        ["1", "Lan (KSV)", "7"], ["2", "Sáu (KSV)", "7"], ["3", "Tám (KSV)", "7"],
        ["Tổng: 3"], ["", "Người ký"],
    ]  # fmt: skip
    sheet = load_workbook(io.BytesIO(content)).active
    assert {str(span) for span in sheet.merged_cells.ranges} == {"A1:C1", "A6:B6"}
    assert [sheet.row_dimensions[row].height for row in (3, 4, 5, 7)] == [30, 30, 30, 44]
    assert sheet["C4"].data_type == "n"


def test_a_list_of_nobody_leaves_no_field_behind():
    form = sheet_form(["{{ don_vi }}"], ["{{ dong.ho_ten }}"], ["cuối"])
    assert list(chain(*cells_in(filled(form)))) == ["=An Giang <&>", "cuối"]
    assert words_in(filled(text_form("{{ so_luong }}"))) == ["0"]


def test_what_begins_like_a_formula_is_text_in_both():
    sheet = filled(sheet_form(["{{ don_vi }}"], ["{{ dong.ho_ten }}", "a {{ dong.ho_ten }}"]), *EVIL)
    written = part_of(sheet, "xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<f[ >/]", written)
    assert set(re.findall(r'<c [^>]*t="(\w+)"', written)) == {"inlineStr"}
    clean = ["\t=1" if name == "\t=1" else name.replace("\x0b", "") for name in EVIL]
    assert [row[0].strip() for row in cells_in(sheet)[1:]] == [name.strip() for name in clean]
    # Nothing of a name is read as a field, and nothing of it becomes a part of the document.
    words = words_in(filled(text_form(), *EVIL))
    assert "<w:p>&{{ 7*7 }}" in words
    assert "49" not in words


@pytest.mark.parametrize("kind", FormFormat)
def test_the_longest_list_is_written_whole_within_the_limits(kind: FormFormat):
    names = [f"Cán bộ {number}" for number in range(MOST_FORM_ROWS)]
    content = filled(b"", *names, kind=kind, limits=Limits(wall_seconds=int(PATIENCE)))
    assert [name for name in words_of(content) if name.startswith("Cán bộ ")] == names


@pytest.mark.parametrize("kind", FormFormat)
def test_the_form_that_ships_can_be_fetched_changed_and_used(kind: FormFormat):
    empty = empty_form(OfficeForm(FormPurpose.LIST_ANNEX, kind, PLAIN))
    assert "{{ dong.ho_ten }}" in words_of(empty)
    said = words_of(filled(empty, "Lan"))
    assert ("Lan" in said, "{{" in "".join(said), "DANH SÁCH" in said) == (True, False, True)


@pytest.mark.parametrize("kind", FormFormat)
def test_a_file_in_the_form_that_ships_says_its_title_and_nothing_of_the_library(kind: FormFormat):
    made_here = fill_form(OfficeForm(FormPurpose.LIST_ANNEX, kind, PLAIN), data("Lan"), LIMITS)
    about = part_of(made_here, "docProps/core.xml").decode()
    assert re.search("<dc:title[^>]*>DANH SÁCH</dc:title>", about)
    assert not re.search(r"python-docx|openpyxl|>2013-", about)
    with zipfile.ZipFile(io.BytesIO(made_here)) as package:
        assert not [name for name in package.namelist() if "thumbnail" in name]


@pytest.mark.parametrize(
    ("form", "code", "said"),
    [
        (text_form("{{ don_vii }}"), "form_unknown", "don_vi"),
        (text_form(columns=["{{ dong.hoten }}"]), "form_unknown", "ho_ten"),
        (text_form("{{ dong.ho_ten }}"), "form_unknown", "dong"),
        (sheet_form(["{{ don_vii }}"]), "form_unknown", "(A1)"),
        (sheet_form(["a", "{{ dong.hoten }}"]), "form_unknown", "ho_ten"),
        (sheet_form(["{{ hang.ho_ten }}"]), "form_unknown", "dong"),
        (sheet_form(["{{ danh_sach }}"]), "form_unknown", "danh_sach"),
        (text_form("{{ danh_sach }}"), "form_not_allowed", "danh_sach"),
        (text_form("{{ don_vi.__class__.__mro__ }}"), "form_unknown", "__class__"),
        (text_form("{{ ''.__class__ }}"), "form_not_allowed", "Const"),
        (text_form("{{ don_vi['x'] }}"), "form_not_allowed", "Getitem"),
        (text_form("{{ range(9) }}"), "form_not_allowed", "Call"),
        (text_form("{{ 'x' * 10 }}"), "form_not_allowed", "Mul"),
        (text_form("{{ don_vi | safe }}"), "form_not_allowed", "safe"),
        (text_form("{% set x = 1 %}"), "form_not_allowed", "Assign"),
        (text_form("{% include 'x' %}"), "form_not_allowed", "Include"),
        (text_form("{% autoescape false %}{% endautoescape %}{{ don_vi }}"), "form_not_allowed", "Scope"),
        (text_form("{% for x in don_vi %}{% endfor %}"), "form_not_allowed", "for"),
        (text_form(end="{%tr endif %}"), "form_syntax", "endif"),
        (sheet_form(["{% for dong in danh_sach %}"]), "form_not_allowed", "(A1)"),
        (sheet_form(["{{ don_vi | upper }}"]), "form_not_allowed", "(A1)"),
        (sheet_form(["{{ don_vi }}", "=SUM(A1:A2)"]), "form_formula", "B1"),
        (sheet_form(['="{{ don_vi }}"']), "form_formula", "A1"),
        (sheet_form(["{{ dong.ho_ten }}"], ["{{ dong.ho_ten }}"]), "form_two_lists", "A2"),
        (sheet_form(["{{ dong.ho_ten }}", "x"], ["y", "z"], merged=("B1:B2",)), "form_merged", "B1:B2"),
        (sheet_form(*[["x"]] * 600, ["{{ don_vi }}"]), "form_wide", "500"),
        (sheet_form(["không có gì"]), "form_empty", "no field"),
        (text_form(columns=[""], loop="", end=""), "form_empty", "no field"),
        (sheet_form(["{{ }}"]), "form_not_allowed", "(A1)"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_used_says_why(form: bytes, code: str, said: str):
    assert (found := refusal(form))[0] == code, found
    assert said in found[1]


RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" '
    'Type="http://x/{}" Target="http://example.org/x" TargetMode="External"/></Relationships>'
)
BODY = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>'
    "<w:r><w:instrText>DDE</w:instrText></w:r><w:r><w:instrText>AUTO c:\\x</w:instrText></w:r>"
    "</w:p></w:body></w:document>"
)


@pytest.mark.parametrize(
    ("name", "part", "code"),
    [
        ("word/vbaProject.bin", b"x", "form_runs"),
        ("word/embeddings/oleObject1.bin", b"x", "form_runs"),
        ("word/_rels/header9.xml.rels", RELS.format("attachedTemplate").encode(), "form_outside"),
        ("word/_rels/header9.xml.rels", RELS.format("image").encode("utf-16"), "form_outside"),
        ("word/document.xml", BODY.encode(), "form_outside"),
        ("word/document.xml", BODY.encode("utf-16"), "form_outside"),
        ("word/document.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "form_unreadable"),
        ("word/document.xml", b"<w:document", "form_unreadable"),
        ("word/media/x.bin", b"\0" * (25 * 2**20), "form_large"),
    ],
)
def test_a_form_that_runs_reaches_out_or_swells_is_refused(name: str, part: bytes, code: str):
    assert refusal(with_part(text_form("{{ don_vi }}"), name, part))[0] == code


def test_an_address_to_click_on_is_no_reach():
    form = with_part(
        text_form("{{ so_luong }}"), "word/_rels/header9.xml.rels", RELS.format("hyperlink").encode()
    )
    assert words_in(filled(form, "A"))[0] == "1"


def test_what_is_no_package_is_refused():
    for content in (b"x", b"PK\x03\x04 cut off", sheet_form(["x"])[:-40]):
        assert refusal(content, kind=FormFormat.DOCX)[0] == "form_unreadable"
    assert refusal(sheet_form(["{{ don_vi }}"]), kind=FormFormat.DOCX)[0] == "form_unreadable"
    assert refusal(text_form("{{ don_vi }}"), kind=FormFormat.XLSX)[0] == "form_unreadable"
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as package:
        for number in range(600):
            package.writestr(f"word/{number}", b"")
    assert refusal(many.getvalue(), kind=FormFormat.DOCX)[0] == "form_large"


def test_a_form_that_computes_for_ever_is_ended_and_says_so():
    loops = (
        LOOP.replace("tr ", "") + "{% for a in danh_sach %}{% for b in danh_sach %}{% for c in danh_sach %}x"
    )
    form = text_form(loops + "{% endfor %}" * 4)
    names = [f"Cán bộ {number}" for number in range(2000)]
    with pytest.raises(InvalidField) as refused:
        filled(form, *names, limits=Limits(cpu_seconds=4, memory_bytes=512 * 2**20))
    assert refused.value.reasons[0].code == "form_costly"
