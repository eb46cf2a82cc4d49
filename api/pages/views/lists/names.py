"""The names of a list as somebody decides on them: what can be chosen at each, and why one wants a look."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from api.catalogue import say
from api.pages.list_words import UnmetReason, lacks_of, lines_of
from api.pages.views.lists.proposals import said_of
from api.pages.writing import award, day_of
from api.wording import message_of
from workflow.domain.errors import Reason
from workflow.domain.moves.attention import Concern, NameFacts, looks_for
from workflow.domain.moves.engine import Direction
from workflow.domain.rights.policy import NOT_YOURS
from workflow.domain.vocabulary import BuiltIn, VoteResult
from workflow.messages import formats
from workflow.queries.nominations.moves import MoveKind
from workflow.queries.nominations.prepared import PreparedView
from workflow.queries.shapes import Titled, Words
from workflow.queries.submissions.list_actions import ListAction
from workflow.queries.submissions.looks import UNSEEN, NameLook
from workflow.queries.submissions.submission import ListedName, ListedSubject, SubmissionView

_ONWARD: Final = frozenset({Direction.FORWARD, Direction.APPROVE})
# So many names of a list lack something that is said once, above them.
_SAID_ONCE_FROM: Final = 4
# From so many names on, what is true of all of them is said once.
_SAID_OF_ALL_FROM: Final = 2
_PLAIN_TO_SEE: Final = (Concern.FORM, Concern.WAYS)
# What is said of each name by itself: that it is somebody else's, or on hold.
_OF_ONE: Final = frozenset({NOT_YOURS, "on_hold"})


@dataclass(frozen=True, slots=True)
class NameWaiting:
    """One name that waits for a move of the reader's: what is open, and what is refused and why."""

    subject: ListedSubject
    name: ListedName
    open: tuple[ListAction, ...]
    refused: tuple[tuple[ListAction, tuple[Reason, ...]], ...]

    @property
    def id(self) -> int:
        """Its nomination."""
        return self.name.nomination_id

    def choices(self) -> tuple[ListAction, ...]:
        """Return the moves that words alone make; counts and signed documents have forms of their own."""
        return tuple(action for action in self.open if is_by_words(action))

    def ways(self, action: ListAction) -> tuple[Titled, ...]:
        """Return the steps that an action may lead this name to."""
        own = tuple(lead.dest for lead in action.leads if self.id in lead.nomination_ids)
        return own or action.form.dests


@dataclass(frozen=True, slots=True)
class NameCard:
    """One name as the page shows it; `default` is the action chosen for it, empty where it wants a look.

    `proposed` is what somebody prepared for it, in words where they say more than the line above the names;
    `may_send_back` whether that can be asked for again.
    """

    waiting: NameWaiting
    award: str
    look: NameLook
    looks: tuple[Concern, ...]
    why: tuple[str, ...]
    default: str
    proposed: str
    may_send_back: bool

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to look at."""
        return not (self.looks or self.proposed)


def is_by_words(action: ListAction) -> bool:
    """Return whether an action asks for nothing but words and a step."""
    form = action.form
    return not (form.needs_vote or form.needs_decision or form.needs_outcome or form.assignees)


def waiting_names(view: SubmissionView) -> list[NameWaiting]:
    """Return the names that wait for a move of the reader's, in the order of the list; their own is none."""
    taken: dict[int, list[ListAction]] = defaultdict(list)
    refused: dict[int, dict[str, tuple[ListAction, list[Reason]]]] = defaultdict(dict)
    for action in view.actions:
        if action.form.kind is not MoveKind.MOVE:
            continue
        for nomination_id in action.takes:
            taken[nomination_id].append(action)
        for one in action.refused:
            for nomination_id in one.nomination_ids:
                refused[nomination_id].setdefault(action.key, (action, []))[1].append(one.reason)
    found = []
    for subject in view.list:
        for name in subject.awards:
            closed = [
                (action, tuple(reasons))
                for action, reasons in refused[name.nomination_id].values()
                if all(reason.code != NOT_YOURS for reason in reasons)
            ]
            if not name.is_own and (taken[name.nomination_id] or closed):
                found.append(NameWaiting(subject, name, tuple(taken[name.nomination_id]), tuple(closed)))
    return found


def own_names(view: SubmissionView) -> list[ListedName]:
    """Return the names on the list that are the reader's own, which somebody else decides on."""
    return [name for subject in view.list for name in subject.awards if name.is_own]


def recalled(view: SubmissionView) -> frozenset[int]:
    """Return the names that the reader could take back now."""
    recalls = [action for action in view.actions if action.name == BuiltIn.RECALL]
    return frozenset(nomination_id for action in recalls for nomination_id in action.takes)


def cards_of(
    names: Iterable[NameWaiting],
    looks: Mapping[int, NameLook],
    said: Sequence[UnmetReason],
    locale: str,
    *,
    preparing: bool = False,
) -> list[NameCard]:
    """Return names as the page shows them; what was `said` above them is not said again."""
    above = frozenset(one.words for one in said)
    return [_card(one, looks.get(one.id, UNSEEN), above, locale, preparing=preparing) for one in names]


