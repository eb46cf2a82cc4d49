"""Who is called by name in a text."""

import pytest

from workflow.domain.called import Addressee, Calls, calls_in

AN = Addressee(1, "Nguyễn Văn An", "an@example.vn")
AN_ACUTE = Addressee(2, "Nguyễn Văn Án", "an2@example.vn")
TWIN = Addressee(3, "Nguyễn Văn An", "nv.an@dt.example.vn")
SHORT = Addressee(4, "Lê Bình", "binh@example.vn")
LONG = Addressee(5, "Lê Bình Minh", "minh@example.vn")
OFFICE = Addressee(6, "DV01-PT", "dv01-pt@example.vn")


@pytest.mark.parametrize(
    ("text", "people", "called"),
    [
        ("Nhờ @Nguyễn Văn An xem.", [AN, SHORT], {1}),
        ("nhờ @nguyen van an, xem giúp", [AN, SHORT], {1}),
        ("Nhờ @Nguyễn Văn Án xem", [AN, AN_ACUTE], {2}),
        ("Nhờ @Nguyễn Văn An xem", [AN, AN_ACUTE], {1}),
        ("(@Lê Bình Minh) và @Lê Bình, cảm ơn", [SHORT, LONG], {4, 5}),
        ("@Lê Bình, Minh là ai?", [SHORT, LONG], {4}),
        ("@binh@example.vn: xem", [SHORT, LONG], {4}),
        ("@BINH xem", [SHORT, LONG], {4}),
        ("@nv.an xem", [AN, TWIN], {3}),
        ("@dv01-pt xem", [OFFICE], {6}),
        ("Gửi về vanphong@example.vn lúc 8 @ 9", [AN], set()),
        ("@Nguyễn Văn An và @Nguyễn Văn An", [AN], {1}),
        ("@Nguyễn Văn\nAn", [SHORT], set()),
    ],
)
def test_a_whole_name_or_an_account_after_the_sign_is_meant(text, people, called):
    found = calls_in(text, people)
    assert found.accounts == called
    assert found.shared == ()


def test_of_two_with_one_name_the_chosen_one_is_meant_and_without_a_choice_neither():
    assert calls_in("@Nguyễn Văn An", [AN, TWIN]).shared == ("Nguyễn Văn An",)
    assert calls_in("@Nguyễn Văn An", [AN, TWIN], chosen=frozenset({3})).accounts == {3}
    assert calls_in("@nguyen van an", [AN, AN_ACUTE]).shared == ("Nguyễn Văn An",)
    assert calls_in("@Nguyễn Văn An", [AN, TWIN], chosen=frozenset({9})).accounts == frozenset()


def test_whom_nobody_is_called_is_told_as_it_was_written():
    found = calls_in("Nhờ @Trần Thị Lan xem, @ai đó", [AN])
    assert (found.accounts, found.unknown) == (frozenset(), ("Trần Thị Lan", "ai"))


def test_a_text_that_calls_thousands_of_times_is_read_at_once():
    """It took minutes, each call looking through the rest of the text and all people."""
    people = [Addressee(number, f"Nguyễn Văn {number}", f"an{number}@example.vn") for number in range(300)]
    text = "@Lê " * 4000 + "@nguyen van 7"
    assert calls_in(text, people) == Calls(accounts=frozenset({7}), unknown=("Lê",))
