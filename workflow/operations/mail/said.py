"""What mails about one thing say together: the newest speaks, and what only an earlier one said is kept."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import quote

from workflow.domain.callers import UNANSWERED
from workflow.domain.notices import FACTS_TO_SAY, FOLLOW_UP
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import LetterItem
from workflow.messages.phrases import asked_fact_words
from workflow.messages.standing_in import StandingIn
from workflow.operations.mail.meant import standing_for
from workflow.store.asked_facts import AskedFact
from workflow.store.correspondence import Promise
from workflow.store.substitutes import ToldAbsence

_REMINDS: Final = frozenset({NoticeKind.REMINDER, NoticeKind.RETURN_REMINDER})


def pressed_by(promise: Promise) -> str | None:
    """Return who pressed by hand, None for any other mail: no ladder's reminder is anybody's deed."""
    return promise.actor_name if promise.notice in _REMINDS else None


def named_by(promise: Promise) -> str | None:
    """Return who names the reader in a comment, None for any other mail."""
    return promise.actor_name if promise.notice == NoticeKind.MENTIONED else None


def is_follow_up(promise: Promise) -> bool:
    """Return whether the reader telephoned about it or asked something, and is to see to it again."""
    return (promise.event_data or {}).get("to") == FOLLOW_UP


def is_unanswered(promise: Promise) -> bool:
    """Return whether the reader asked something of which the day is over."""
    return is_follow_up(promise) and (promise.event_data or {}).get("rung") == UNANSWERED


def is_around(promise: Promise) -> bool:
    """Return whether the reader is told in the place of who holds the work."""
    return bool((promise.event_data or {}).get("around"))


def is_asked(promise: Promise) -> bool:
    """Return whether the reader is to do the work."""
    return not is_follow_up(promise) and not is_around(promise)


def with_said(item: LetterItem, before: LetterItem) -> LetterItem:
    """Return the newest of one thing with what it does not say and one before it did."""
    if item.notice is NoticeKind.MENTIONED and before.notice is not NoticeKind.MENTIONED:
        # That somebody is named is no work: what they have to do speaks, and says it beside.
        return replace(before, named_by=item.named_by, comment=before.comment or item.comment)
    is_pressed = before.pressed_by is not None and item.pressed_by is None
    return replace(
        item,
        announced=item.announced or before.announced,
        pressed_by=before.pressed_by if is_pressed else item.pressed_by,
        comment=item.comment or (before.comment if is_pressed or before.named_by else ""),
        lapsed_on=item.lapsed_on or before.lapsed_on,
        named_by=item.named_by or before.named_by,
    )


def absence_of(promise: Promise) -> int | None:
    """Return the absence that a letter is about, None for any other letter."""
    is_of_absence = promise.notice == NoticeKind.SUBSTITUTION
    return int(str((promise.event_data or {})["absence"])) if is_of_absence else None


def absence_item(promise: Promise, absence: ToldAbsence, base_url: str) -> LetterItem:
    """Return an absence as a letter tells somebody of it who is named to act, or no longer is."""
    people = [account_id for account_id, _ in absence.substitutes]
    place = people.index(promise.account_id) if promise.account_id in people else 0
    page = f"absences/{absence.absence_id}" if promise.is_named else "me/absence"
    return LetterItem(
        nomination_id=absence.absence_id,
        subject_name=absence.person,
        award_name="",
        unit_name="",
        step_label="",
        url=f"{base_url.rstrip('/')}/{page}",
        actor_name=promise.actor_name if promise.actor_name != absence.person else None,
        stands_in=StandingIn(
            absence.first,
            absence.last,
            absence.key is None,
            before=tuple(name for _, name in absence.substitutes[:place]),
            is_over=not promise.is_named,
        ),
    )


def fact_item(
    promise: Promise, fact: AskedFact, calendar: Calendar, locale: str, base_url: str, *, now: datetime
) -> LetterItem:
    """Return a fact that is asked for as a letter tells of it: the subject is its person, the award the fact.

    Whoever says it has days left, whoever asked has none.
    """
    to_say = promise.notice in FACTS_TO_SAY
    person = f"{base_url.rstrip('/')}/people/{quote(fact.person_code, safe='')}"
    due_at, loan = calendar.closes_at(fact.due_on), standing_for(promise)
    return LetterItem(
        nomination_id=fact.question_id,
        subject_name=fact.person_name,
        award_name=asked_fact_words(fact.kind, fact.year, locale),
        unit_name=fact.unit_name,
        step_label="",
        url=f"{person}/facts/{fact.kind}?year={fact.year}" if to_say else person,
        due_at=due_at,
        working_days_left=calendar.working_days_left(now, due_at) if to_say else None,
        actor_name=promise.actor_name if to_say else None,
        told_on=now.astimezone(calendar.timezone).date(),
        notice=NoticeKind(promise.notice),
        substitute_for=loan.name if loan is not None else None,
    )