def said_of_many(cards: Sequence[NameCard], locale: str) -> tuple[list[tuple[str, int]], list[NameCard]]:
    """Return what is true of every name that is shown, or asked for at many, and the names without it.

    With each goes of how many it is true. What a step asks for is plain to see at its names by their choices,
    and no reason to look at one of them: it is asked of every name that is not on hold.
    """
    counts = Counter(words for card in cards for words in card.why)
    going = sum(Concern.HELD not in card.looks for card in cards)
    plain = {say(locale, f"decide.look_{look}"): look for look in _PLAIN_TO_SEE}
    many = {
        words: count
        for words, count in counts.items()
        if count >= _SAID_OF_ALL_FROM
        and (count == len(cards) or (words in plain and count >= min(_SAID_ONCE_FROM, going)))
    }
    asked = {plain[words] for words in many if words in plain}
    rest = [
        replace(
            card,
            why=tuple(words for words in card.why if words not in many),
            looks=tuple(look for look in card.looks if look not in asked),
        )
        for card in cards
    ]
    # What keeps all of them from going on is said above already.
    many.pop(say(locale, "decide.look_closed"), None)
    return list(many.items()), rest


def said_once(view: SubmissionView, locale: str) -> list[UnmetReason]:
    """Return what keeps many names from going on: said once, with where it is mended."""
    lacks = [
        lack
        for action in view.actions
        if action.form.direction in _ONWARD
        for lack in action.refused
        if lack.names >= _SAID_ONCE_FROM and lack.reason.code not in _OF_ONE
    ]
    said = lacks_of(lacks, lines_of(view, locale), locale)
    return list({lack.words: lack for lack in said}.values())


def _card(
    one: NameWaiting, look: NameLook, above: frozenset[str], locale: str, *, preparing: bool
) -> NameCard:
    onward = [action for action in one.open if action.form.direction in _ONWARD]
    plain = [action for action in onward if is_by_words(action)]
    facts = NameFacts(
        is_held=one.name.is_held,
        is_asked=one.name.is_asked,
        ways=sum(len(one.ways(action)) for action in plain),
        asks_for_more=len(plain) < len(onward),
        lacks_papers=look.papers_there < look.papers,
        was_returned=look.returned is not None,
        is_changed=look.changed_at is not None,
        is_unrecommended=one.name.recommendation is VoteResult.NOT_PASSED,
    )
    looks = looks_for(facts)
    # A step may be closed for the very reason that is told by itself.
    why = dict.fromkeys(
        words for found in looks for words in _unsaid(_why(found, one, look, locale), above, locale)
    )
    usual = plain[0].name if plain and not looks else ""
    prepared = look.prepared
    is_plain = prepared is not None and usual == prepared.action
    return NameCard(
        waiting=one,
        award=award(one.name.award.title, locale),
        look=look,
        looks=looks,
        why=tuple(why),
        default=_chosen(one, prepared, usual, preparing=preparing),
        proposed=said_of(prepared, is_plain=is_plain, locale=locale),
        may_send_back=prepared is not None and prepared.stands and not preparing,
    )


def _chosen(one: NameWaiting, prepared: PreparedView | None, usual: str, *, preparing: bool) -> str:
    """Return the action that is filled in: what is proposed. Who prepares finds what they had typed last.

    What is void, or was sent back, is for whoever decides to look at.
    """
    if prepared is None:
        return usual
    is_filled_in = prepared.stands or preparing
    is_offered = any(action.name == prepared.action for action in one.choices())
    return prepared.action if is_filled_in and is_offered else ""


def _unsaid(words: Sequence[str], above: frozenset[str], locale: str) -> list[str]:
    """Return what is not said above the names already; where all of it is, a word that leads there."""
    rest = [one for one in words if one not in above]
    return rest or [say(locale, "decide.look_closed") for _ in words[:1]]


def _why(found: Concern, one: NameWaiting, look: NameLook, locale: str) -> list[str]:
    if found is Concern.CLOSED:
        closed = [(action, told) for action, told in one.refused if action.form.direction in _ONWARD]
        return list(dict.fromkeys(message_of(reason, locale) for _, told in closed for reason in told))
    if found is Concern.RETURNED and look.returned is not None:
        reason = look.returned.reason or Words("", "")
        at = formats.day(day_of(look.returned.at), locale, short=True)
        told = ". ".join(filter(None, (reason.text(locale), look.returned.comment)))
        return [say(locale, "decide.look_returned", day=at, why=told)]
    if found is Concern.CHANGED and look.changed_at is not None:
        at = formats.day(day_of(look.changed_at), locale, short=True)
        return [say(locale, "decide.look_changed", day=at)]
    return [say(locale, f"decide.look_{found}")]
