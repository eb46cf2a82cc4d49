"""A council's result copied from a sheet: which line is whose, and which cell is which column of the grid.

Numbers are not read here: a cell that is none goes into the grid as it stands, where it is marked. A line
that cannot be given to one name is named with its number and stays where it was pasted.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from api.pages.frame.points import POINT
from workflow.domain.names import name_search
from workflow.domain.text import fold
from workflow.queries.votes.waiting_names import WaitingName

COLUMNS: Final = ("members", "present", "in_favour", "against", "blank")
"""The columns of the grid, in its order."""

_VOTES: Final = COLUMNS[2:]
_FILE, _NAME, _OTHER = "file", "name", ""
# The first that fits says what a column holds; read without marks and case.
_TITLES: Final = (
    ("against", r"khong (dong y|tan thanh)|against|\bno\b"),
    ("blank", r"trang|khong co y kien|khong hop le|blank|invalid|abst"),
    ("in_favour", r"dong y|tan thanh|in favou?r|\bfor\b|\byes\b"),
    ("present", r"co mat|du hop|thu ve|gui phieu|present|voted"),
    ("members", r"thanh vien|members|entitled"),
    (_OTHER, r"don vi|\bunit\b|danh hieu|hinh thuc|award"),
    (_FILE, r"ho so|\bma\b|\bfile\b|\bnomination|\bid\b"),
    (_NAME, r"\bten\b|\bname\b|nominee"),
)
_LEAST_TITLES: Final = 2
_LETTER: Final = re.compile(r"[^\W\d_]")
_GROUPED: Final = re.compile(r"\d{1,3}([.,]\d{3})+")
_LONGEST_SHOWN: Final = 120
_LONGEST_COUNT: Final = 40


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line that could not be given to a name: its number, what it says, and why, as a key of words."""

    number: int
    text: str
    code: str
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted: the cells of each name as they stand, what is wrong with the rest, and the rest."""

    cells: Mapping[int, Mapping[str, str]]
    problems: tuple[LineProblem, ...] = ()
    rest: str = ""


def read_pasted(text: str, names: Sequence[WaitingName]) -> Pasted:
    """Return what lines copied from a sheet say of the names that wait."""
    cells: dict[int, Mapping[str, str]] = {}
    problems: list[LineProblem] = []
    rest: list[str] = []
    finder, layout = _Finder(names), None
    for number, line in _lines(text):
        if layout is None and (titles := _titles(line)):
            layout, header = titles, "\t".join(line)
            rest.append(header)
            continue
        found = finder.find(line, layout)
        if isinstance(found, tuple) and found[0] not in cells:
            cells[found[0]] = found[1]
            continue
        code, parts = ("line_twice", {}) if isinstance(found, tuple) else (found.code, found.parts)
        shown = POINT.join(filter(None, line))[:_LONGEST_SHOWN]
        problems.append(LineProblem(number, shown, code, parts))
        rest.append("\t".join(line))
    return Pasted(cells, tuple(problems), "\n".join(rest) if problems else "")


def plain_count(text: str) -> str:
    """Return a number as programs write it: `1.234` is a thousand and more, as Vietnamese sheets group it."""
    if len(text) > _LONGEST_COUNT:
        return text
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return re.sub(r"[.,]", "", plain) if _GROUPED.fullmatch(plain) else plain


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line that is not empty, with the number of the line that it ends on."""
    rows: list[tuple[int, list[str]]] = []
    # A sheet quotes what holds a line end; a single quotation mark is one of a name.
    if text.count('"') % 2 == 0:
        with suppress(csv.Error):
            reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
            rows = [(reader.line_num, row) for row in reader]
    if not rows:
        rows = [(number, line.split("\t")) for number, line in enumerate(text.splitlines(), start=1)]
    for number, row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            yield number, cells


def _titles(line: Sequence[str]) -> list[str] | None:
    """Return what each column of a title row holds, None of a row that is none."""
    if any(plain_count(cell).isdigit() for cell in line):
        return None
    found = [_title(cell) for cell in line]
    counted = [one for one in found if one in COLUMNS]
    is_one = len(set(counted)) >= _LEAST_TITLES and {_FILE, _NAME} & set(found)
    return found if is_one and len(counted) == len(set(counted)) else None


