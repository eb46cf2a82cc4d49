"""What the one letter of a morning says of each thing, and under which heading it stands."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from workflow.domain.notices import FACTS_TOLD, OF_DATES, REMINDERS
from workflow.domain.vocabulary import NoticeKind
from workflow.messages import formats, phrases
from workflow.messages.lists import aligned
from workflow.messages.same_list import gathered, names_on_list, words_of_list

if TYPE_CHECKING:
    from workflow.messages.compose import LetterItem

_SOON: Final = 2
"""Work that is due in so many working days is soon due, whoever spoke of it."""

_OWED: Final = frozenset({NoticeKind.RETURN_EXPECTED, NoticeKind.RETURN_REMINDER})
_WORDS: Final = {
    "vi": {
        "send": "Gửi tờ trình và danh sách, hoặc trả lời không có đề nghị",
        "complete": "Hoàn thiện và gửi lại",
        "say": "{name} hỏi thông tin này: đề nghị ghi vào hồ sơ cá nhân",
        "said": "Đơn vị đã trả lời thông tin Ông/Bà hỏi",
        "unsaid": "Đơn vị chưa trả lời thông tin Ông/Bà hỏi",
        "asker": "Một đồng chí",
        "of_unit": "Đơn vị: {unit}",
        "decider": "Người quyết định",
        "act": "Xử lý ở bước: {step}",
        "holder": "Người đang xử lý: {holder}",
        "unit": "Đơn vị đề nghị: {unit}",
        "receiver": "Nơi nhận: {unit}",
        "was": "Hạn đã đổi, trước đây là {was}",
        "reason": "Lý do: {reason}",
        "around": "Thư gửi người đang giữ việc không đến nơi: đề nghị báo cho họ hoặc giao người khác",
        "why": "Cách tính hạn: {why}",
        "pressed": "{name} đôn đốc việc này",
        "substitute": "Xử lý thay {name}",
        "asked": "{name} đề nghị lùi hạn đến {day}: đồng ý, chọn ngày khác hoặc trả lời",
        "refused": "Chưa đồng ý lùi hạn đến {day}",
        "again": "{name} yêu cầu chuẩn bị lại ý kiến xử lý",
        "named": "{name} nhắc đến Ông/Bà trong một ý kiến",
        "lapsed": "Chưa ai trả lời đề nghị lùi hạn đến {day}; đề nghị này không còn hiệu lực",
    },
    "en": {
        "send": "Send the submission with its list, or answer that you propose nothing",
        "complete": "Complete it and send it again",
        "say": "{name} asks for this: please say it on the person's page",
        "said": "The unit answered what you asked",
        "unsaid": "The unit did not answer what you asked",
        "asker": "Somebody",
        "of_unit": "Unit: {unit}",
        "decider": "Whoever decides",
        "act": "Act at the step: {step}",
        "holder": "In the hands of: {holder}",
        "unit": "Nominated by: {unit}",
        "receiver": "To: {unit}",
        "was": "The date moved, it was {was}",
        "reason": "Reason: {reason}",
        "around": "Mails to whoever holds it do not arrive: please tell them, or have it reassigned",
        "why": "How the date was counted: {why}",
        "pressed": "{name} asks you to see to this",
        "substitute": "As substitute for {name}",
        "asked": "{name} asks for more time, until {day}: give it, choose another day, or say no",
        "refused": "The date asked for, {day}, was not given",
        "again": "{name} asks you to prepare the proposal again",
        "named": "{name} named you in a comment",
        "lapsed": "Nobody answered whether it may be done by {day}; that date cannot be given any more",
    },
}
_SAID_OF_DATE: Final = {
    NoticeKind.DATE_PROPOSED: "asked",
    NoticeKind.DATE_REFUSED: "refused",
    NoticeKind.DATE_LAPSED: "lapsed",
}
_SAID_OF_FACT: Final = {
    NoticeKind.FACT_ASKED: "say",
    NoticeKind.FACT_REMINDER: "say",
    NoticeKind.FACT_ANSWERED: "said",
    NoticeKind.FACT_LAPSED: "unsaid",
}
_HEADS: Final = {
    "vi": ("Hồ sơ, đơn vị", "Danh hiệu, đợt xét", "Hạn xử lý"),
    "en": ("Nominee, unit", "Award, round", "Due"),
}


class Heading(StrEnum):
    """The parts of the letter, in their order; what waits for others is no work of the reader's."""

    OVERDUE = "overdue"
    SOON = "soon"
    NEW = "new"
    AWAITED = "awaited"


def heading_of(item: "LetterItem") -> Heading:
    """Return under which heading a thing stands that waits for the reader; to answer others is never late."""
    if item.notice is NoticeKind.DATE_PROPOSED:
        return Heading.NEW
    if item.is_overdue:
        return Heading.OVERDUE
    is_soon = item.working_days_left is not None and item.working_days_left <= _SOON
    return Heading.SOON if is_soon or item.notice in REMINDERS else Heading.NEW


