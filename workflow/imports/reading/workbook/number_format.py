"""What a number format shows (ECMA-376 part 1, 18.8.30 and 18.8.31), where that is certain.

What depends on the computer (the sign of the decimal, of thousands, fractions, exponents) is not guessed:
such a number is trouble where its text is wanted, and still a number where a number is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Final

GENERAL: Final = "General"
_BUILT_IN_GROUPS: Final = (
    (
        0,
        GENERAL,
        "0",
        "0.00",
        "#,##0",
        "#,##0.00",
        '"$"#,##0',
        '"$"#,##0',
        '"$"#,##0.00',
        '"$"#,##0.00',
        "0%",
    ),
    (10, "0.00%", "0.00E+00", "# ?/?", "# ??/??", "d/m/yyyy", "d-mmm-yy", "d-mmm", "mmm-yy", "h:mm AM/PM"),
    (19, "h:mm:ss AM/PM", "h:mm", "h:mm:ss", "d/m/yyyy h:mm"),
    (37, *2 * ("#,##0_);(#,##0)",), *2 * ("#,##0.00_);(#,##0.00)",), *2 * ("#,##0",), *2 * ("#,##0.00",)),
    (45, "mm:ss", "[h]:mm:ss", "mm:ss.0", "##0.0E+0", "@"),
)
BUILT_IN: Final[Mapping[int, str]] = {
    int(first) + place: str(code) for first, *codes in _BUILT_IN_GROUPS for place, code in enumerate(codes)
}
"""The formats that a file names by number alone; 27 to 36 and 50 on differ from country to country."""

_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<wide>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<exponent>[Ee][+-])|(?P<half>AM/PM|A/P)|(?P<date>[yYmMdDhHsSbBeEgG]+)"
    r"|(?P<digit>[0#?])|(?P<sign>[.,%/@])|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_PLAIN: Final = frozenset(" $-+():!^&'~{}<>=\u00a0\u202f\u20ab\u20ac\u00a3\u00a5")
_COLOURS: Final = re.compile(r"(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)", re.IGNORECASE)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_ELAPSED: Final = re.compile(r"h+|m+|s+", re.IGNORECASE)
# A spreadsheet keeps 15 digits, and shows 11 of a number without a format.
_KEPT: Final = Context(prec=15)
_MOST_KEPT: Final = Decimal(10) ** 15
_MOST_GENERAL: Final = Decimal(10) ** 11
_GROUP: Final = 3
_TEXT_SECTION: Final = 4

UNCERTAIN: Final = "a number whose decimals or thousands are shown otherwise on other computers"
TOO_LONG: Final = "a number of too many digits, which is not shown in full"
HIDDEN: Final = "its number format does not show it"
UNKNOWN: Final = "a number format that is not known here"


class TroubleError(Exception):
    """What is shown is not certain; the one argument says why."""


@dataclass(frozen=True, slots=True)
class Section:
    """One of the up to four parts of a format: its pieces in order, and the condition it is for."""

    pieces: tuple[tuple[str, str], ...]
    condition: tuple[str, Decimal] | None = None

    def has(self, *kinds: str) -> bool:
        """Tell whether a piece of one of these kinds is in it."""
        return any(kind in kinds for kind, _ in self.pieces)

    @property
    def letters(self) -> str:
        """Give the letters that stand for parts of a date, in lower case, runs set apart."""
        return " ".join(value.lower() for kind, value in self.pieces if kind == "date")


@lru_cache(maxsize=1000)
def sections_of(code: str) -> tuple[Section, ...]:
    """Split a format into its sections. Raises `TroubleError` for what is not known."""
    sections: list[Section] = []
    pieces: list[tuple[str, str]] = []
    condition = None
    for found in _TOKEN.finditer(code or GENERAL):
        kind, value = str(found.lastgroup), str(found[str(found.lastgroup)])
        if kind == "other" and value == ";":
            sections.append(Section(tuple(pieces), condition))
            pieces, condition = [], None
        elif kind == "bracket":
            if limit := _CONDITION.fullmatch(value):
                condition = (limit[1], Decimal(limit[2]))
            else:
                pieces += _bracket(value)
        else:
            pieces.append(_piece(kind, value))
    return (*sections, Section(tuple(pieces), condition))


def section_for(value: Decimal, code: str) -> tuple[Section, bool]:
    """Return the section that shows a number, and whether it shows a minus of its own accord."""
    sections = [section for section in sections_of(code)[:_TEXT_SECTION] if not section.has("@")]
    if not sections:
        return Section((("general", ""),)), True
    if any(section.condition for section in sections):
        return _conditional(value, sections), value < 0
    if len(sections) == 1 or value > 0 or (value == 0 and len(sections) == 2):  # noqa: PLR2004 - as the standard
        return sections[0], True
    return (sections[1], False) if value < 0 else (sections[2], False)


def number_text(value: Decimal, section: Section, *, is_signed: bool) -> str:
    """Return what a section shows of a number that is no date.

    Raises `TroubleError` where that is not certain.
    """
    if not section.pieces:
        raise TroubleError(HIDDEN)
    if section.has("general"):
        return _joined(section, general_text(value if is_signed else abs(value)))
    if section.has("exponent", "/", "."):
        raise TroubleError(UNCERTAIN)
    scaled = exact(value, section)
    if abs(scaled) >= _MOST_KEPT:
        raise TroubleError(TOO_LONG)
    whole = scaled.quantize(Decimal(1), ROUND_HALF_UP)
    if value < 0 and not whole:
        # Some programs show a minus before the zero.
        raise TroubleError(UNCERTAIN)
    places = [number for number, (kind, _) in enumerate(section.pieces) if kind == "digit"]
    if not places:
        return _joined(section, "")
    filled = _fill(str(abs(whole)) if whole else "", [section.pieces[place][1] for place in places])
    if _has_thousands(section, places) and sum(map(len, filled)) > _GROUP:
        raise TroubleError(UNCERTAIN)
    digits = dict(zip(places, filled, strict=True))
    shown = "".join(digits.get(number, "%" if kind == "%" else _literal(kind, value))
                    for number, (kind, value) in enumerate(section.pieces))  # fmt: skip
    return f"-{shown}" if is_signed and whole < 0 else shown


def exact(value: Decimal, section: Section) -> Decimal:
    """Return the number that a section shows before it is rounded: in hundredths, in thousands."""
    places = [number for number, (kind, _) in enumerate(section.pieces) if kind == "digit"]
    scaled: Decimal = value * 100 ** sum(kind == "%" for kind, _ in section.pieces)
    after = section.pieces[places[-1] + 1 :] if places else ()
    for kind, _ in after:
        if kind != ",":
            break
        scaled /= 1000
    return scaled


def general_text(value: Decimal) -> str:
    """Return what a cell without a format shows of a number."""
    value = _KEPT.create_decimal(value)
    if value != value.to_integral_value():
        raise TroubleError(UNCERTAIN)
    if abs(value) >= _MOST_GENERAL:
        raise TroubleError(TOO_LONG)
    return str(int(value))


def words_text(words: str, code: str) -> str:
    """Return what a format shows of text. Raises `TroubleError` where it shows nothing of it."""
    sections = sections_of(code)
    if len(sections) < _TEXT_SECTION and not sections[-1].has("@"):
        return words
    section = sections[-1]
    if not section.has("@", "general"):
        raise TroubleError(HIDDEN)
    return "".join(
        words if kind in {"@", "general"} else _literal(kind, value) for kind, value in section.pieces
    )


def _piece(kind: str, value: str) -> tuple[str, str]:
    if kind in {"quoted", "escaped"} or (kind == "other" and (value in _PLAIN or not value.isascii())):
        return "literal", value
    if kind == "wide" or (kind == "fill" and value == " "):
        return "literal", " "
    if kind == "sign":
        return value, value
    if kind in {"general", "exponent", "digit", "date"}:
        return kind, value
    if kind == "half":
        return "date", ""
    raise TroubleError(UNKNOWN)


def _bracket(value: str) -> list[tuple[str, str]]:
    if value.startswith("$"):
        # A currency or a language: [$\u20ab-42A] shows the sign, [$-42A] nothing.
        sign = value[1:].partition("-")[0]
        return [("literal", sign)] if sign else []
    if _ELAPSED.fullmatch(value):
        return [("date", value[0])]
    if _COLOURS.fullmatch(value):
        return []
    raise TroubleError(UNKNOWN)


def _conditional(value: Decimal, sections: list[Section]) -> Section:
    tests = {"<": value.__lt__, "<=": value.__le__, ">": value.__gt__, ">=": value.__ge__, "=": value.__eq__,
             "<>": value.__ne__}  # fmt: skip
    for section in sections:
        if section.condition is None or tests[section.condition[0]](section.condition[1]):
            if value < 0:
                break
            return section
    raise TroubleError(UNCERTAIN)


def _joined(section: Section, shown: str) -> str:
    """Return the literals of a section with the number in place of its first piece for one."""
    return "".join(shown if kind == "general" else _literal(kind, value) for kind, value in section.pieces)


def _literal(kind: str, value: str) -> str:
    return value if kind == "literal" else ""


def _fill(digits: str, signs: list[str]) -> list[str]:
    """Give each placeholder its digit from the right; the first one takes what is left over."""
    missing = len(signs) - len(digits)
    blanks = {"0": "0", "#": "", "?": " "}
    if missing >= 0:
        return [blanks[sign] for sign in signs[:missing]] + list(digits)
    return [digits[: 1 - missing], *digits[1 - missing :]]


def _has_thousands(section: Section, places: list[int]) -> bool:
    return any(kind == "," for kind, _ in section.pieces[places[0] : places[-1]])
