"""The columns of each kind of file, in English and Vietnamese, and how a header names them.

Case, marks, underscores and double blanks do not count in a header: `Mã đơn vị`, `MA DON VI` and `ma_don_vi`
are one column.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from workflow.domain.names import name_search
from workflow.domain.reading import meant
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.rows import Row


class ImportKind(StrEnum):
    """What the rows of a file are."""

    ORG = "org"
    PEOPLE = "people"
    ACCOUNTS = "accounts"
    CLUSTERS = "clusters"
    AWARDS = "awards"
    CALENDAR = "calendar"
    HOURS = "hours"
    HISTORY = "history"
    FACTS = "facts"
    SUBMISSION = "submission"


OF_THE_CALENDAR: Final = frozenset({ImportKind.CALENDAR, ImportKind.HOURS})
"""What changes how time is counted."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its name in Vietnamese, what else people write. `longest` counts characters."""

    name: str
    vi: str
    others: tuple[str, ...] = ()
    is_required: bool = False
    longest: int = 300
    has_lines: bool = False
    is_read: bool = True


def _needed(name: str, vi: str, *others: str) -> Column:
    return Column(name, vi, others, is_required=True)


def _open(name: str, vi: str, *others: str) -> Column:
    return Column(name, vi, others)


_UNIT: Final = ("đơn vị", "mã đơn vị", "tên đơn vị", "unit code", "unit name")
COLUMNS: Final[Mapping[ImportKind, tuple[Column, ...]]] = {
    ImportKind.ORG: (
        _needed("code", "mã đơn vị", "mã", "unit code"),
        _needed("name", "tên đơn vị", "tên", "đơn vị", "unit name"),
        _open("parent", "đơn vị cấp trên", "cấp trên", "trực thuộc", "parent code"),
        _open(
            "officer",
            "cán bộ đầu mối",
            "đầu mối",
            "cán bộ phụ trách",
            "người phụ trách",
            "officer name",
            "contact",
        ),
        _open("telephone", "điện thoại", "số điện thoại", "phone", "tel"),
        _open("email", "thư điện tử", "địa chỉ thư điện tử", "e-mail", "mail"),
        _open("valid_from", "từ ngày", "hiệu lực từ", "ngày hiệu lực", "from"),
        _open("valid_to", "đến ngày", "hiệu lực đến", "kết thúc", "to"),
        _open("council", "hội đồng", "tên hội đồng", "council name"),
    ),
    ImportKind.PEOPLE: (
        _needed("code", "mã cán bộ", "mã", "số hiệu", "person code"),
        _needed("name", "họ và tên", "họ tên", "tên", "full name"),
        _needed("unit", *_UNIT),
        _open("position", "chức vụ", "chức danh", "title"),
        _open("born_on", "ngày sinh", "ngày tháng năm sinh", "date of birth", "birth date", "born"),
        _open("managed_by", "đơn vị quản lý", "cấp quản lý", "quản lý bởi"),
        _open("left_on", "thôi công tác từ", "thôi việc từ", "nghỉ hưu từ", "ngày nghỉ hưu", "left"),
    ),
    ImportKind.ACCOUNTS: (
        _needed("email", "thư điện tử", "địa chỉ thư điện tử", "e-mail", "mail"),
        _needed("name", "họ và tên", "họ tên", "tên", "full name"),
        _open("person", "mã cán bộ", "cán bộ", "person code"),
        Column("grants", "quyền", ("vai trò", "grant", "roles"), longest=4000, has_lines=True),
        _open("locale", "ngôn ngữ", "language", "lang"),
    ),
    ImportKind.CLUSTERS: (
        _needed("year", "năm"),
        _needed("owner", "đơn vị tổ chức", "cơ quan tổ chức", "ngành", "owner unit"),
        _needed("number", "số", "số cụm", "cụm số"),
        _open("name", "tên cụm", "cụm", "cluster", "khối"),
        _open("kind", "loại", "cụm hay khối"),
        _needed("unit", *_UNIT, "thành viên", "member"),
        _open("role", "vai trò", "chức danh"),
        _open("how", "hình thức", "bổ nhiệm hay bầu", "headed how"),
        Column("source", "nguồn", is_read=False),
    ),
    ImportKind.AWARDS: (
        _needed("code", "mã danh hiệu", "mã", "award"),
        _open("vi", "tên tiếng việt", "tên", "name vi", "danh hiệu"),
        _open("en", "tên tiếng anh", "name en"),
        _needed("kind", "đối tượng", "loại"),
        _open("level", "cấp", "thẩm quyền"),
        _needed("workflow", "quy trình", "route"),
        _open("papers", "giấy tờ", "thành phần hồ sơ"),
        _open("vote_percent", "tỷ lệ phiếu", "tỷ lệ phiếu tối thiểu"),
        _open("regime", "văn bản áp dụng", "văn bản"),
        _needed("valid_from", "từ ngày", "hiệu lực từ", "from"),
        _open("valid_to", "đến ngày", "hiệu lực đến", "to"),
    ),
    ImportKind.CALENDAR: (
        _needed("day", "ngày", "date"),
        _needed("kind", "loại", "is working"),
        _needed("name", "tên", "lý do"),
        _open("source", "nguồn", "căn cứ"),
        _open("unit", *_UNIT),
        Column("weekday", "thứ", is_read=False),
        Column("note", "ghi chú", is_read=False),
    ),
    ImportKind.HOURS: (
        _needed("from", "từ ngày", "hiệu lực từ", "ngày hiệu lực", "from day", "valid from"),
        _needed("opens", "giờ bắt đầu", "bắt đầu", "giờ mở cửa", "from hour"),
        _needed("closes", "giờ kết thúc", "kết thúc", "giờ đóng cửa", "to hour"),
        _open("noon_from", "nghỉ trưa từ", "bắt đầu nghỉ trưa", "break from"),
        _open("noon_to", "nghỉ trưa đến", "kết thúc nghỉ trưa", "break to"),
        _needed("name", "tên", "lý do"),
        _open("source", "nguồn", "căn cứ"),
        _open("unit", *_UNIT),
        Column("note", "ghi chú", is_read=False),
    ),
    ImportKind.HISTORY: (
        _needed("year", "năm", "năm khen thưởng"),
        _needed(
            "award", "danh hiệu", "mã danh hiệu", "hình thức khen thưởng", "danh hiệu, hình thức khen thưởng"
        ),
        _open("person", "mã cán bộ", "số hiệu", "person code"),
        _open("name", "họ và tên", "họ tên", "tên", "tên tập thể", "tên cá nhân, tập thể", "full name"),
        _open("born_on", "ngày sinh", "ngày tháng năm sinh", "date of birth", "birth date", "born"),
        _needed("unit", *_UNIT, "đơn vị khi đó", "unit then"),
        _open("number", "số quyết định", "quyết định số", "quyết định", "decision number", "decision"),
        _open("decided_on", "ngày quyết định", "ngày ký", "decision date", "decided"),
        _open("revoked", "thu hồi", "đã thu hồi", "hủy bỏ", "đã hủy bỏ", "annulled", "withdrawn"),
    ),
    ImportKind.FACTS: (
        _open("person", "mã cán bộ", "số hiệu", "person code"),
        _open("name", "họ và tên", "họ tên", "tên", "full name"),
        _open("born_on", "ngày sinh", "ngày tháng năm sinh", "date of birth", "birth date", "born"),
        _open("unit", *_UNIT),
        _open("recruited_on", "ngày tuyển dụng", "tuyển dụng từ", "recruited"),
        _open("year", "năm"),
        _open("grade", "xếp loại", "xếp loại chất lượng", "mức độ hoàn thành nhiệm vụ"),
        _open("months_absent", "số tháng nghỉ", "tháng nghỉ", "absence"),
        _open("discipline", "kỷ luật", "hình thức kỷ luật"),
        _open("discipline_number", "số quyết định kỷ luật"),
        _open("discipline_from", "kỷ luật từ ngày"),
        _open("discipline_until", "kỷ luật đến ngày", "hết thời hiệu kỷ luật"),
        _open("initiative", "sáng kiến", "sáng kiến cấp", "cấp công nhận sáng kiến", "initiative level"),
        _open("initiative_number", "số quyết định công nhận sáng kiến", "số quyết định sáng kiến"),
        _open("initiative_on", "ngày công nhận sáng kiến", "ngày sáng kiến"),
    ),
    ImportKind.SUBMISSION: (
        _needed("round", "đợt xét", "mã đợt xét", "đợt"),
        _needed("unit", *_UNIT),
        _open("number", "số tờ trình", "số", "số ký hiệu"),
        _open("signed_on", "ngày ký", "ngày tờ trình", "ngày"),
        _open("signer", "người ký"),
        _open("person", "mã cán bộ", "cán bộ", "person code"),
        _needed("awards", "danh hiệu", "mã danh hiệu", "hình thức khen thưởng", "award", "award codes"),
        Column("achievement", "thành tích", ("tóm tắt thành tích",), longest=20_000, has_lines=True),
        _open("proposer", "người đề nghị"),
    ),
}

