"""The few turns of phrase that both the text and the HTML of a letter need, built from numbers and instants.

They are functions, not template macros: a macro of an unescaped template brings raw names into the HTML.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from workflow.domain.eligibility.facts import FactKind
from workflow.domain.notices import OF_DATES
from workflow.messages import formats
from workflow.words.due import due_sentence

if TYPE_CHECKING:
    from workflow.messages.compose import LetterItem, StuckWork

MOST_NAMED: Final = 3
_FOLLOW_UP: Final = {
    "vi": "Ông/Bà đã gọi điện về việc này và hẹn hôm nay hỏi lại; việc vẫn chưa xong.",
    "en": "You telephoned about this and meant to ask again today; it is not done yet.",
}
_QUESTION: Final = {"vi": "Nội dung yêu cầu: {words}", "en": "What is asked: {words}"}
_UNANSWERED: Final = {
    "vi": "Ông/Bà đã yêu cầu bổ sung, giải trình; đã quá hạn mà chưa có trả lời.",
    "en": "You asked for more about this; the day for it is over, and there is no answer.",
}
ASK_FOR_DATE: Final = {"vi": "Đề nghị lùi hạn", "en": "Ask for another date"}
"""What the address is called by which whoever has work to do asks for another date."""

ANSWER_WORDS: Final = {
    "vi": "Trả lời yêu cầu bổ sung, giải trình",
    "en": "Answer what was asked",
}
"""What stands in the place of the step where the work is to answer a question."""

_FACTS: Final = {
    "vi": {
        FactKind.GRADE: "Xếp loại",
        FactKind.RECRUITED: "Ngày tuyển dụng",
        FactKind.ABSENCE: "Thời gian nghỉ",
        FactKind.DISCIPLINE: "Kỷ luật",
        FactKind.INITIATIVE: "Sáng kiến, đề tài",
    },
    "en": {
        FactKind.GRADE: "Grade",
        FactKind.RECRUITED: "Recruited",
        FactKind.ABSENCE: "Months away",
        FactKind.DISCIPLINE: "Discipline",
        FactKind.INITIATIVE: "Initiative or topic",
    },
}
_ASKED: Final = {
    "vi": "Đã có đề nghị lùi hạn đến {day}; chưa được đồng ý nên hạn vẫn giữ nguyên.",
    "en": "More time was asked for, until {day}; it is not given yet, so the date stands.",
}
_LAPSED: Final = {
    "vi": "Chưa ai trả lời đề nghị lùi hạn đến {day}; đề nghị này không còn hiệu lực, hạn vẫn giữ nguyên.",
    "en": "Nobody answered whether it may be done by {day}; that date cannot be given any more.",
}
_NO_DATE: Final = {"vi": "chưa đặt thời hạn", "en": "no date set"}
_DUE_TODAY: Final = {"vi": "hết hạn hôm nay", "en": "due today"}
_PAPER_KIND: Final = {
    "vi": ("Quyết định số", "Tờ trình số"),
    "en": ("Decision no.", "Submission no."),
}
_YOURSELF: Final = {"vi": "Ông/Bà", "en": "you"}
_EMPTY_SEAT: Final = {"vi": "chưa có ai giữ vị trí này", "en": "nobody holds this seat"}
_TELEPHONE: Final = {"vi": "điện thoại", "en": "telephone"}
_NO_HOLDER: Final = {"vi": "chưa có người nhận xử lý", "en": "nobody has taken it yet"}


def left(working_days: int | None, locale: str) -> str:
    """Say how much time is left or how late it is, in working days; empty when no due date was set."""
    if working_days is None:
        return ""
    if working_days == 0:
        return _DUE_TODAY[locale]
    count = formats.number(abs(working_days), locale)
    if locale == "vi":
        return f"còn {count} ngày làm việc" if working_days > 0 else f"quá hạn {count} ngày làm việc"
    days = f"{count} working {'day' if abs(working_days) == 1 else 'days'}"
    return f"{days} left" if working_days > 0 else f"{days} overdue"


def due(at: datetime | None, locale: str, *, short: bool = False) -> str:
    """Say when something is due; the short form is for a line of subject."""
    return _NO_DATE[locale] if at is None else formats.moment(at, locale, short=short)


def due_and_left(at: datetime | None, working_days: int | None, locale: str) -> str:
    """Say when something is due and what is left, as in "17:00 thứ Sáu, ngày 12/6/2026 (còn 2 ngày ...)"."""
    rest = left(working_days, locale)
    return f"{due(at, locale)} ({rest})" if rest else due(at, locale)


def why_then(item: "LetterItem", locale: str) -> str:
    """Say how the date was counted; empty where that is not known."""
    return due_sentence(item.due_reason, locale) if item.due_reason is not None and item.due_at else ""


def stuck(work: "StuckWork", locale: str) -> str:
    """Say how much work cannot go on, and how much of that is new."""
    count, new = formats.number(work.count, locale), formats.number(work.new_count, locale)
    if locale == "vi":
        return f"{count} việc không đi tiếp được" + (f", {new} việc mới" if work.new_count else "")
    said = f"{count} {'piece' if work.count == 1 else 'pieces'} of work cannot go on"
    return said + (f", {new} of them new" if work.new_count and work.count > 1 else "")


def nominations(count: int, locale: str) -> str:
    """Say how many nominations."""
    if locale == "vi":
        return f"{formats.number(count, locale)} hồ sơ"
    return f"{formats.number(count, locale)} {'nomination' if count == 1 else 'nominations'}"


def source(papers: Sequence[tuple[str, str]], locale: str) -> str:
    """Name the unit and the number of its document that a list of names comes from, or say how many units."""
    units = list(dict.fromkeys(unit for unit, _ in papers))
    numbers = {number for _, number in papers}
    if len(units) > 1:
        count = formats.number(len(units), locale)
        return f"{count} đơn vị" if locale == "vi" else f"{count} units"
    if len(numbers) != 1 or "" in numbers:
        return units[0]
    paper = "tờ trình số" if locale == "vi" else "submission no."
    return f"{units[0]}, {paper} {numbers.pop()}"


def holder(item: "LetterItem", locale: str) -> str:
    """Name in whose hands it is and how to reach them; nobody is told to call themselves."""
    if item.is_own:
        return _YOURSELF[locale]
    if item.is_seat_empty:
        return _EMPTY_SEAT[locale]
    could = ", ".join(item.could_take_it)
    named = item.holder_name or (f"{_NO_HOLDER[locale]} ({could})" if could else _NO_HOLDER[locale])
    telephone = f", {_TELEPHONE[locale]} {item.holder_telephone}" if item.holder_telephone else ""
    office = f", {item.holder_office}" if item.holder_office else ""
    return f"{named}{office}{telephone}"


def asked_fact_words(kind: FactKind, year: int, locale: str) -> str:
    """Say what is asked of somebody: a kind of fact, and its year."""
    of_year = f" năm {year}" if locale == "vi" else f", {year}"
    return _FACTS[locale][kind] + of_year


def asked_words(item: "LetterItem", locale: str) -> str:
    """Say what is asked, where the work is to answer a question; empty for any other."""
    return _QUESTION[locale].format(words=item.question) if item.question else ""


def announced(item: "LetterItem", locale: str) -> str:
    """Say on which day the work is reported to whom unless it is done, or what its reader waits for.

    Then which other date was asked for and is not given yet, or was not answered. Empty where there is
    nothing of it.
    """
    if item.is_follow_up:
        return (_UNANSWERED if item.is_unanswered else _FOLLOW_UP)[locale]
    told = [_reported(day, names, locale) for day, names in item.announced if names]
    start = "Nếu việc chưa xong" if locale == "vi" else "Unless it is done before"
    reported = f"{start}, {'; '.join(told)}." if told else ""
    asked_on = item.proposed_on if item.notice not in OF_DATES else None
    asked = _ASKED[locale].format(day=formats.day(asked_on, locale)) if asked_on is not None else ""
    lapsed_on = item.lapsed_on if item.notice not in OF_DATES else None
    lapsed = _LAPSED[locale].format(day=formats.day(lapsed_on, locale)) if lapsed_on is not None else ""
    return " ".join(said for said in (reported, asked, lapsed) if said)


def _reported(day: date, names: Sequence[str], locale: str) -> str:
    shown, rest = formats.day(day, locale), len(names) - MOST_NAMED
    who = ", ".join(names[:MOST_NAMED])
    more = formats.number(rest, locale) if rest > 0 else ""
    if locale == "vi":
        return f"{shown} sẽ báo cáo {who}" + (f" và {more} người khác" if more else "")
    return f"on {shown} this will be reported to {who}" + (f" and {more} more" if more else "")


def decision(item: "LetterItem", locale: str) -> str:
    """Name the document of a decision: its number, day and signer; empty where there is none."""
    if not item.decision_number:
        return ""
    kind = _PAPER_KIND[locale][item.is_submitted_upward]
    day = formats.day(item.decided_on, locale) if item.decided_on else ""
    if locale == "vi":
        on, by = f" ký {day}", f", người ký: {item.signer}"
    else:
        on, by = f" of {day}", f", signed by {item.signer}"
    return f"{kind} {item.decision_number}{on if day else ''}{by if item.signer else ''}."


def names_of_unit(item: "LetterItem", locale: str) -> str:
    """Say how many names a unit has in the round and how many it has to decide; empty where not asked."""
    if item.unit_names is None:
        return ""
    total, waiting = (formats.number(count, locale) for count in item.unit_names)
    if locale == "vi":
        return f"Đơn vị có {total} hồ sơ trong đợt xét này, còn {waiting} hồ sơ chờ đơn vị quyết định"
    count = "nomination" if item.unit_names[0] == 1 else "nominations"
    return f"The unit has {total} {count} in this round, {waiting} still to decide"
