"""The small parts that answers share: words in both languages, who, where, and in whose hands."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.domain.clusters.words import of_kind
from workflow.domain.errors import NotFound
from workflow.domain.papers.rules import PaperAction
from workflow.domain.remarks import Remark
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import split_key
from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.route.definition import Definition, Label
from workflow.domain.route.states import BUILT_IN_STATES
from workflow.domain.vocabulary import (
    ATTEST,
    MORE_TIME,
    NUDGE,
    REPLAN,
    UNDONE,
    BuiltIn,
    CourtesyAction,
    RungKind,
)
from workflow.store.awards import Award, AwardEdition
from workflow.store.definitions import published_routes
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.takers import names_of
from workflow.words.catalogue import word
from workflow.words.past import past


@dataclass(frozen=True, slots=True)
class Words:
    """Words on the screen in both languages."""

    vi: str
    en: str

    def text(self, locale: str) -> str:
        """Return the words in that language, Vietnamese for any but English."""
        return self.en if locale.startswith("en") else self.vi

    def as_award(self, locale: str) -> str:
        """Return an award's name; abroad it is known by its Vietnamese one, so English only explains it."""
        is_explained = self.en != self.vi and locale.startswith("en")
        return f"{self.vi} ({self.en})" if is_explained else self.vi

    def of_kind(self, kind: str | None) -> "Words":
        """Return the words as they are said of a cluster of that kind."""
        return self if kind is None else Words(of_kind(self.vi, kind), of_kind(self.en, kind))

    def as_happened(self) -> "Words":
        """Return what an action is called where it is told as done, not asked for."""
        return Words(self.vi, past(self.en))


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody with an account."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a lasting code and the name it has today."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Titled:
    """Something with a lasting code and a title in both languages."""

    code: str
    title: Words


@dataclass(frozen=True, slots=True)
class ListRef:
    """A unit's paper with its list; `number` is empty until it was signed."""

    id: int
    number: str


@dataclass(frozen=True, slots=True)
class HolderView:
    """In whose hands the open work is: a seat such as `unit_reviewer@unit:VKS-AG`, and whoever took it.

    `is_empty` says that nobody took it and nobody sits there who could. Who took it and is away is so until
    `away_until`; of `substitutes`, who could act meanwhile, the first does. They have it `since` then, and
    through `until` where they took it themselves: who has not decided by then gives it back to the seat.
    On hold that is no day.
    """

    key: str
    role: str
    seat: str
    assignee: Who | None
    is_empty: bool = False
    away_until: date | None = None
    substitutes: tuple[str, ...] = ()
    since: datetime | None = None
    until: date | None = None


_OWN_ACTIONS: Final = frozenset[str](
    {
        *BuiltIn,
        *PaperAction,
        *RungKind,
        *CourtesyAction,
        *Remark,
        ATTEST,
        MIGRATE,
        MORE_TIME,
        NUDGE,
        REPLAN,
        UNDONE,
    }
)


def own_words(key: str, **parts: object) -> Words:
    """Return words of ours as an answer spells them: those of a definition stand in the same field."""
    return Words(word("vi", key, **parts), word("en", key, **parts))


AWARD_COLUMNS: Final = (Award.code.label("award"), AwardEdition.name_vi, AwardEdition.name_en)
"""What a statement selects for `award_of_row`."""

UNIT_COLUMNS: Final = (Unit.code.label("unit"), UnitEdition.name.label("unit_name"))
"""What a statement selects for `unit_of_row`."""


def award_of_row(row: Row[Any]) -> Titled:
    """Return the award of a row that has `AWARD_COLUMNS`."""
    return Titled(row.award, Words(row.name_vi, row.name_en))


def unit_of_row(row: Row[Any]) -> Named:
    """Return the unit of a row that has `UNIT_COLUMNS`; by its code where it has no name."""
    return Named(row.unit, row.unit_name or row.unit)


def words_of(label: Label) -> Words:
    """Return a definition's label as an answer spells it."""
    return Words(label.vi, label.en)


