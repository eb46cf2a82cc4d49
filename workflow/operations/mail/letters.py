"""From an outbox row to the facts of its letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from workflow.domain.clusters.words import of_kind
from workflow.domain.mails.classes import MAIL_CLASSES
from workflow.domain.notices import ANNOUNCES, OF_DATES
from workflow.domain.rights.routing import split_key, unit_of
from workflow.domain.route.definition import Definition
from workflow.domain.time.reasons import DueReason
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import DecisionKind, MailClass, NoticeKind, WorkKind
from workflow.messages.compose import LOCALES, LetterFacts, LetterItem, StuckWork
from workflow.messages.one_click import off_address
from workflow.messages.phrases import ANSWER_WORDS
from workflow.operations.mail.deeds import deeds_of, said_code
from workflow.operations.mail.digest import Matter, awaited_items, read_awaited_by, tells_of_stuck, thing_of
from workflow.operations.mail.links import links_to, list_of
from workflow.operations.mail.meant import ABOUT_WORK, is_optional, standing_for
from workflow.operations.mail.offices import copied_to, office_of, says_names_of, units_in_charge
from workflow.operations.mail.post import Post
from workflow.operations.mail.said import (
    absence_item,
    absence_of,
    fact_item,
    is_around,
    is_asked,
    is_follow_up,
    is_unanswered,
    named_by,
    pressed_by,
    with_said,
)
from workflow.store.awaited import Awaited
from workflow.store.calendars import calendar_in_force, calendar_of_seat
from workflow.store.correspondence import Promise
from workflow.store.counted import due_reasons
from workflow.store.database import local_day, timezone_of
from workflow.store.definitions import load_definition
from workflow.store.desks import Office, Seated, read_names, read_offices, read_seated
from workflow.store.names_counted import names_of_units
from workflow.store.substitutes import ToldAbsence, read_absences

# Of these classes a reader chooses how they come.
_CHOSEN: Final = frozenset(
    kind for kind, rules in MAIL_CLASSES.items() if rules.folds_into_digest or rules.is_optional
)
_MOST_NAMED: Final = 3


def locale_of(promise: Promise) -> str:
    """Return the language a reader's letters are written in."""
    return promise.locale if promise.locale in LOCALES else LOCALES[0]


@dataclass(frozen=True, slots=True)
class LetterDesk:
    """What letters are written with: whose seats their work lies in, and today's offices."""

    session: Session
    offices: Mapping[str, Office]
    holders: Mapping[str, Sequence[Seated]]
    post: Post
    now: datetime
    reasons: Mapping[UUID, DueReason]
    names: Mapping[int, str]
    awaited: Mapping[int, Sequence[Awaited]]
    stuck: Mapping[int, StuckWork]
    absences: Mapping[int, ToldAbsence]
    unit_names: Mapping[tuple[str, str], tuple[int, int]]


def desk_for(
    session: Session,
    mails: Sequence[Sequence[Promise]],
    stuck: Mapping[int, StuckWork],
    *,
    post: Post,
    now: datetime,
) -> LetterDesk:
    """Read what letters need that are written of all these promises, each thing once.

    `stuck` is what cannot go on, by those who are told of it.
    """
    promises = [promise for mail in mails for promise in mail]
    today = local_day(session, now)
    codes = {code for promise in promises for code in (*units_in_charge(promise), promise.unit_code)}
    keys = {promise.owner_key for promise in promises if promise.owner_key is not None}
    offices = read_offices(session, codes, today=today)
    work = {promise.work_item_id for promise in promises if promise.mail_class in ABOUT_WORK} - {None}
    reasons = due_reasons(session, [one for one in work if one is not None])
    names = read_names(
        session, {one for promise in promises for _, told in _announced(promise) for one in told}
    )
    seated, awaited = read_seated(session, keys, today=today), read_awaited_by(session, mails, now=now)
    told_of = {one for promise in promises if (one := absence_of(promise)) is not None}
    absences = read_absences(session, told_of) if told_of else {}
    unit_names = names_of_units(session, {pair for one in promises if (pair := says_names_of(one))})
    desk = session, offices, seated, post, now, reasons, names, awaited, stuck, absences
    return LetterDesk(*desk, unit_names)


def _announced(promise: Promise) -> list[tuple[datetime, list[int]]]:
    """Return the escalations that a reminder speaks of: when, and to which accounts."""
    said: Any = (promise.event_data or {}).get(ANNOUNCES, ())
    return [(datetime.fromisoformat(one["at"]), one["accounts"]) for one in said]


