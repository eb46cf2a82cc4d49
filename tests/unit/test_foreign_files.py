"""Files that hold no rows to be read: each gets one line with the remedy, whatever its name says."""

import gzip
import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.papers import minimal_pdf, minimal_png
from tests.support.workbooks import MAIN, PEOPLE, book, packed, read, refusals, saved
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import rows_of
from workflow.imports.reading.columns import ImportKind
from workflow.imports.reading.sheet import read_sheet

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
OLD = "an old or password-protected workbook (XLS): save it as XLSX without a password"
OPEN = "application/vnd.oasis.opendocument"
STRICT = "http://purl.oclc.org/ooxml/"
TRANSITIONAL = ((MAIN, f"{STRICT}spreadsheetml/main"), (OFFICE, f"{STRICT}officeDocument/relationships"))
GOOD = book(PEOPLE, ["NV1", "An", "VKS-AG", "KSV"])


def office(part: str) -> bytes:
    """Return a file of another Office program, by the name of its main part."""
    return packed({"[Content_Types].xml": CONTENT_TYPES, part: "<x/>"})


def strict(content: bytes) -> bytes:
    """Return a workbook in the namespaces of ISO 29500 Strict, as Excel's other choice saves it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    for one, other in TRANSITIONAL:
        parts = {name: part.replace(one, other) for name, part in parts.items()}
    return packed(parts)


def locked(content: bytes) -> bytes:
    """Return the workbook with the mark of a password on each member, as a ZIP program sets it."""
    marked = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = marked.find(signature)
        while place >= 0:
            marked[place + offset] |= 1
            place = marked.find(signature, place + 4)
    return bytes(marked)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, OLD),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\0" * 50, "an old workbook (XLS); save it as XLSX"),
        (office("word/document.xml"), "a text document (DOCX)"),
        (office("ppt/presentation.xml"), "a presentation (PPTX)"),
        (office("xl/workbook.bin"), "a binary workbook (XLSB)"),
        (packed({"mimetype": f"{OPEN}.spreadsheet"}), "an OpenDocument file (ODS)"),
        (packed({"Index/Document.iwa": b"x"}), "a Numbers file"),
        (packed({"danh sách.csv": "a,b"}), "a ZIP archive; unpack it"),
        (packed({"danh sách.xlsx": GOOD}), "a ZIP archive; unpack it"),
        (packed({"readme.txt": "x"}), "no workbook that can be read"),
        (packed({}), "an empty archive"),
        (strict(GOOD), "a Strict Open XML workbook: save it as Excel Workbook (.xlsx)"),
        (locked(GOOD), "locked with a password; save it as XLSX without one"),
        (GOOD[: len(GOOD) // 2], "cut off or damaged; save it again as XLSX"),
        (GOOD.replace(b"PK\x05\x06", b"PK\x00\x00"), "cut off or damaged"),
        (b"PK\x03\x04 and then nothing", "cut off or damaged"),
        (minimal_pdf(), "a PDF"),
        (minimal_png(), "a picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture"),
        (b"{\\rtf1\\ansi x}", "a text document (RTF)"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><table><tr><td>x</table>", "a web page, whatever its name says"),
        (b'<html xmlns:x="urn:schemas-microsoft-com:office:excel">', "a web page, whatever its name says"),
        (b"MIME-Version: 1.0\r\n", "a web page, whatever its name says"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "'XML Spreadsheet 2003'"),
        (b"ID;PWXL;N;E\r\n", "a SYLK file"),
        (gzip.compress(b"a,b", mtime=0), "packed (GZIP)"),
        (b"Rar!\x1a\x07", "packed (RAR)"),
        ("code,name\nA,B\n".encode("utf-32"), "UTF-32; save it as 'CSV UTF-8'"),
        ("code,name\nA,B\n".encode("utf-16-be"), "UTF-16 without its mark; save it as 'CSV UTF-8'"),
        (bytes(range(256)) * 9, "is not UTF-8"),
        (b"", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"sep=;", "it is empty"),
        (saved(Workbook()), "it is empty"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("filename", ["list.xlsx", "list.csv", "list.xls"])
def test_one_line_says_what_it_is_and_what_helps(content: bytes, says: str, filename: str) -> None:
    [line] = refusals(content, filename=filename)
    assert says in line


def test_the_mark_that_a_spreadsheet_leaves_while_a_file_is_open_is_not_the_file() -> None:
    [line] = refusals(b"\x05Admin" + b" " * 159, filename="~$list.xlsx")
    assert "import the file without '~$' in its name" in line


def csv_of(text: str, encoding: str = "utf-8") -> list[dict[str, object]]:
    return read(text.encode(encoding), ImportKind.PEOPLE, "x.csv")


ROWS = ["mã cán bộ{0}họ và tên{0}đơn vị", "NV41{0}Nguyễn Văn An{0}VKS-AG"]


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("hint", "separator"),
    [("sep=;", ";"), ("sep=,", ","), ("SEP=\t", "\t"), ('"sep=;"', ";"), ("sep=|", "|"), ("", ";"),
     ("", "\t"), ("", ",")],
)  # fmt: skip
def test_a_first_line_that_names_the_separator_is_no_row(
    hint: str, separator: str, encoding: str, ends: str
) -> None:
    lines = [hint] * bool(hint) + [line.format(separator) for line in ROWS]
    assert csv_of(ends.join(lines) + ends, encoding) == [
        {"code": "NV41", "name": "Nguyễn Văn An", "unit": "VKS-AG"}
    ]


def test_a_line_counts_as_in_the_file_after_the_hint() -> None:
    assert refusals(b"sep=;\ncode;name;unit\n;An;AG\n", filename="x.csv") == ["line 3, code: is required"]


def test_a_title_above_does_not_hide_the_separator_and_empty_columns_do_not_count() -> None:
    text = "Danh sách, năm 2026, đợt 1;;;;\n;;;;\nmã cán bộ;;họ và tên;đơn vị;\nNV1;;An;AG;\n"
    assert csv_of(text) == [{"code": "NV1", "name": "An", "unit": "AG"}]


def test_a_separator_in_many_words_of_a_row_is_not_taken_for_columns() -> None:
    words = ", ".join(["An"] * 70)
    assert csv_of(f"mã cán bộ;họ và tên;đơn vị\nNV1;{words};AG\n")[0]["name"] == words


def test_what_a_spreadsheet_computes_from_text_is_its_value_or_named() -> None:
    assert csv_of('code,name,unit\n"=""00042""",An,AG\n="00043",Ba,AG\n')[0]["code"] == "00042"
    [line] = refusals(b"code,name,unit\n=1+1,An,AG\n", filename="x.csv")
    assert line.startswith("line 2, code '=1+1': begins with '=', which a spreadsheet computes")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("#N/A", "computed an error"), ("#REF!", "computed an error"), ("#DIV/0!", "computed an error"),
        ("########", "too narrow"), ("9.12E+08", "long number"), ("9,12345E+11", "long number"),
        ("12-Mar", "a day that"), ("12-Mar-26", "a day that"), ("Mar-12", "a day that"),
        ("12-Thg3", "a day that"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_spoilt_before_it_wrote_text_is_named(cell: str, says: str) -> None:
    [line] = refusals(f'code,name,unit\n"{cell}",An,AG\n'.encode(), filename="x.csv")
    assert line.startswith(f"line 2, code '{cell}': ")
    assert says in line


@pytest.mark.parametrize("cell", ["#1", "1E10", "NV-May", "12-TTr", "May", "12/TTr-Mar", "E+05", "TRUE"])
def test_what_only_resembles_it_is_taken(cell: str) -> None:
    assert csv_of(f'code,name,unit\n"{cell}",An,AG\n')[0]["code"] == cell


def test_a_share_is_taken_with_its_sign_and_without() -> None:
    head = ["code", "vi", "en", "kind", "workflow", "valid_from", "vote_percent"]
    rows = [["A", "A", "A", "person", "w", "01/07/2026", share] for share in (0.8, "80%", "80 %", 80)]

    def in_percent(sheet: Worksheet) -> None:
        sheet["G2"].number_format = "0%"

    problems = BadCells()
    _, read = rows_of(
        ImportKind.AWARDS, read_sheet(book(head, *rows, then=in_percent), "x", ImportKind.AWARDS), problems
    )
    assert [cells.whole("vote_percent", least=1, most=100, sign="%") for cells in read] == [80] * 4
    problems.demand_none()


def test_two_columns_of_one_name_and_cells_beyond_the_header_are_refused() -> None:
    assert refusals(b"code,name,unit,code\nA,B,C,D\n", filename="x.csv") == [
        "line 1, column 4 'code': is there twice; the first is 'code'"
    ]
    assert refusals(b"code,name,unit\nA,B,AG,D\n", filename="x.csv") == [
        "line 2, column 4 'D': no column of the header stands above it"
    ]


@pytest.mark.parametrize("encoding", ["cp1258", "cp1252", "latin-1"])
def test_another_code_page_is_named_with_its_line_and_the_remedy(encoding: str) -> None:
    text = "code,name,unit\rA,An,AG\rB,Ân,AG\r".encode(encoding)
    [line] = refusals(text, filename="x.csv")
    assert "line 3 is not UTF-8" in line
    assert line.endswith("(it may be Windows-1258 or another code page); save it as 'CSV UTF-8'")
