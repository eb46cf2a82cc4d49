"""Definition files as plain data that remembers its lines.

Only the harmless part of YAML is read: no anchors, aliases, tags, repeated keys or deep nesting, so that a
small file can neither hide a second meaning nor grow in memory.
"""

import codecs
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import yaml

MAX_CHARACTERS: Final = 262_144
MAX_DEPTH: Final = 12

Place = tuple[str | int, ...]

DEFINITION: Final = "a mapping with key, version, title, steps and moves"

# A word of YAML that means something else than itself; all others are taken as they are written, so that
# neither 2026-01-01 becomes a date nor 1:30 ninety.
_NULL, _BOOL, _INT = (f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int"))
_DECIMAL: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_TRUE: Final = frozenset({"true", "yes", "on"})

# What the parser says, and what a person should look for.
_REMEDIES: Final[Mapping[str, str]] = {
    "mapping values are not allowed here": "a second ': ' in one line; put words that hold one in quotes",
    "found character '\\t' that cannot start any token": "a tab; indent with blanks",
    "expected <block end>, but found": "this does not line up with what stands above it",
    "found unexpected end of stream": "a quotation mark is not closed",
    "expected ',' or '}'": "a bracket '{' is not closed, or a comma is missing",
    "expected ',' or ']'": "a bracket '[' is not closed, or a comma is missing",
    "expected the node content, but found '<stream end>'": "a bracket is not closed",
    "could not find expected ':'": "a ':' is missing after a word",
    "but found another document": "a second document begins here; a file holds one",
    "found unknown escape character": "a '\\' in double quotation marks; use single ones",
}

NO_STAR: Final = "'*' is not allowed: name every step, so that a new one is never caught by accident"


@dataclass(slots=True)
class Document:
    """What a file says, where and in which spelling, and what could not be read; lines count from 1.

    `origins` names, for a place that the file says in short, what stands there in full.
    """

    data: object = None
    lines: dict[Place, int] = field(default_factory=dict)
    scalars: dict[Place, str] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    origins: dict[Place, str] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        """Give the line of a place, or of the nearest thing around it that the file has."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class NotText(ValueError):  # noqa: N818 - said of the file, not of the program
    """The bytes of a file are no UTF-8; `line` is where that shows first."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def decoded(content: bytes) -> str:
    """Return a file's text without the mark some editors put first, or raise `NotText` with the remedy."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotText(1, "is UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8: the byte 0x{content[error.start]:02X} cannot be read; save it as UTF-8"
        raise NotText(line, message) from error


def read_document(text: str, expected: str = DEFINITION) -> Document:
    """Read a file of `expected` (in words); whatever is wrong with it is in `problems`, never raised."""
    document = Document()
    if len(text) > MAX_CHARACTERS:
        document.problems.append((1, f"the file is longer than {MAX_CHARACTERS} characters"))
        return document
    try:
        document.problems.extend(_forbidden_marks(text))
        if document.problems:
            return document
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        document.problems.append(_unreadable(error, text))
        return document
    if root is None:
        document.problems.append((1, f"the file is empty; expected {expected}"))
        return document
    if not isinstance(root, yaml.MappingNode):
        document.problems.append((root.start_mark.line + 1, f"expected {expected}"))
        return document
    document.data = _plain(root, (), document)
    return document


def meant(word: str, known: Iterable[str]) -> str:
    """Say what was probably meant by an unknown word, or what there is to choose from."""
    choices = list(known)
    if not choices:
        return ""
    # `unit` is nearer to `subject.unit` than to `council`, whatever its letters say.
    holding = [choice for choice in choices if word in re.split(r"[._-]", choice)]
    close = holding if len(holding) == 1 else difflib.get_close_matches(word, choices, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(choices)}"


def _forbidden_marks(text: str) -> list[tuple[int, str]]:
    """Look at the stream of events first: it is never expanded, however often an alias repeats."""
    problems: list[tuple[int, str]] = []
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            if depth == MAX_DEPTH + 1:
                return [*problems, (line, f"nested deeper than {MAX_DEPTH} levels")]
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.events.NodeEvent) and event.anchor is not None:
            mark = "*" if isinstance(event, yaml.events.AliasEvent) else "&"
            problems.append((line, f"'{mark}{event.anchor}': anchors and aliases are not allowed, repeat it"))
        tag = getattr(event, "tag", None)
        if tag is not None:
            problems.append((line, f"the tag '{tag}' is not allowed"))
    return problems


def _unreadable(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return line, f"the character U+{int(error.character):04X} is not allowed"
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if error.context == "while scanning an alias":
            return line, NO_STAR
        said = str(error.problem or error.context)
        if remedy := next((words for begin, words in _REMEDIES.items() if said.startswith(begin)), None):
            # What is never closed is found at the end of the file, and mended where it begins.
            opens = error.context_mark if "not closed" in remedy else None
            return opens.line + 1 if opens else line, f"not YAML: {remedy}"
        return line, f"not YAML: {said.replace('<', '').replace('>', '')}"
    return 1, "not YAML"


def _plain(node: yaml.Node, place: Place, document: Document) -> object:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, place, document)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, number), document) for number, item in enumerate(node.value)]
    document.scalars[place] = str(node.value)
    return _scalar(node.tag, str(node.value))


def _scalar(tag: str, written: str) -> object:
    if tag == _NULL:
        return None
    if tag == _BOOL:
        return written.lower() in _TRUE
    return int(written) if tag == _INT and _DECIMAL.fullmatch(written) else written


def _plain_mapping(node: yaml.MappingNode, place: Place, document: Document) -> dict[str, object]:
    plain: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            document.problems.append((line, "a key must be a word"))
            continue
        # The text as written: YAML would read the keys on, yes and no as true and false.
        key = key_node.value
        if key in plain:
            first = document.lines[*place, key]
            document.problems.append((line, f"'{key}' is said twice; the first is in line {first}"))
            continue
        document.lines[*place, key] = line
        plain[key] = _plain(value_node, (*place, key), document)
    return plain
