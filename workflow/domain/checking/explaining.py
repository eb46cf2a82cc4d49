"""A definition file in full: what its named ladders and defaults come to, step by step."""

from collections.abc import Iterator
from typing import Final

import yaml

from workflow.domain.checking.checking import load, read_in_full
from workflow.domain.reading import Document

# A label is never folded; no file is longer than this.
_NO_FOLDING: Final = 1_000_000


class _Dumper(yaml.SafeDumper):
    """Writes a shared ladder out under each step: definition files have no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library asks of each value
        return True


def explained(text: str, filename: str) -> str:
    """Return the file written out in full, or raise InvalidDefinition with every problem.

    The answer is a definition file itself, with the same content and hash. Comments above it say what came to
    which step from which line.
    """
    definition = load(text, filename)
    document = read_in_full(text)
    full = yaml.dump(
        document.data,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=_NO_FOLDING,
    )
    head = f"# {filename}: fine; in full (content {definition.content_hash}):"
    names = [step.name for step in definition.steps]
    return "\n".join((head, *_origins(document, names), full.rstrip()))


def _origins(document: Document, names: list[str]) -> Iterator[str]:
    for place, origin in document.origins.items():
        if place[0] == "owed":
            yield f"#   what units owe: {origin}, line {document.line(place)}"
            continue
        _, number, *rest = place
        after = " after a return" if "returned" in rest else ""
        line = document.line(place)
        yield f"#   step '{names[int(number)]}'{after}: {origin}, line {line}"
