"""What a letter about several things says of each: a table, and below a name only what is not said of all."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from workflow.domain.notices import FACTS_TO_SAY, FACTS_TOLD, OF_DATES
from workflow.domain.vocabulary import NoticeKind
from workflow.messages import formats, phrases

if TYPE_CHECKING:
    from workflow.messages.compose import LetterItem

_WIDEST_COLUMN: Final = 44
_GAP: Final = "  "
_OF_UNITS: Final = frozenset(
    {NoticeKind.RETURN_EXPECTED, NoticeKind.RETURN_REMINDER, NoticeKind.RETURN_ESCALATION}
)
_DECIDED: Final = frozenset({NoticeKind.APPROVED, NoticeKind.REJECTED})
_TELLS_HOLDER: Final = frozenset({NoticeKind.ESCALATION, NoticeKind.RETURN_ESCALATION})
_ANNOUNCES: Final = frozenset({NoticeKind.REMINDER, NoticeKind.RETURN_REMINDER, *_TELLS_HOLDER})
_COLUMNS: Final[Mapping[tuple[str, bool], tuple[str, str]]] = {
    ("vi", False): ("Cá nhân, tập thể", "Danh hiệu, hình thức"),
    ("en", False): ("Nominee", "Award"),
    ("vi", True): ("Đơn vị", "Đợt xét"),
    ("en", True): ("Unit", "Round"),
}
_FACT_COLUMNS: Final = {"vi": ("Cá nhân", "Thông tin"), "en": ("Person", "What is asked")}
_DATES: Final[Mapping[str, Mapping[str, str]]] = {
    "vi": {
        NoticeKind.APPROVED: "Ngày quyết định",
        NoticeKind.REJECTED: "Ngày kết luận",
        NoticeKind.RETURNED: "Hạn gửi lại",
        NoticeKind.DATES_MOVED: "Hạn mới",
        **dict.fromkeys(_OF_UNITS, "Hạn nộp"),
        "": "Hạn xử lý",
    },
    "en": {
        NoticeKind.APPROVED: "Decided on",
        NoticeKind.REJECTED: "Concluded on",
        NoticeKind.RETURNED: "To be sent again",
        NoticeKind.DATES_MOVED: "New date",
        "": "Due",
    },
}
_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "vi": {
        "step": "Bước hiện tại",
        "unit": "Đơn vị đề nghị",
        "of_unit": "Đơn vị",
        "asker": "Người hỏi",
        "receiver": "Nơi nhận",
        "holder": "Người đang xử lý",
        "was": "Hạn cũ",
        "asked": "Đề nghị lùi đến",
        "reason": "Lý do",
        "actor": "Người thực hiện",
        "comment": "Nội dung cụ thể",
    },
    "en": {
        "step": "Now at",
        "unit": "Nominated by",
        "of_unit": "Unit",
        "asker": "Asked by",
        "receiver": "To",
        "holder": "In the hands of",
        "was": "Date before",
        "asked": "Asked for",
        "reason": "Reason",
        "actor": "Done by",
        "comment": "What was said",
    },
}


def list_words(
    notice: NoticeKind, items: Sequence["LetterItem"], listed: int, locale: str
) -> dict[str, object]:
    """Return the words of a letter about several things: those said of all, and the rows of its table.

    What all of them have in common stands above the table, once; what differs stands below each name.
    """
    getters = _getters(notice, locale)
    values = {name: [get(item) for item in items] for name, get in getters.items()}
    values.setdefault("comment", [""] * len(items))
    common = {name: found[0] for name, found in values.items() if found[0] and len(set(found)) == 1}
    labels = _LABELS[locale]
    rows = [
        {
            "name": item.subject_name,
            "award": item.award_name,
            "date": _date(notice, item, locale),
            "url": item.url,
            "is_overdue": item.is_overdue,
            "details": [
                _said(labels, name, values[name][place])
                for name in getters
                if name not in common and name != "comment" and values[name][place]
            ],
            "comment": "" if "comment" in common else values["comment"][place],
        }
        for place, item in enumerate(items[:listed])
    ]
    is_fact = notice in FACTS_TO_SAY | FACTS_TOLD
    columns = _FACT_COLUMNS[locale] if is_fact else _COLUMNS[locale, notice in _OF_UNITS]
    heads = (*columns, _DATES[locale].get(notice) or _DATES[locale][""])
    lines = aligned([heads, *((str(row["name"]), str(row["award"]), str(row["date"])) for row in rows)])
    for row, line in zip(rows, lines[1:], strict=True):
        row["line"] = line
    dated = next((item for item in items if item.due_at is not None), None)
    earliest = dated if notice not in _DECIDED else None
    return {
        "notice": notice,
        "rows": rows,
        "heads": heads,
        "head_line": lines[0],
        "shared": [_said(labels, name, text) for name, text in common.items() if name != "comment"],
        "comment": common.get("comment", ""),
        "comment_label": labels["comment"],
        "source": phrases.source([(item.unit_name, item.submission_number or "") for item in items], locale),
        "is_upward": all(item.is_submitted_upward for item in items),
        "earliest": phrases.due(earliest.due_at, locale, short=True) if earliest else "",
        "earliest_full": (
            phrases.due_and_left(earliest.due_at, earliest.working_days_left, locale) if earliest else ""
        ),
        "own": sum(item.is_own for item in items),
        "unstaffed": sum(item.is_seat_empty for item in items),
    }


def _said(labels: Mapping[str, str], name: str, text: str) -> str:
    return f"{labels[name]}: {text}" if name in labels else text


def _getters(notice: NoticeKind, locale: str) -> dict[str, Callable[["LetterItem"], str]]:
    """Return what a letter of this kind says of each thing beside its row, in this order."""
    if notice in _OF_UNITS:
        told: dict[str, Callable[[LetterItem], str]] = {"receiver": lambda item: item.unit_name}
    elif notice in FACTS_TO_SAY | FACTS_TOLD:
        return {"of_unit": lambda item: item.unit_name, "asker": lambda item: item.actor_name or ""}
    else:
        told = {"unit": lambda item: item.unit_name, "step": lambda item: item.step_label}
    if notice in _DECIDED:
        del told["step"]
        told["decision"] = lambda item: phrases.decision(item, locale)
    if notice in _TELLS_HOLDER:
        told["holder"] = lambda item: phrases.holder(item, locale)
    if notice in _ANNOUNCES:
        told.setdefault("holder", lambda item: "" if item.is_asked else phrases.holder(item, locale))
        told["question"] = lambda item: phrases.asked_words(item, locale)
        told["announced"] = lambda item: phrases.announced(item, locale)
    if notice is NoticeKind.DATES_MOVED:
        told["names"] = lambda item: phrases.names_of_unit(item, locale)
        told["was"] = lambda item: phrases.due(item.was_due_at, locale)
    if notice in OF_DATES:
        told["asked"] = lambda item: formats.day(item.proposed_on, locale) if item.proposed_on else ""
    return told | {
        "reason": lambda item: item.reason_label or "",
        "actor": lambda item: item.actor_name or "",
        "comment": lambda item: item.comment,
    }


def _date(notice: NoticeKind, item: "LetterItem", locale: str) -> str:
    """Return the date of a row: of what is decided when that was, else when it is due."""
    if notice in _DECIDED:
        day = item.decided_on or item.told_on
        return formats.day(day, locale, short=True) if day else ""
    return phrases.due(item.due_at, locale, short=True)


def aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Set the cells of rows under each other, as far as a letter's width allows."""
    widths = [min(max(_width(row[place]) for row in rows), _WIDEST_COLUMN) for place in range(2)]
    return [
        _GAP.join(
            [
                *(
                    cell + " " * max(0, width - _width(cell))
                    for cell, width in zip(row, widths, strict=False)
                ),
                row[2],
            ]
        ).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    """Return how many places a text takes where every letter is as wide as the next; marks take none."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def in_order(items: Sequence["LetterItem"]) -> tuple["LetterItem", ...]:
    """Return what a letter tells of, overdue first, then by due time."""

    def place(item: "LetterItem") -> tuple[bool, float, int]:
        due = item.due_at.timestamp() if item.due_at is not None else float("inf")
        return (not item.is_overdue, due, item.nomination_id)

    return tuple(sorted(items, key=place))
