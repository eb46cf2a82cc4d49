"""Letters: what a mail says, from primitives only, in the reader's language.

A template set is `templates/<notice>/<locale>.{subject,txt,html}`. What letters share, and the letter that
tells of several things (`many.*`), stand in `templates/shared/`. The plain text is complete on its own;
the HTML says the same with a button. Whatever people typed is cleaned here, before any template sees it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, TypeVar

from workflow.domain.notices import SUBJECT_TAG
from workflow.domain.time.reasons import DueReason
from workflow.domain.vocabulary import NoticeKind
from workflow.messages import phrases
from workflow.messages.digest import digest_words
from workflow.messages.lists import in_order, list_words
from workflow.messages.rendering import render
from workflow.messages.standing_in import StandingIn
from workflow.messages.typed import shortened, single_line, tidy, visible

LOCALES: Final = ("vi", "en")
LISTED_ITEMS: Final = 20
_SUBJECT_LENGTH: Final = 180
_COMMENT_LENGTH: Final = 2000
_LEAD_LENGTH: Final = 600
# What the text and the page of a letter about several things both say, written once.
_PARTS: Final = ("lead", "button", "why", "handover")
_WEB_ADDRESS: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class LetterItem:
    """What a letter tells of, in words of the reader's language: a nomination, or what a unit owes a round.

    Of the latter the subject is the unit, the award the round, the unit who waits for it. `due_at`
    carries the installation's zone, `due_reason` says why it is due then. `working_days_left` is 0 on the due
    day, negative when late. `told_on` is the day of what it tells. `is_own`: the reader holds it; else the
    holder's office is where to telephone, and `could_take_it` names who sits there while nobody took it;
    `is_seat_empty`: nobody does. `is_around`: letters do not reach who holds it. `announced`: the days on
    which it is reported while not done, and to whom. `notice`: what was promised of it. `is_follow_up`: its
    reader telephoned about it, or asked something that is not answered (`is_unanswered`). `question`: what it
    waits for an answer to. `proposed_on`: a day asked for instead; `lapsed_on`: one that nobody answered.
    `named_by`: who names the reader in a comment; `substitute_for`: who is away, so that the reader gets it.
    `code`: what its reader enters to act without signing in, until `code_until`. `unit_names`: how many names
    the unit has, and has to decide. `late_url`: where what a unit owes is decided. `stands_in`: what absence.
    `list_url`: where its list is decided, of a name that waits for the reader with others.
    """

    nomination_id: int
    subject_name: str
    award_name: str
    unit_name: str
    step_label: str
    url: str
    due_at: datetime | None = None
    working_days_left: int | None = None
    reason_label: str | None = None
    comment: str = ""
    actor_name: str | None = None
    pressed_by: str | None = None
    holder_name: str | None = None
    decision_number: str | None = None
    decided_on: date | None = None
    signer: str | None = None
    is_submitted_upward: bool = False
    was_due_at: datetime | None = None
    submission_number: str | None = None
    told_on: date | None = None
    due_reason: DueReason | None = None
    holder_office: str = ""
    holder_telephone: str = ""
    could_take_it: tuple[str, ...] = ()
    is_own: bool = False
    is_seat_empty: bool = False
    is_around: bool = False
    late_url: str = ""
    announced: tuple[tuple[date, tuple[str, ...]], ...] = ()
    is_follow_up: bool = False
    is_unanswered: bool = False
    question: str = ""
    notice: NoticeKind | None = None
    substitute_for: str | None = None
    code: str = ""
    code_until: datetime | None = None
    unit_names: tuple[int, int] | None = None
    proposed_on: date | None = None
    lapsed_on: date | None = None
    named_by: str | None = None
    stands_in: StandingIn | None = None
    list_url: str = ""

    @property
    def is_overdue(self) -> bool:
        """Whether the due time has passed."""
        return self.working_days_left is not None and self.working_days_left < 0

    @property
    def is_asked(self) -> bool:
        """Whether the reader is to do it: not who telephoned about it, nor who is told for its holder."""
        return not self.is_follow_up and not self.is_around


@dataclass(frozen=True, slots=True)
class LetterLink:
    """A page that shows exactly what a letter about several things tells of, or its part named by `about`."""

    url: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class StuckWork:
    """How much work cannot go on that the reader could help against, what is new of it, and its page."""

    count: int
    new_count: int
    url: str


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """All a letter is written from.

    `links` open exactly the items where there are several; of one item, each is something to do with it.
    The letter of a morning is `written_on` a day, and names some of the `awaited_count` things that its
    reader sent and others are late with. `preferences_url` is where its reader chooses how mails come,
    `off_url` where they switch mails of this class off. It is `copied_to` a mailbox of the reader's unit.
    `stuck`: what cannot go on, where the letter tells of that.
    """

    recipient_name: str
    items: tuple[LetterItem, ...]
    office_name: str
    officer_name: str
    officer_telephone: str
    base_url: str
    officer_email: str = ""
    is_demo: bool = False
    subject_tag: str = SUBJECT_TAG
    links: tuple[LetterLink, ...] = ()
    written_on: date | None = None
    awaited: tuple[LetterItem, ...] = ()
    awaited_count: int = 0
    preferences_url: str | None = None
    off_url: str | None = None
    copied_to: str | None = None
    stuck: StuckWork | None = None

    @property
    def substituted(self) -> str:
        """The names of those in whose place the reader gets some of it; empty where it is all theirs."""
        return ", ".join(dict.fromkeys(one.substitute_for for one in self.items if one.substitute_for))


@dataclass(frozen=True, slots=True)
class Letter:
    """A written mail: one line of subject, the text, and the same as an HTML page."""

    subject: str
    text: str
    html: str


_ITEM_FIELDS: Final = tuple(each.name for each in fields(LetterItem))
_VALUES_OF_ITEM: Final = attrgetter(*_ITEM_FIELDS)
_LINES_OF_LETTER: Final = (
    "recipient_name", "office_name", "officer_name", "officer_telephone", "officer_email"
)  # fmt: skip
_LINES_OF_ITEM: Final = (
    "subject_name", "award_name", "unit_name", "step_label", "holder_office", "holder_telephone"
)  # fmt: skip
_LINES_PERHAPS: Final = (
    "reason_label", "substitute_for", "actor_name", "pressed_by", "named_by", "holder_name",
    "decision_number", "signer", "submission_number",
)  # fmt: skip
_Facts = TypeVar("_Facts", LetterFacts, LetterItem, LetterLink)


def compose(notice: NoticeKind | None, locale: str, facts: LetterFacts) -> Letter:
    """Write the letter of that notice in that language (vi or en); without a notice, the list of a day.

    Items come overdue first, then by due time; beyond 20 only their number is told. Raises ValueError for an
    unknown language, for a notice without what it is about, and for a link that is no web address.
    """
    if locale not in LOCALES:
        raise ValueError(f"letters are written in {' and '.join(LOCALES)}, not in '{locale}'")
    facts = _cleaned(facts)
    _require_content(notice, facts)
    overdue = sum(item.is_overdue for item in facts.items)
    listed = [_worded(item, locale) for item in facts.items[:LISTED_ITEMS]]
    words = {
        "locale": locale,
        "facts": facts,
        "items": listed,
        "item": listed[0] if listed else None,
        "total": len(facts.items),
        "nominations": phrases.nominations(len(facts.items), locale),
        "overdue": overdue,
        "unlisted": len(facts.items) - len(listed),
        "stuck": phrases.stuck(facts.stuck, locale) if facts.stuck is not None else "",
    }
    template = f"{notice}/{locale}"
    if notice is None:
        template = f"shared/digest.{locale}"
        words |= digest_words(facts.items, facts.awaited, facts.awaited_count, LISTED_ITEMS, locale)
        words["lead"] = single_line(render(f"{template}.lead", words), _LEAD_LENGTH)
    elif len(facts.items) > 1:
        template = f"shared/many.{locale}"
        words |= list_words(notice, facts.items, LISTED_ITEMS, locale)
        words |= {part: single_line(render(f"{template}.{part}", words), _LEAD_LENGTH) for part in _PARTS}
    tag = f"[{facts.subject_tag}] " if facts.subject_tag else ""
    subject = single_line(tag + render(f"{template}.subject", words), _SUBJECT_LENGTH)
    text = tidy(render(f"{template}.txt", words))
    html = render(f"{template}.html", {**words, "subject": subject})
    return Letter(subject=subject, text=text, html=html)


def _require_content(notice: NoticeKind | None, facts: LetterFacts) -> None:
    if not (facts.stuck if notice is NoticeKind.OBSTACLES else facts.items):
        raise ValueError(f"a mail of kind {notice} needs at least one thing that it is about")
    told = (*facts.items, *facts.awaited)
    addresses = [*(item.url for item in told), *(item.list_url or item.url for item in told)]
    addresses += [*(link.url for link in facts.links), facts.base_url]
    stuck_url = facts.stuck.url if facts.stuck is not None else None
    addresses += [link for link in (facts.preferences_url, facts.off_url, stuck_url) if link is not None]
    for link in addresses:
        if not link.startswith(_WEB_ADDRESS) or re.search(r"[\s<>\"]", link):
            raise ValueError(f"'{link}' is not a web address")


def _cleaned(facts: LetterFacts) -> LetterFacts:
    return _changed(
        facts,
        {
            **{name: single_line(getattr(facts, name)) for name in _LINES_OF_LETTER},
            "copied_to": facts.copied_to and single_line(facts.copied_to),
            "base_url": facts.base_url.rstrip("/"),
            "links": tuple(_changed(link, {"about": single_line(link.about)}) for link in facts.links),
            "items": in_order([_cleaned_item(item) for item in facts.items]),
            "awaited": tuple(_cleaned_item(item) for item in facts.awaited),
        },
    )


def _cleaned_item(item: LetterItem) -> LetterItem:
    told = {name: said for name in _LINES_PERHAPS if (said := getattr(item, name)) is not None}
    return _changed(
        item,
        {
            **{name: single_line(getattr(item, name)) for name in _LINES_OF_ITEM},
            **{name: single_line(said) or None for name, said in told.items()},
            "comment": shortened(visible(item.comment, keep="\n").strip(), _COMMENT_LENGTH),
            "question": single_line(item.question, _LEAD_LENGTH),
            "stands_in": item.stands_in and item.stands_in.cleaned(),
            "could_take_it": tuple(single_line(name) for name in item.could_take_it),
            "announced": tuple(
                (day, tuple(single_line(name) for name in names)) for day, names in item.announced
            ),
        },
    )


def _changed(facts: _Facts, cleaned: Mapping[str, object]) -> _Facts:
    """Return facts with what cleaning changed: mostly nothing, and to write them anew takes longest."""
    changes: dict[str, Any] = {name: said for name, said in cleaned.items() if said != getattr(facts, name)}
    return replace(facts, **changes) if changes else facts


def _worded(item: LetterItem, locale: str) -> dict[str, object]:
    """Add to an item the phrases that text and HTML share."""
    return {
        **dict(zip(_ITEM_FIELDS, _VALUES_OF_ITEM(item), strict=True)),
        "is_overdue": item.is_overdue,
        "is_asked": item.is_asked,
        "title": f"{item.subject_name} - {item.award_name}",
        "due_short": phrases.due(item.due_at, locale, short=True),
        "was_due": phrases.due(item.was_due_at, locale),
        "due_and_left": phrases.due_and_left(item.due_at, item.working_days_left, locale),
        "due_why": single_line(phrases.why_then(item, locale), _COMMENT_LENGTH),
        "holder": phrases.holder(item, locale),
        "asked_words": phrases.asked_words(item, locale),
        "announcement": phrases.announced(item, locale),
        "names_of_unit": phrases.names_of_unit(item, locale),
    }