def digest_words(
    items: Sequence["LetterItem"],
    awaited: Sequence["LetterItem"],
    awaited_count: int,
    listed: int,
    locale: str,
) -> dict[str, object]:
    """Return the parts of the letter that are not empty, with the rows of each; of all `listed` are named."""
    parts: dict[Heading, list[LetterItem]] = {heading: [] for heading in Heading}
    for item in items:
        parts[heading_of(item)].append(item)
    counted = set[str]()
    whys = {phrases.why_then(item, locale) for item in items}
    shared_why = whys.pop() if len(whys) == 1 else None
    left, sections = listed, list[dict[str, Any]]()
    for heading, found in parts.items():
        lines = gathered(found, lambda item: _told_of(item, locale))[:left]
        named = [_line(of, locale, with_why=shared_why is None, counted=counted) for of in lines]
        rest = len(found) - sum(len(of) for of in lines)
        sections.append({"heading": heading, "rows": named, "count": len(found), "rest": rest})
        left -= len(named)
    sections[-1] |= {
        "rows": [_row(item, locale) for item in awaited],
        "count": awaited_count,
        "rest": awaited_count - len(awaited),
    }
    heads = _HEADS[locale]
    rows = [row for section in sections for row in section["rows"]]
    table = aligned([heads, *((row["name"], row["award"], row["date"]) for row in rows)])
    for row, line in zip(rows, table[1:], strict=True):
        row["line"] = line
    ahead = (item for item in items if item.due_at is not None and item.notice not in FACTS_TOLD)
    dated = next((item for item in ahead if not item.is_overdue), None)
    return {
        "sections": [section for section in sections if section["count"]],
        "heads": heads,
        "head_line": table[0],
        "shared_why": _WORDS[locale]["why"].format(why=shared_why) if shared_why else "",
        "earliest": phrases.due_and_left(dated.due_at, dated.working_days_left, locale) if dated else "",
        "new_count": len(parts[Heading.NEW]),
    }


def _told_of(item: "LetterItem", locale: str) -> tuple[str, ...]:
    """Return what is told of a thing below its line: names of a list share one where it is the same."""
    return (*_details(item, locale), phrases.why_then(item, locale))


def _line(items: Sequence["LetterItem"], locale: str, *, with_why: bool, counted: set[str]) -> dict[str, Any]:
    """Return the row of a thing, or of several names of one list."""
    row = _row(items[0], locale, with_why=with_why, counted=counted)
    if len(items) > 1:
        row |= words_of_list(items, locale)
        row["details"].append(names_on_list(items, locale))
    return row


def _row(
    item: "LetterItem", locale: str, *, with_why: bool = False, counted: set[str] | None = None
) -> dict[str, Any]:
    """Return the row of a thing; what its unit has in the round is said once in a letter (`counted`)."""
    details = _details(item, locale) if item.notice is not None else []
    names = phrases.names_of_unit(item, locale)
    if counted is not None and names and (said := f"{item.unit_name}: {names}") not in counted:
        counted.add(said)
        details.append(names)
    if with_why and (why := phrases.why_then(item, locale)):
        details.append(_WORDS[locale]["why"].format(why=why))
    return {
        "name": item.subject_name,
        "award": item.award_name,
        "date": phrases.due(item.due_at, locale, short=True),
        "url": item.url,
        "is_overdue": item.is_overdue,
        "details": details,
        "comment": item.comment,
    }


def _details(item: "LetterItem", locale: str) -> list[str]:
    words = _WORDS[locale]
    is_work = item.notice is not NoticeKind.MENTIONED and (item.step_label or item.notice in _OWED)
    told = [_what_to_do(item, locale)] if is_work else []
    if item.notice in _SAID_OF_FACT:
        said = words[_SAID_OF_FACT[item.notice]].format(name=item.actor_name or words["asker"])
        told += [said, words["of_unit"].format(unit=item.unit_name)]
    elif item.notice in _OWED:
        told.append(words["receiver"].format(unit=item.unit_name))
    elif item.notice in OF_DATES:
        told += [_of_date(item, locale), words["unit"].format(unit=item.unit_name)]
    elif item.step_label:
        told.append(words["unit"].format(unit=item.unit_name))
    was = item.was_due_at and phrases.due(item.was_due_at, locale, short=True)
    changed = {"was": was, "reason": item.reason_label, "named": item.named_by, "pressed": item.pressed_by}
    told += [words[key].format(was=said, reason=said, name=said) for key, said in changed.items() if said]
    told += [said for tell in (phrases.asked_words, phrases.announced) if (said := tell(item, locale))]
    if item.is_around:
        told.append(words["around"])
    if item.substitute_for:
        told.append(words["substitute"].format(name=item.substitute_for))
    return told


def _what_to_do(item: "LetterItem", locale: str) -> str:
    """Say what is to be done, or to whoever is not to do it in whose hands it is."""
    words = _WORDS[locale]
    if not item.is_asked:
        return words["holder"].format(holder=phrases.holder(item, locale))
    if item.notice in _OWED:
        return words["send"]
    if item.notice is NoticeKind.PREPARE_AGAIN:
        return words["again"].format(name=item.actor_name or words["decider"])
    is_returned = item.notice is NoticeKind.RETURNED
    return words["complete"] if is_returned else words["act"].format(step=item.step_label)


def _of_date(item: "LetterItem", locale: str) -> str:
    """Say which other day somebody asks the reader for, or that the reader's was not given or answered."""
    said = _SAID_OF_DATE[item.notice or NoticeKind.DATE_PROPOSED]
    day = formats.day(item.proposed_on, locale) if item.proposed_on else ""
    return _WORDS[locale][said].format(name=item.actor_name or "", day=day)
