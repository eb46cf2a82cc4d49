"""Definition files as plain data that remembers its lines.

Only the harmless part of YAML is read: no anchors, aliases, tags, repeated keys or deep nesting, so that a
small file can neither hide a second meaning nor grow in memory.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import yaml

MAX_CHARACTERS: Final = 262_144
MAX_DEPTH: Final = 12

Place = tuple[str | int, ...]

NO_STAR: Final = "'*' is not allowed: name every step, so that a new one is never caught by accident"


@dataclass(slots=True)
class Document:
    """What a file says, where it says it, and what could not be read; lines count from 1."""

    data: object = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """Give the line of a place, or of the nearest thing around it that the file has."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_document(text: str) -> Document:
    """Read a definition file; whatever is wrong with it is in `problems`, never raised."""
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
    if not isinstance(root, yaml.MappingNode):
        document.problems.append((1, "expected a mapping with key, version, title, steps and moves"))
        return document
    document.data = _plain(root, (), document)
    return document


def meant(word: str, known: Iterable[str]) -> str:
    """Say what was probably meant by an unknown word, or what there is to choose from."""
    choices = list(known)
    close = difflib.get_close_matches(word, choices, n=1)
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
        return line, f"not YAML: {error.problem or error.context}"
    return 1, f"not YAML: {error}"


def _plain(node: yaml.Node, place: Place, document: Document) -> object:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, place, document)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, number), document) for number, item in enumerate(node.value)]
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except (yaml.YAMLError, ValueError):
        document.problems.append((node.start_mark.line + 1, f"cannot be read: '{node.value}'"))
        return str(node.value)


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