def letter_facts(desk: LetterDesk, promises: Sequence[Promise]) -> LetterFacts:
    """Return what one letter says to its reader."""
    post, reader = desk.post, promises[0]
    items = dict[Matter, LetterItem]()
    dossiers = [promise for promise in promises if not tells_of_stuck(promise)]
    for promise in dossiers:
        key, item = thing_of(promise), _item_of(desk, promise)
        items[key] = with_said(item, items[key]) if key in items else item
    office = office_of(dossiers or promises, desk.offices, post)
    awaited = desk.awaited.get(reader.account_id, ())
    chooses = MailClass(reader.mail_class) in _CHOSEN
    return LetterFacts(
        recipient_name=reader.reader_name,
        items=tuple(items.values()),
        office_name=office.name,
        officer_name=office.officer_name,
        officer_telephone=office.officer_telephone,
        officer_email=office.officer_email,
        base_url=post.base_url,
        is_demo=post.is_demo,
        subject_tag=post.subject_tag,
        links=links_to(dossiers, post.base_url)
        if len(items) > 1
        else deeds_of(desk.session, (dossiers or promises)[-1], post),
        written_on=local_day(desk.session, desk.now),
        awaited=awaited_items(
            desk.session, awaited, locale=locale_of(reader), base_url=post.base_url, now=desk.now
        )
        if awaited
        else (),
        awaited_count=awaited[0].count if awaited else 0,
        preferences_url=f"{post.base_url.rstrip('/')}/me/mails" if chooses else None,
        off_url=_off_url(reader, post),
        copied_to=copied_to(promises, desk.offices),
        stuck=desk.stuck.get(reader.account_id) if len(dossiers) < len(promises) else None,
    )


def _off_url(reader: Promise, post: Post) -> str | None:
    if post.one_click is None or not is_optional(reader):
        return None
    return off_address(post.base_url, post.one_click.token_for(reader.account_id))


def _item_of(desk: LetterDesk, promise: Promise) -> LetterItem:
    if (absence_id := absence_of(promise)) is not None:
        return absence_item(promise, desk.absences[absence_id], desk.post.base_url)
    if (fact := promise.fact) is not None:
        calendar = calendar_in_force(desk.session, CalendarName.LOCAL, unit=fact.unit_code)
        return fact_item(promise, fact, calendar, locale_of(promise), desk.post.base_url, now=desk.now)
    is_return = promise.nomination_id is None
    page = "/late" if promise.notice == NoticeKind.DATE_PROPOSED and not is_return else ""
    item = (_return_item if is_return else _item)(
        desk.session, promise, desk.offices, post=desk.post, now=desk.now
    )
    # Only of a date that moved: what ended a claim says by the same word who held it.
    was = (promise.event_data or {}).get("was") if promise.notice == NoticeKind.DATES_MOVED else None
    zone = ZoneInfo(timezone_of(desk.session))
    return replace(
        item,
        url=item.url + page,
        list_url=list_of(promise, desk.post.base_url) if is_asked(promise) else "",
        was_due_at=datetime.fromisoformat(str(was)).astimezone(zone) if was else None,
        told_on=promise.created_at.astimezone(zone).date(),
        due_reason=desk.reasons.get(promise.work_item_id) if promise.work_item_id else None,
        is_around=is_around(promise),
        is_follow_up=is_follow_up(promise),
        is_unanswered=is_unanswered(promise),
        # Its first letter quotes it whole.
        question="" if promise.notice == NoticeKind.INFO_ASKED else promise.question or "",
        announced=tuple(
            (at.astimezone(zone).date(), tuple(desk.names[one] for one in told if one in desk.names))
            for at, told in _announced(promise)
        ),
        notice=NoticeKind(promise.notice),
        proposed_on=(asked_on := _asked_on(promise)),
        lapsed_on=asked_on if promise.notice == NoticeKind.DATE_LAPSED else None,
        pressed_by=pressed_by(promise),
        named_by=named_by(promise),
        substitute_for=loan.name if (loan := standing_for(promise)) is not None else None,
        unit_names=_unit_names(desk, promise),
        **said_code(desk.session, promise, desk.post),
        **_hands(desk, promise),
    )


def _unit_names(desk: LetterDesk, promise: Promise) -> tuple[int, int] | None:
    """Return how many names the unit has in the round and has to decide, where there are several."""
    names = desk.unit_names.get(pair) if (pair := says_names_of(promise)) is not None else None
    return names if names and names[0] > 1 else None


