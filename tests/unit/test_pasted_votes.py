"""Lines copied from a sheet: whose each is, which cell is which count, and what is nobody's."""

import pytest

from api.pages.council.pasted import plain_count, read_pasted
from workflow.queries.shapes import Named, Titled, Words
from workflow.queries.votes.waiting_names import WaitingName

BASE, SECTOR = ("CSTDCS", "Chiến sĩ thi đua cơ sở"), ("CSTD_NGANH", "Chiến sĩ thi đua ngành")


def waiting(
    number: int, name: str, award: tuple[str, str] = BASE, unit: str = "VKSND tỉnh An Giang"
) -> WaitingName:
    code, title = award
    return WaitingName(
        nomination_id=number,
        version=5,
        name=name,
        award=Titled(code, Words(title, title)),
        unit=Named("VKS-AG", unit),
        submission=None,
        percent=None,
        is_held=False,
        is_asked=False,
        move="approve",
        dest="decision",
        label=Words("", ""),
        refusals=(),
    )


NAMES = [
    waiting(7, "Nguyễn Huy Tiến"),
    waiting(12, "Lê Ánh"),
    waiting(13, "Lê Ánh", SECTOR),
    waiting(99, 'Đội "Xung kích"'),
]
THREE = {"in_favour": "8", "against": "1", "blank": "0"}


@pytest.mark.parametrize(
    ("line", "number", "cells"),
    [
        ("Nguyễn Huy Tiến\t8\t1\t0", 7, THREE),
        ("  nguyễn  huy tiến \t8\t1\t0", 7, THREE),
        # As a Mac and a keyboard of another kind spell the same letters.
        ("Nguye\u0302\u0303n Huy Tie\u0302\u0301n\t8\t1\t0", 7, THREE),
        ("7\t8\t1\t0", 7, THREE),
        ("#7\t8\t1\t0", 7, THREE),
        ("1\tNguyễn Huy Tiến\tVKSND tỉnh An Giang\t8\t1\t0", 7, THREE),
        ("7\tNguyễn Huy Tiến\t8\t1\t0", 7, THREE),
        ("Nguyễn Huy Tiến\t9\t9\t8\t1\t0", 7, {"members": "9", "present": "9", **THREE}),
        ("3\tLê Ánh\tVKS-AG\tchiến sĩ thi đua ngành\t8\t1\t0", 13, THREE),
        ("Nguyễn Huy Tiến\ttám\t1\t", 7, {"in_favour": "tám", "against": "1", "blank": ""}),
        ('Đội "Xung kích"\t8\t1\t0', 99, THREE),
        ('"Đội ""Xung kích"""\t8\t1\t0', 99, THREE),
    ],
)
def test_a_line_without_titles_is_read_by_its_places(line: str, number: int, cells: dict[str, str]) -> None:
    read = read_pasted(line, NAMES)
    assert (read.cells, read.problems, read.rest) == ({number: cells}, (), "")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Lê Ánh\t8\t1\t0", "line_two_names"),
        ("Lê Anh\t8\t1\t0", "line_no_name"),
        ("8\t8\t1\t0", "line_no_file"),
        ("Nguyễn Huy Tiến\t8", "line_columns"),
        ("Nguyễn Huy Tiến", "line_columns"),
        ("8", "line_columns"),
        ("99999999999999999999999999\t8\t1\t0", "line_no_file"),
    ],
)
def test_a_line_that_is_nobodys_is_named_and_kept_as_it_was(line: str, code: str) -> None:
    read = read_pasted(f"Nguyễn Huy Tiến\t8\t1\t0\n\n{line}", NAMES)
    assert list(read.cells) == [7]
    assert [(one.number, one.code) for one in read.problems] == [(3, code)]
    assert read.rest == line


@pytest.mark.parametrize(
    ("titles", "line"),
    [
        ("Họ tên\tĐồng ý\tKhông đồng ý\tTrắng", "Nguyễn Huy Tiến\t8\t1\t0"),
        ("Không tán thành\tTán thành\tPhiếu không hợp lệ\tĐơn vị\tTên", "1\t8\t0\tAn Giang\tNguyễn Huy Tiến"),
        ("File\tFor\tAgainst\tBlank", "7\t8\t1\t0"),
        (
            "STT\tSố hồ sơ\tCá nhân, tập thể\tĐơn vị\tĐồng ý\tKhông đồng ý\tTrắng, không hợp lệ",
            "1\t7\t\tX\t8\t1\t0",
        ),
    ],
)
def test_a_title_row_says_what_stands_where(titles: str, line: str) -> None:
    read = read_pasted(f"{titles}\r\n{line}\r\n", NAMES)
    assert (read.cells, read.problems) == ({7: THREE}, ())


def test_a_title_row_stays_with_the_lines_that_it_is_needed_for() -> None:
    read = read_pasted("Họ tên\tKhông đồng ý\tĐồng ý\nNguyễn Huy Tiến\t1\t8\nAi đó\t2\t7", NAMES)
    assert read.rest == "Họ tên\tKhông đồng ý\tĐồng ý\nAi đó\t2\t7"
    again = read_pasted(read.rest.replace("Ai đó", "Nguyễn Huy Tiến"), NAMES)
    assert again.cells == {7: {"against": "2", "in_favour": "7"}}


@pytest.mark.parametrize(
    ("text", "plain"),
    [("1.234", "1234"), ("1,234", "1234"), (" 9 ", "9"), ("9\u00a0", "9"), ("９", "9"), ("1.23", "1.23")],
)
def test_numbers_are_read_as_vietnamese_sheets_group_them(text: str, plain: str) -> None:
    assert plain_count(text) == plain