def state_words(definition: Definition, state: str, kind: str | None) -> Words:
    """Return the name of a state, as it is spelled where the definition does not know it.

    `kind` is that of the cluster the nomination's unit is in, None where that is not known.
    """
    if state in BUILT_IN_STATES and not definition.has_step(state):
        return own_words(f"state.{state}")
    if not definition.steps:
        return own_words("state.unreadable", state=state)
    if not definition.has_step(state):
        return Words(state, state)
    return words_of(definition.step(state).label).of_kind(kind)


def state_called(session: Session, state: str) -> Words:
    """Return what the newest route that has a state calls it, as it is spelled where none has."""
    routes = reversed(published_routes(session).values())
    route = next((route for route in routes if route.has_step(state) or state in BUILT_IN_STATES), None)
    return state_words(route, state, None) if route is not None else Words(state, state)


def public_words(definition: Definition, state: str, kind: str | None) -> Words:
    """Return what a state is called to those outside the reviewing; `kind` as for `state_words`."""
    if not definition.has_step(state):
        return state_words(definition, state, kind)
    return words_of(definition.step(state).public).of_kind(kind)


def action_words(definition: Definition, action: str, state: str | None, kind: str | None) -> Words:
    """Return the name of an action taken in a state: a built-in one's, or that of the definition's move.

    `kind` is that of the cluster, as for `state_words`.
    """
    if action in _OWN_ACTIONS:
        return own_words(f"action.{action}")
    moves = [move for move in definition.moves if move.name == action]
    fitting = [move for move in moves if state in move.sources] or moves
    return words_of(fitting[0].label).of_kind(kind) if fitting else Words(action, action)


def reason_words(definition: Definition, code: str | None) -> Words | None:
    """Return the name of a reason's code, None without one."""
    if code is None:
        return None
    labels = {reason.code: reason.label for reason in definition.reason_choices}
    return words_of(labels[code]) if code in labels else Words(code, code)


def is_nominee(actor: Actor, person_id: int | None, closed_at: datetime | None) -> bool:
    """Return whether the reader is the one nominated, who learns the reviewers' names with the result.

    OWASP ASVS 5.0.0, 8.2.3: fields are withheld here, not by the page.
    """
    return closed_at is None and person_id is not None and person_id == actor.person_id


def waits_for(actor: Actor, holder: HolderView) -> bool:
    """Return whether the reader has it in hand, or holds the seat in which nobody has taken it."""
    return holder.assignee.id == actor.account_id if holder.assignee else holder.key in actor.keys


class InHands(NamedTuple):
    """Who took work; of somebody away until when, and who acts. They have it `since` then, `until` a day."""

    who: Who
    away_until: date | None = None
    substitutes: tuple[str, ...] = ()
    since: datetime | None = None
    until: date | None = None


def holder_in(
    key: str, hands: InHands | None, *, is_withheld: bool = False, is_seat_empty: bool = False
) -> HolderView:
    """Return in whose hands open work lies; to the nominee the seat alone."""
    role, seat = split_key(key)
    if hands is None or is_withheld:
        return HolderView(key, role, seat, None, is_empty=is_seat_empty and hands is None)
    acting = hands.substitutes if hands.away_until is not None else ()
    return HolderView(
        key,
        role,
        seat,
        hands.who,
        away_until=hands.away_until,
        substitutes=acting,
        since=hands.since,
        until=hands.until,
    )


def holder_in_row(row: Row[Any], *, is_withheld: bool = False) -> HolderView:
    """Return in whose hands the open work of a row lies that tells the `holder_columns`."""
    hands = None
    if row.assignee_id is not None:
        who = Who(row.assignee_id, row.assignee or "")
        hands = InHands(who, row.away_until, names_of(row.stand_ins), row.taken_at, row.claimed_until)
    return holder_in(row.owner_key, hands, is_withheld=is_withheld, is_seat_empty=row.is_seat_empty)


def holder_of_row(row: Row[Any], *, is_withheld: bool) -> HolderView | None:
    """Return the same of a row whose work may be done: None then."""
    return None if row.owner_key is None else holder_in_row(row, is_withheld=is_withheld)


def not_among_those(nomination_id: int) -> NotFound:
    """Return the refusal that tells nobody whether a nomination exists that they do not see."""
    return NotFound(f"There is no nomination {nomination_id} among those you may see.")