def _asked_on(promise: Promise) -> date | None:
    """Return the day that a letter is about, or else the one that was asked for and still waits."""
    is_about = promise.notice in OF_DATES
    return date.fromisoformat(str((promise.event_data or {})["day"])) if is_about else promise.asked_on


def _hands(desk: LetterDesk, promise: Promise) -> dict[str, Any]:
    """Say in whose hands the open work is and where to telephone, never to the reader about themselves.

    The telephone is that of the unit where the work lies: it reaches who holds it, whatever unit proposed.
    """
    if promise.owner_key is None or promise.work_closed_at is not None:
        return {"holder_name": None}
    seated = desk.holders.get(promise.owner_key, ())
    has_taker = promise.assignee_id is not None and promise.assignee_disabled_at is None
    in_charge = [(promise.assignee_id, promise.assignee_name or "")] if has_taker else list(seated)
    code = unit_of(split_key(promise.owner_key)[1])
    office = desk.offices.get(code or "")
    return {
        "holder_name": promise.assignee_name if has_taker else None,
        "could_take_it": tuple(name for _, name in seated[:_MOST_NAMED]) if not has_taker else (),
        "holder_office": office.name if office else "",
        "holder_telephone": office.officer_telephone if office else "",
        "is_own": promise.account_id in {account_id for account_id, _ in in_charge}
        or _acts_for_taker(promise),
        "is_seat_empty": not in_charge,
    }


def _acts_for_taker(promise: Promise) -> bool:
    """Whether the reader stands in for whoever took the work."""
    loan = standing_for(promise)
    return loan is not None and loan.absent.account_id == promise.assignee_id


def _return_item(
    session: Session, promise: Promise, offices: Mapping[str, Office], *, post: Post, now: datetime
) -> LetterItem:
    """Return what a unit owes a round as a letter tells it."""
    calendar = calendar_in_force(session, CalendarName.LOCAL, unit=promise.unit_code)
    unit, owner = (offices.get(code or "") for code in (promise.unit_code, promise.round_owner_code))
    due_at = calendar.closes_at(promise.return_due_on) if promise.return_due_on else None
    url = f"{post.base_url.rstrip('/')}/rounds/{quote(promise.round_code or '', safe='')}"
    return LetterItem(
        nomination_id=promise.expected_return_id or 0,
        subject_name=unit.name if unit else promise.unit_code or "",
        award_name=promise.round_title or "",
        unit_name=owner.name if owner else promise.round_owner_code or "",
        step_label="",
        url=url,
        late_url=f"{url}/returns/{quote(promise.unit_code or '', safe='')}/late",
        due_at=due_at,
        working_days_left=calendar.working_days_left(now, due_at) if due_at else None,
        comment=promise.words or "",
        actor_name=promise.actor_name,
    )


def _item(
    session: Session, promise: Promise, offices: Mapping[str, Office], *, post: Post, now: datetime
) -> LetterItem:
    definition = load_definition(session, promise.definition_id or 0)
    calendar = calendar_of_seat(session, definition.calendar, promise.owner_key)
    locale, state = locale_of(promise), promise.state or ""
    unit = offices.get(promise.unit_code or "")
    due_at = promise.due_at and promise.due_at.astimezone(calendar.timezone)
    step = definition.step(state).label.text(locale) if definition.has_step(state) else state
    if promise.work_kind == WorkKind.ANSWER and promise.work_closed_at is None:
        step = ANSWER_WORDS[locale]
    return LetterItem(
        nomination_id=promise.nomination_id or 0,
        subject_name=promise.subject_name or "",
        award_name=(promise.award_en if locale == "en" else promise.award_vi) or "",
        unit_name=unit.name if unit else promise.unit_code or "",
        step_label=of_kind(step, promise.cluster_kind),
        url=f"{post.base_url.rstrip('/')}/nominations/{promise.nomination_id}",
        due_at=due_at,
        working_days_left=calendar.working_days_left(now, due_at) if due_at else None,
        reason_label=_reason_label(definition, promise.reason_code, locale),
        comment=promise.words or "",
        actor_name=promise.actor_name,
        decision_number=promise.decision_number,
        decided_on=promise.decided_on,
        signer=promise.signer,
        is_submitted_upward=promise.decision_kind == DecisionKind.SUBMISSION_UPWARD,
        submission_number=promise.submission_number,
    )


def _reason_label(definition: Definition, code: str | None, locale: str) -> str | None:
    labels = {choice.code: choice.label.text(locale) for choice in definition.reason_choices}
    return labels.get(code, code) if code else None