ROW_NUMBER: Final = Column(
    "row number", "stt", ("tt", "số tt", "số thứ tự", "no.", "no", "#", "s/n", "row no."), is_read=False
)
"""The column that numbers the rows of lists, in any file; nothing is read from it."""


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """Where each column of a kind stands in a file, and which columns nobody reads."""

    places: Mapping[str, int]
    words: tuple[str, ...]
    unread: tuple[str, ...]


def read_header(kind: ImportKind, row: Row, used: Container[int], problems: BadCells) -> HeaderRow:
    """Find the columns of a header, naming each that is missing, unknown or there twice.

    `used` are the places under which something stands: a column without a name may be empty.
    """
    known = _known(kind)
    places: dict[str, int] = {}
    unread: list[str] = []
    for place, word in enumerate(row.cells):
        column = known.get(_form(word))
        if column is None and (word or place in used):
            reason = "a column without a name" if not word else _unknown(kind, word, problems.locale)
            problems.add(row.line, f"column {place + 1}", word, reason, order=place)
        elif column is not None and column.name in places:
            first = row.cells[places[column.name]]
            reason = f"is there twice; the first is '{first}'"
            problems.add(row.line, f"column {place + 1}", word, reason, order=place)
        elif column is not None:
            places[column.name] = place
            unread += [] if column.is_read or column is ROW_NUMBER else [word]
    for column in COLUMNS[kind]:
        if column.is_required and column.name not in places:
            told = f"'{column.name}'" if problems.locale == "en" else f"'{column.name}' ('{column.vi}')"
            reason = f"the column {told} is missing"
            problems.add(row.line, column.name, "", reason, order=len(row.cells))
    return HeaderRow(places, row.cells, tuple(unread))


