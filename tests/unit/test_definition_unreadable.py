"""A definition file that cannot be read or holds odd things is refused where it goes wrong, plainly."""

import re

import pytest

from tests.unit.test_definition_check import SMALL, said


def test_a_part_that_cannot_be_read_does_not_hide_what_else_is_wrong_with_it():
    text = SMALL.replace("{vi: b, en: b}", "{vi: b}").replace("    due: 5 working_days\n", "")
    assert [words for _, words in said(text)] == [
        "step 'review' has a ladder but no due to count it from",
        "step 'review' is a review step without due: nobody would be reminded",
        "'en' is missing",
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the file is empty; expected a mapping"),
        ("# only words\n\n", 1, "the file is empty"),
        ("---\n", 2, "expected a mapping"),
        ("- a\n- b\n", 1, "expected a mapping"),
        ("just words", 1, "expected a mapping"),
        ("key: a\nkey: b\n", 2, "'key' is said twice; the first is in line 1"),
        ("key: &x a\ntitle: *x\n", 2, "'*x': anchors and aliases are not allowed"),
        ("key: !!python/object/apply:os.system [ls]\n", 1, "the tag 'tag:yaml.org,2002:python/object"),
        ("key: a\nsteps: [\n", 3, "not YAML"),
        ("key: a\ntitle: \x00\n", 2, "the character U+0000 is not allowed"),
        ("key: a\n\ttitle: b\n", 2, "not YAML"),
        ("key: a\n---\nkey: b\n", 2, "not YAML: a second document begins here"),
        ("? [a, b]\n: c\n", 1, "a key must be a word"),
        ("key: 2026-13-45\n", 1, "key: '2026-13-45' is not a name"),
        ("key: " + "[" * 30 + "]" * 30, 1, "nested deeper than 12 levels"),
        ("# " + "x" * 300_000, 1, "the file is longer than 262144 characters"),
        ("version: " + "9" * 5_000, 1, "version: a whole number is expected, not '9999"),
    ],
)
def test_a_file_that_is_no_definition_is_refused_where_it_goes_wrong(text, line, message):
    found = said(text)
    assert [words for at, words in found if at == line and message in words], found


# What a person cannot act on: names out of the program, or of the libraries it reads with.
_WORKSHOP = re.compile(
    r"instance of|datetime|Label\b|Rung\b|Entry\b|MappedMove|None\b|<class|\btuple\b|\bdict|input should"
    r"|pydantic|Literal|stream end|block end|\[type=|Error\b|Traceback|b'"
)
ODD = [
    "2026-01-01 10:00:00", "5", ".inf", "No", "", "[a]", "{a: b}", "1:30", "010", "'*'", "x" * 300,
]  # fmt: skip
VALUES = re.findall(r"(?<=: )(?:\[[^\]]*\]|\{[^}]*\}|[^,{}\[\]\n]+)", SMALL)


@pytest.mark.parametrize("odd", ODD)
def test_no_odd_value_anywhere_shows_the_workshop_and_every_problem_has_its_line(odd):
    for value in dict.fromkeys(VALUES):
        for at, words in said(SMALL.replace(f": {value}", f": {odd}", 1)):
            assert 1 <= at <= SMALL.count("\n")
            assert not _WORKSHOP.search(words), (value, words)


@pytest.mark.parametrize("odd", ["5", "2026-01-01", "[a]", "{a: b}", "remind me", "~"])
@pytest.mark.parametrize("place", ["steps", "moves", "roles", "reasons", "ladder", "title", "label"])
def test_an_entry_of_another_shape_is_told_what_belongs_there(place, odd):
    text = {
        "ladder": SMALL.replace("{at: due, do: remind, to: holder}", odd),
        "title": SMALL.replace('{vi: "Nhỏ", en: "Small"}', odd),
        "label": SMALL.replace("{vi: b, en: b}", odd),
    }.get(place) or SMALL.replace("roles: [clerk]\n", "") + f"{place}:\n  - {odd}\n"
    found = said(text)
    assert found
    assert not [words for _, words in found if _WORKSHOP.search(words)], found


@pytest.mark.parametrize(
    ("break_it", "line", "told"),
    [
        (("key: small", "\tkey: small"), 1, "a tab; indent with blanks"),
        (
            ("    stage: unit_review", "   stage: unit_review"),
            10,
            "does not line up with what stands above it",
        ),
        (('title: {vi: "Nhỏ"', "title: {vi: 'Nhỏ\""), 3, "not YAML"),
        (('en: "Small"}', 'en: "Small"'), 3, "a bracket '{' is not closed"),
        (("calendar: weekdays", "calendar: week: days"), 4, "a second ': ' in one line"),
        (("key: small", "key small"), 2, "not YAML"),
    ],
)
def test_broken_yaml_says_what_to_look_for(break_it, line, told):
    found = said(SMALL.replace(*break_it))
    assert [words for at, words in found if at == line and told in words], found
    assert not [words for _, words in found if _WORKSHOP.search(words)], found


def test_a_bomb_of_aliases_is_refused_before_it_grows():
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    found = said("\n".join(layers))
    assert found
    assert all("anchors and aliases are not allowed" in words for _, words in found)
