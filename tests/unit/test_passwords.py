"""Which new passwords are refused: short ones, everybody's, one's own; and that a sentence is not."""

import pytest

from workflow.domain.errors import InvalidField
from workflow.operations.people.passwords import demand_good

EMAIL, NAME = "an.nguyen@example.vn", "Nguyễn Văn Đăng An"


def told(password: str) -> str:
    """Return the problem of a password for Nguyễn Văn Đăng An, empty when it is taken."""
    try:
        demand_good(password, email=EMAIL, name=NAME)
    except InvalidField as refused:
        return str(refused.params["problem"])
    return ""


# Typed from the lists of the commonest leaked passwords of twelve letters and more, as they circulate
# (Have I Been Pwned, SecLists "10-million-password-list-top-10000"); not read from the library.
COMMON = [
    "123456789012",
    "1234567890123",
    "123123123123",
    "111111111111",
    "qwerty123456",
    "qwertyuiop12",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "123qweasdzxc",
    "qazwsxedcrfv",
    "passwordpassword",
    "password1234",
    "iloveyou1234",
    "motherfucker",
    "unbelievable",
    "administrator",
    "sonyericsson",
    "justinbieber",
    "leavemealone",
    "abcdefghijkl",
    "zxcvbnmasdfg",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_takes_is_refused(password):
    assert told(password) == "is_common"


@pytest.mark.parametrize(
    "password",
    ["PassWord1234", "Pässwörd1234", "MOTHERFUCKER", "1Q2W3E4R5T6Y", "pass word 1234", "ｐassword1234"],
)
def test_case_marks_blanks_and_wide_letters_make_no_other_password(password):
    assert told(password) == "is_common"


@pytest.mark.parametrize(
    "password",
    [
        EMAIL,
        EMAIL.upper(),
        "Nguyễn Văn Đăng An",
        "nguyen van dang an",
        "NguyenVanDangAn",
        "NGUYỄN VĂN ĐĂNG AN 1985",
        "an.nguyen1985!!",
        "An Nguyễn Văn Đăng",
        "An Đăng Văn Nguyễn",
        "2026-an-nguyen-",
        "an.nguyen.example.vn",
    ],
)
def test_what_says_whose_it_is_is_refused(password):
    assert told(password) == "is_own"


@pytest.mark.parametrize(
    "password",
    [
        "một mật khẩu đủ dài",
        "con trâu đi trước cái cày",
        "An thích ăn phở buổi sáng",
        "correct horse battery staple",
        "k7!Vd0-qZ2m&x",
        "4@8({[<369&#!1/|0$57%2" * 5,
    ],
)
def test_a_sentence_of_ones_own_is_taken_and_costs_no_more_than_a_moment(password):
    assert told(password) == ""


@pytest.mark.parametrize(("password", "problem"), [("ngắn quá", "too_short"), ("dài " * 33, "too_long")])
def test_the_length_is_asked_first(password, problem):
    assert told(password) == problem
