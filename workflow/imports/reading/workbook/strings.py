"""The texts of cells: runs joined, readings left out, escapes resolved (ECMA-376 part 1, 22.9.2.19)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workflow.imports.reading.workbook.package import NoWorkbookError, Package

MOST_CELLS: Final = 300_000
# What a cell can hold in any spreadsheet program.
_LONGEST: Final = 32_767
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(slots=True)
class RichText:
    """The text of a cell and the fonts that some of its runs have."""

    text: str = ""
    fonts: tuple[str, ...] = ()


@dataclass(slots=True)
class Collector:
    """Takes the elements of one text (`si` or `is`) and gives its words."""

    parts: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)
    is_in_text: bool = False
    readings: int = 0

    def begin(self, tag: str, given: Mapping[str, str]) -> None:
        """Note the beginning of an element inside the text."""
        self.readings += tag == "rPh"
        self.is_in_text = tag == "t" and not self.readings
        if tag == "rFont":
            self.fonts.append(given.get("val", ""))

    def end(self, tag: str) -> None:
        """Note the end of an element inside the text."""
        self.readings -= tag == "rPh"
        self.is_in_text = False

    def characters(self, text: str) -> None:
        """Note characters; those between the elements are the writer's own lay-out."""
        if self.is_in_text:
            self.parts.append(text)

    def words(self) -> RichText:
        """Return what was taken and begin anew."""
        found = RichText(unescaped("".join(self.parts)), tuple(self.fonts))
        self.parts.clear()
        self.fonts.clear()
        return found


def read_strings(package: Package, name: str) -> list[RichText]:
    """Read the texts that cells share, in their order."""
    found: list[RichText] = []
    collector = Collector()

    def end(tag: str) -> None:
        collector.end(tag)
        if tag == "si":
            found.append(collector.words())

    if name:
        package.walk(
            name, collector.begin, end, collector.characters, most=MOST_CELLS, counted=frozenset({"si", "r"})
        )
    return found


def unescaped(text: str) -> str:
    """Return a text with `_x000D_` and its like as the characters they stand for."""
    if len(text) > 8 * _LONGEST:
        raise NoWorkbookError(
            f"a cell holds more than {_LONGEST} characters, which no spreadsheet program shows"
        )
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    # Two escapes may be the halves of one character.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
