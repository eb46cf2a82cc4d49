"""How the cells of a workbook are shown: the number format and the font of each style."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workflow.imports.reading.workbook.number_format import BUILT_IN, GENERAL
from workflow.imports.reading.workbook.package import Package

# Fonts that show other letters than are stored: TCVN3 and VNI of the years before Unicode, and pictures.
_LEGACY: Final = (".vn", "vni-", "vnhelvetica", "vntime")
_PICTURES: Final = ("wingdings", "webdings", "symbol")
_UNKNOWN: Final = "[?]"


@dataclass(slots=True)
class Styles:
    """The formats and fonts by number of style; a style that is not there shows what is stored."""

    formats: dict[int, str] = field(default_factory=dict)
    fonts: list[str] = field(default_factory=list)
    cells: list[tuple[int, int]] = field(default_factory=list)

    def format_of(self, style: int) -> str:
        """Return the code of a style's number format."""
        number = self.cells[style][0] if style < len(self.cells) else 0
        return self.formats.get(number) or BUILT_IN.get(number, _UNKNOWN)

    def font_of(self, style: int) -> str:
        """Return the name of a style's font."""
        place = self.cells[style][1] if style < len(self.cells) else -1
        return self.fonts[place] if 0 <= place < len(self.fonts) else ""


def read_styles(package: Package, name: str) -> Styles:
    """Read the part about styles; its other styles (of tables, of conditions) show no cell."""
    styles, path = Styles(), []

    def begin(tag: str, given: Mapping[str, str]) -> None:
        path.append(tag)
        parent = path[-2] if len(path) > 1 else ""
        if tag == "numFmt" and parent == "numFmts":
            styles.formats[_number(given, "numFmtId")] = given.get("formatCode", GENERAL)
        elif tag == "font" and parent == "fonts":
            styles.fonts.append("")
        elif tag == "name" and path[-3:-1] == ["fonts", "font"]:
            styles.fonts[-1] = given.get("val", "")
        elif tag == "xf" and parent == "cellXfs":
            styles.cells.append((_number(given, "numFmtId"), _number(given, "fontId")))

    def end(_tag: str) -> None:
        path.pop()

    if name:
        package.walk(name, begin, end)
    return styles


def shows_other_letters(words: str, font: str) -> bool:
    """Tell whether a font shows other letters than are stored."""
    lower = font.lower()
    return lower.startswith(_PICTURES) or (lower.startswith(_LEGACY) and not words.isascii())


def _number(given: Mapping[str, str], name: str) -> int:
    value = given.get(name, "0")
    return int(value) if value.isascii() and value.isdigit() else 0