def columns_named(kind: ImportKind, words: Sequence[str]) -> tuple[int, bool]:
    """Tell how many columns of a kind these words name, and whether all that must be there are."""
    known = _known(kind)
    names = {column.name for word in words if (column := known.get(_form(word))) is not None}
    needed = {column.name for column in COLUMNS[kind] if column.is_required}
    return len(names), needed <= names


def only_numbered(kind: ImportKind, header: Row, rows: Sequence[Row]) -> frozenset[int]:
    """Return the lines of rows that have a number and nothing else: a form that was numbered in advance."""
    known = _known(kind)
    numbers = {place for place, word in enumerate(header.cells) if known.get(_form(word)) is ROW_NUMBER}
    filled = {row.line: {place for place, cell in enumerate(row.cells) if cell} for row in rows}
    return frozenset(line for line, places in filled.items() if places <= numbers)


@cache
def _known(kind: ImportKind) -> Mapping[str, Column]:
    return {
        _form(word): column
        for column in (ROW_NUMBER, *reversed(COLUMNS[kind]))
        for word in (*column.others, column.vi, column.name)
    }


def template(kind: ImportKind, locale: str) -> str:
    """Return the header row of a file of this kind, in Vietnamese or English."""
    columns = [column for column in COLUMNS[kind] if column.is_read]
    return ",".join(column.vi if locale == "vi" else column.name for column in columns)


def column_of(kind: ImportKind, name: str) -> Column:
    """Return a column of a kind by its name."""
    return next(column for column in COLUMNS[kind] if column.name == name)


def _unknown(kind: ImportKind, word: str, locale: str) -> str:
    names = [name for column in COLUMNS[kind] for name in (column.name, column.vi)]
    names = names[::2] if locale == "en" else names
    return f"an unknown column{meant(word.lower(), names)}"


def _form(word: str) -> str:
    return name_search(word.replace("_", " ").replace("-", " "))
