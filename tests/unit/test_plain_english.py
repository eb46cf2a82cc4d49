"""English as it is written elsewhere: an email, 90%, a round amended; on pages, in records and in letters."""

import re
from collections.abc import Iterator
from pathlib import Path

import workflow.messages
from workflow.words.catalogue import read_words

_LETTERS = Path(workflow.messages.__file__).parent / "templates"
# A mail server and a mail program are called so; a name of the programmer's is no word on a page.
_ODD = {
    "mail": re.compile(r"(?<![-\w.{])mails?\b(?! server| program|\.)", re.IGNORECASE),
    "mend": re.compile(r"\bmend(s|ed|ing)?\b", re.IGNORECASE),
    "a share parted from its sign": re.compile(r"[\d}] %(?!})"),
}


def _spoken() -> Iterator[tuple[str, str]]:
    for package in ("api", "workflow"):
        yield from ((f"{package}: {key}", text) for key, text in read_words(package, "en").items())
    for file in sorted(_LETTERS.rglob("*en*")):
        if file.is_file() and re.search(r"(^|\.)en\.", file.name):
            text = re.sub(r"{%.*?%}|<[^>]+>", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
            yield str(file.relative_to(_LETTERS)), re.sub(r"{{(.*?)}}", _sentences, text)


def _sentences(field: re.Match[str]) -> str:
    """Return what is said within a field of a template: text of several words."""
    return " ".join(re.findall(r'"([^"]* [^"]*)"', field[1]))


def test_english_is_spoken_as_elsewhere() -> None:
    spoken = dict(_spoken())
    assert any(place.endswith(".txt") for place in spoken), "letters are read too"
    odd = [
        f"{place}: {what}: {text[max(0, found.start() - 30) : found.end() + 20]!r}"
        for place, text in spoken.items()
        for what, pattern in _ODD.items()
        if (found := pattern.search(text))
    ]
    assert odd == []
