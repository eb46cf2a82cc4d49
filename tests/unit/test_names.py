"""Vietnamese names are stored one way, found without marks, and listed by given name."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.names import name_search, name_sort, title_sort


def shuffled(names: list[str]) -> list[str]:
    return random.Random(7).sample(names, len(names))


@pytest.mark.parametrize(
    ("text", "found_by"),
    [
        ("Nguyễn Văn Đức", "nguyen van duc"),
        ("  Đỗ   Thị Ước ", "do thi uoc"),
        ("VKSND tỉnh An Giang", "vksnd tinh an giang"),
        (unicodedata.normalize("NFD", "Trần Thị Hường"), "tran thi huong"),
        ("", ""),
    ],
)
def test_a_name_is_found_without_marks(text, found_by):
    assert name_search(text) == found_by


def test_names_are_listed_by_given_name_then_letters_then_tones():
    listed = [
        "Trần Thị An",
        "Lê Văn Ánh",
        "Nguyễn Ăn",
        "Lê Ân",
        "Trần Ân",
        "Lê Ẩn",
        "Lê Dung",
        "Nguyễn Dũng",
        "Đặng Đức",
        "Nguyễn Đức",
        "Phạm Thị Hoa",
        "Phạm Thị Hòa",
        "Phạm Thị Hoà Anh Hỏa",
        "Lê Ngân",
        "Lê Nghĩa",
        "Lê Uyên",
        "Lê Ước",
    ]
    assert sorted(shuffled(listed), key=name_sort) == listed


def test_tones_come_in_the_order_of_dictionaries():
    listed = ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ"]
    assert sorted(shuffled(listed), key=name_sort) == listed


def test_both_ways_of_placing_a_tone_are_one_name():
    assert name_sort("Lê Hoà") == name_sort("Lê Hòa")


def test_the_order_does_not_depend_on_how_marks_are_composed():
    name = "Nguyễn Thị Ước"
    assert name_sort(unicodedata.normalize("NFD", name)) == name_sort(name) == name_sort(name.upper())


@given(st.text())
def test_a_key_of_order_holds_digits_only(text):
    key = name_sort(text)
    assert key == "" or (key.isascii() and key.isdigit())


@given(st.text())
def test_a_key_of_search_stays_as_it_is_when_searched_for(text):
    assert name_search(name_search(text)) == name_search(text)


@pytest.mark.parametrize(
    "written",
    [
        "Nguyễn\u00a0Văn\u3000Ba",
        "Nguyễn Văn\u00ad Ba",
        "Nguyễn Văn\u200c\u200d Ba",
        "NGUYỄN VĂN ВА",
        "Ｎguyễn Văn Ba",
    ],
)
def test_a_name_is_found_however_its_blanks_and_letters_were_made(written):
    assert name_search(written) == "nguyen van ba"


def test_units_are_listed_by_letters_of_the_alphabet_and_by_whole_numbers():
    listed = [
        "Khu vực 2",
        "Khu vực 2 - An Giang",
        "Khu vực 10",
        "VKSND tỉnh An Giang",
        "VKSND tỉnh Cà Mau",
        "VKSND tỉnh Dak",
        "VKSND tỉnh Đắk Lắk",
        "VKSND tỉnh Điện Biên",
        "VKSND tỉnh Đồng Nai",
        "VKSND tỉnh Gia Lai",
        "Vụ 2",
        "Vụ 02A",
        "Vụ 16",
    ]
    assert sorted(shuffled(listed), key=title_sort) == listed


def test_codes_are_listed_with_their_numbers_as_numbers():
    listed = ["DV2", "DV10", "DV10-KV3", "DV10-KV12", "ĐV1"]
    assert sorted(shuffled(listed), key=title_sort) == listed


def test_people_whose_names_hold_numbers_are_listed_by_them():
    listed = ["Người số 2", "Người số 10"]
    assert sorted(shuffled(listed), key=name_sort) == listed