def _title(cell: str) -> str:
    plain = name_search(cell)
    return next((what for what, shape in _TITLES if re.search(shape, plain)), _OTHER)


@dataclass(frozen=True, slots=True)
class _Nobody:
    code: str
    parts: Mapping[str, str] = field(default_factory=dict)


class _Finder:
    """Finds whose a line is: by file number, else by exactly that name as readers compare names."""

    def __init__(self, names: Sequence[WaitingName]) -> None:
        self._by_number = {str(one.nomination_id): one for one in names}
        self._by_name: dict[str, list[WaitingName]] = defaultdict(list)
        for one in names:
            self._by_name[fold(one.name)].append(one)

    def find(
        self, line: Sequence[str], layout: Sequence[str] | None
    ) -> tuple[int, Mapping[str, str]] | _Nobody:
        """Return the name's number with its cells, or why the line is nobody's."""
        read = _by_titles(line, layout) if layout else self._by_place(line)
        if read is None:
            return _Nobody("line_columns")
        number, name, others, cells = read
        found = self._whose(number, name, others)
        if isinstance(found, _Nobody):
            return found
        return found.nomination_id, cells

    def _whose(self, number: str, name: str, others: Sequence[str]) -> WaitingName | _Nobody:
        if number:
            known = self._by_number.get(plain_count(number.lstrip("#")))
            if known is None:
                return _Nobody("line_no_file", {"file": number})
            if name and fold(name) != fold(known.name):
                return _Nobody("line_other_name", {"file": number, "name": known.name})
            return known
        found = self._by_name.get(fold(name), [])
        if len(found) > 1:
            said = {fold(one) for one in others if one}
            most = max(len(said & _marks(one)) for one in found)
            found = [one for one in found if len(said & _marks(one)) == most]
        if not found:
            return _Nobody("line_no_name")
        if len(found) > 1:
            return _Nobody("line_two_names", {"files": ", ".join(str(one.nomination_id) for one in found)})
        return found[0]

    def _by_place(self, line: Sequence[str]) -> tuple[str, str, Sequence[str], Mapping[str, str]] | None:
        """Read a line without titles: whose it is, then what may stand between, then five counts or three."""
        place = next((number for number, cell in enumerate(line) if _LETTER.search(cell)), None)
        # A number before the name is the file where there is one of that name, else the line.
        number, name = "", ""
        if place is None or len(line) - place - 1 < len(_VOTES):
            number, place = line[0], 0
        else:
            name = line[place]
            before = [cell for cell in line[:place] if cell]
            known = self._by_number.get(before[-1]) if before else None
            number = before[-1] if known is not None and fold(known.name) == fold(name) else ""
        after = line[place + 1 :]
        is_whole = len(after) >= len(COLUMNS) and not _LETTER.search(after[-len(COLUMNS)])
        columns = COLUMNS if is_whole else _VOTES
        if len(after) < len(columns):
            return None
        cells = dict(zip(columns, after[-len(columns) :], strict=True))
        return number, name, after[: -len(columns)], cells


def _by_titles(
    line: Sequence[str], layout: Sequence[str]
) -> tuple[str, str, Sequence[str], Mapping[str, str]] | None:
    told = list(zip(layout, line, strict=False))
    number = next((cell for what, cell in told if what == _FILE and cell), "")
    name = next((cell for what, cell in told if what == _NAME and cell), "")
    if not number and not name:
        return None
    others = [cell for what, cell in told if what == _OTHER]
    return number, name, others, {what: cell for what, cell in told if what in COLUMNS}


def _marks(one: WaitingName) -> set[str]:
    """Return what tells two entries of one name apart on a sheet: the award and the unit, by code or name."""
    return {
        fold(text)
        for text in (one.award.code, one.award.title.vi, one.award.title.en, one.unit.code, one.unit.name)
    }
