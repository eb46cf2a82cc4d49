"""What may be in a text: one spelling, everything seen, no letter that poses as another."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.errors import InvalidField
from workflow.domain.papers.filenames import LONGEST_NAME, clean_filename
from workflow.domain.text import BadCharacter, composed, fold, is_unseen, normalise, visible

# Default_Ignorable_Code_Point of DerivedCoreProperties (Unicode 15), typed here apart from the code, and the
# blank fillers that no property names.
IGNORABLE = [
    0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
    *range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), 0xE0001,
    *range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0), 0x2800,
]  # fmt: skip
SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"


def test_texts_are_stored_composed_and_trimmed():
    assert normalise(unicodedata.normalize("NFD", " Chiến sĩ thi đua\r\ncơ sở ")) == "Chiến sĩ thi đua\ncơ sở"


@pytest.mark.parametrize("space", SPACES)
def test_every_kind_of_space_is_a_blank_and_a_run_is_one(space):
    assert normalise(f"{space}NV{space} 21{space}", single_line=True) == "NV 21"
    assert normalise(f"Lê{space}Ba\n  lùi vào") == "Lê Ba\n  lùi vào"


@pytest.mark.parametrize("number", IGNORABLE)
def test_what_cannot_be_seen_is_refused_in_a_name_by_its_number(number):
    assert is_unseen(chr(number))
    with pytest.raises(InvalidField) as refused:
        normalise(f"NV{chr(number)}13", field="code", single_line=True)
    assert refused.value.errors[0].field == "code"
    assert f"character 3 (U+{number:04X}" in refused.value.detail


def test_the_refusal_names_the_character():
    with pytest.raises(InvalidField, match=r"U\+00AD SOFT HYPHEN"):
        normalise("NV\u00ad13", single_line=True)


@pytest.mark.parametrize("left_behind", ["\u00ad", "\u200b", "\ufeff", "\ufe0f", "\u200d", "\uf0b7"])
def test_prose_loses_what_programs_leave_in_it_and_keeps_its_words(left_behind):
    assert normalise(f"{left_behind}Hoàn{left_behind} thành\n\txuất sắc ❤") == "Hoàn thành\n\txuất sắc ❤"


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b", "\x85", "\u202e", "\u200e", "\u2028", "\ud800"])
@pytest.mark.parametrize("single_line", [True, False])
def test_controls_and_direction_marks_are_refused_everywhere_with_their_place(bad, single_line):
    with pytest.raises(InvalidField) as refused:
        normalise(f"ab{bad}cd", field="comment", single_line=single_line)
    assert refused.value.errors[0].field == "comment"
    assert f"character 3 (U+{ord(bad):04X}" in refused.value.detail


@pytest.mark.parametrize("bad", ["\n", "\t", "\r\n"])
def test_a_line_end_is_refused_where_one_line_is_asked_for(bad):
    assert normalise(f"a{bad}b") in {"a\nb", "a\tb"}
    with pytest.raises(InvalidField):
        normalise(f"a{bad}b", single_line=True)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("NВ13", "U+0412 CYRILLIC CAPITAL LETTER VE"),
        ("Nguyễn Văn Ва", "U+0412 CYRILLIC CAPITAL LETTER VE"),
        ("Нguyễn", "U+041D CYRILLIC CAPITAL LETTER EN"),
        ("VΚS-AG", "U+039A GREEK CAPITAL LETTER KAPPA"),
        ("Lê Văn Тư", "U+0422"),
    ],
)
def test_a_letter_that_poses_as_a_latin_one_is_refused(text, letter):
    with pytest.raises(InvalidField) as refused:
        normalise(text, single_line=True)
    assert letter in refused.value.detail


@pytest.mark.parametrize(
    "text",
    ["Иван Петров", "Γιώργος Παπαδόπουλος", "Ivan Иванов", "山田 Taro", "김철수", "Đặng Ðức",
     "Guðrún", "O’Neil", "НВ-21", "CO₂"],
)  # fmt: skip
def test_names_of_other_alphabets_are_taken_as_they_are(text):
    assert normalise(text, single_line=True) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NV\u00a021", "nv 21"),
        ("NV\u00ad13", "NV13"),
        ("НВ-21", "HB-21"),
        ("ΑΒΕ", "ABE"),
        ("VІ", "VI"),
        ("ＮＶ２１", "NV21"),
        ("NV\u201121", "NV-21"),
        ("NV–21", "NV-21"),
        ("Ðỗ", "Đỗ"),
        ("O’Neil", "O'Neil"),
        ("𝐍𝐕21", "NV21"),
        (unicodedata.normalize("NFD", "Trần"), "TRẦN"),
    ],
)
def test_what_looks_the_same_folds_to_the_same(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Đ1", "D1"), ("Hoa", "Hoá"), ("NV21", "NV 21"), ("Q\u00e1", "Qa")]
)
def test_what_a_reader_tells_apart_stays_apart(one, other):
    assert fold(one) != fold(other)


@given(st.text(st.characters(codec=None)))
def test_a_folded_text_stays_as_it_is(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec=None)))
def test_a_text_that_was_taken_is_taken_again_unchanged(text):
    for single_line in (True, False):
        try:
            taken = normalise(text, single_line=single_line)
        except InvalidField:
            continue
        assert normalise(taken, single_line=single_line) == taken
        taken.encode()


def test_no_character_but_the_plain_blank_is_both_taken_in_a_name_and_without_ink():
    blank = [chr(n) for n in range(sys.maxunicode + 1) if not chr(n).isprintable() and chr(n) != " "]
    taken = []
    for character in blank:
        try:
            if normalise(f"a{character}b", single_line=True) != "a b":
                taken.append(character)
        except InvalidField:
            continue
    assert taken == []


def test_the_visible_part_of_a_text_keeps_its_words_apart():
    assert visible(" a\u00a0\u200b\nb\x00\tc\ud800 ") == "a b c"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u0f73", "\u0323\u0344"])
@pytest.mark.parametrize("single_line", [True, False])
def test_marks_piled_up_on_a_letter_are_refused_before_they_are_brought_in_order(marks, single_line):
    pile = "a" + marks * 250_000
    with pytest.raises(BadCharacter) as refused:
        normalise(pile, single_line=single_line)
    assert refused.value.place == 32
    assert composed(pile) == fold(pile) == pile
    assert len(clean_filename(pile, "application/pdf")) == LONGEST_NAME


def test_a_long_text_of_many_marks_is_taken():
    words = unicodedata.normalize("NFD", "Nguyễn Đức Tuệ, kiểm sát viên. " * 500) + "สี่นี้ " * 500
    assert normalise(words) == composed(words).strip()
