"""The words on the screen: both languages say the same things, all of them, and nothing that nobody shows."""

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from string import Formatter

import pytest
import yaml

from api.catalogue import catalogue, say
from tests.architecture.source import ROOT
from tests.support.made_words import MADE
from workflow.domain.remarks import Audience
from workflow.words.catalogue import LOCALES

# English stands in the rules; test_refusal_words.py and test_paper_rules.py ask for the other language.
ENGLISH_IN_RULES = ("refusal.", "paper.name_")
FOLDERS = ("api", "workflow/words", "workflow/queries")
NO_WORDS_IN = ("api", "workflow/queries")
VIETNAMESE_LETTERS = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9áàãéèíìĩóòõúùũýÁÀÃÉÈÍÌĨÓÒÕÚÙŨÝ]")


def made():
    return {f"{base}{'' if base.endswith('_') else '.'}{end}" for base, ends in MADE.items() for end in ends}


def base_of(key):
    """Return the key a page names; of a counted text it names neither one nor several."""
    return re.sub(r"\.(one|other)$", "", key)


def words(locale):
    """Return the words of a language with those it has in common with the other."""
    return {key: text for key, text in catalogue(locale).items() if not key.startswith(ENGLISH_IN_RULES)}


def source():
    files = [path for name in FOLDERS for kind in ("*.py", "*.html") for path in (ROOT / name).rglob(kind)]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def parts(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_words():
    vietnamese, english = (set(map(base_of, words(locale))) for locale in LOCALES)
    assert vietnamese == english


def test_both_languages_fill_in_the_same_parts():
    told = [
        {base_of(key): parts(text) for key, text in words(locale).items() if not key.endswith(".one")}
        for locale in LOCALES
    ]
    assert told[0] == told[1]


def test_pages_speak_to_their_reader_in_one_way():
    """Letters say Ông/Bà; a page that said both on one screen spoke to two people."""
    files = (ROOT / "api/words/vi").glob("*.yaml")
    assert [one.name for one in files if "ông/bà" in one.read_text(encoding="utf-8").casefold()] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_share_is_written_as_one_word(locale):
    """A blank before the sign lets a line end between a number and its sign."""
    assert [key for key, text in catalogue(locale).items() if re.search(r"[\d}] %", text)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_for_whom_a_comment_is_has_one_name_on_a_button_and_beside_a_person(locale):
    for audience in Audience:
        for_whom = say(locale, f"comment.send_{audience}").partition({"vi": "Gửi ", "en": "to "}[locale])[2]
        assert for_whom
        assert for_whom in say(locale, f"comment.reads_{audience}")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("page", ["agenda", "ballot", "minutes"])
def test_a_way_to_a_page_to_print_names_it_as_its_title_does(locale, page):
    assert say(locale, f"votes.to_{page}").startswith(say(locale, f"votes.{page}"))


def test_every_word_is_shown_somewhere():
    text, built = source(), made()
    unused = [
        key
        for key in map(base_of, words("vi"))
        if key not in built and not re.search(rf'["\']{key}["\']', text)
    ]
    assert unused == []


@pytest.mark.parametrize("key", sorted(made()))
def test_every_word_put_together_exists(key):
    assert key in map(base_of, catalogue("vi"))


def test_every_word_a_page_asks_for_exists():
    asked = set(
        re.findall(
            r"""(?:\bt\(|\bsay\(\s*(?:locale|current_locale\(\)),\s*|(?:own_w|W)ords\()["']([\w.]+)["']\s*[,)]""",
            source(),
        )
    )
    known = set(map(base_of, catalogue("vi")))
    assert asked - known == set()
    assert len(asked) > 100


def test_no_key_is_written_twice():
    for package in ("api", "workflow"):
        for locale in LOCALES:
            files = sorted((ROOT / package / "words" / locale).iterdir())
            keys = [key for file in files for key in keys_of(yaml.compose(file.read_text(encoding="utf-8")))]
            assert [key for key, count in Counter(keys).items() if count > 1] == []


def keys_of(node, above=""):
    """Yield every key of a table as it stands in the file, where the same one can stand twice."""
    for name, value in node.value:
        if isinstance(value, yaml.MappingNode):
            yield from keys_of(value, f"{above}{name.value}.")
        else:
            yield f"{above}{name.value}"


def test_no_word_on_a_screen_stands_in_python():
    files = [path for folder in NO_WORDS_IN for path in (ROOT / folder).rglob("*.py")]
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in files
        for text in strings_of(ast.parse(path.read_text(encoding="utf-8")))
        if VIETNAMESE_LETTERS.search(text)
    }
    assert found == set()
    assert len(files) > 100


def strings_of(module):
    """Return every string of a module but the sentences that explain it."""
    explained = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained
    ]


def test_a_word_in_python_would_be_found():
    assert strings_of(ast.parse('"""Tờ trình."""\nNAME = f"Đơn vị {x}"')) == ["Đơn vị "]


def test_a_counted_word_tells_one_from_several():
    assert say("en", "work.total", count=1) == "1 thing to do"
    assert say("en", "work.total", count=3) == "3 things to do"
    assert say("vi", "work.total", count=1) == "1 việc"
    assert say("en", "board_text.report_count", count=1) == "There is 1 nomination."
    assert say("en", "errands.left", count=1).startswith("1 nomination was")
    assert say("en", "errands.not_whole", count="1").startswith("1 place is")


@pytest.mark.parametrize(
    "word", ["work item", "visit", "rung", "SLA", "p85", "WIP", "sojourn", "chứng cứ", "phê duyệt"]
)
def test_no_word_of_the_machine_room_reaches_the_screen(word):
    said = [text for locale in LOCALES for text in catalogue(locale).values()]
    assert [text for text in said if re.search(rf"\b{word}s?\b", text, re.IGNORECASE)] == []


def test_without_libyaml_the_words_are_the_same():
    """PyYAML from source has none where its headers were missing, and says so by a name that is not there."""
    code = (
        "import json, sys; sys.modules['yaml._yaml'] = None\n"
        "import yaml; assert not yaml.__with_libyaml__\n"
        "from api.catalogue import catalogue; print(json.dumps(catalogue('vi')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == catalogue("vi")
