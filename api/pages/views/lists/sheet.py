"""The sheet before a list is decided: where each name goes, what has to be said, which stay and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from api.catalogue import say
from api.pages.picked import Picks
from api.pages.views.lists.names import NameWaiting, is_by_words, own_names, waiting_names
from api.pages.writing import award, moment
from api.wording import changer, message_of
from workflow.domain.rights.policy import NOT_YOURS
from workflow.domain.vocabulary import BuiltIn
from workflow.queries.nominations.moves import MoveKind
from workflow.queries.shapes import Titled
from workflow.queries.submissions.list_actions import ListAction
from workflow.queries.submissions.looks import ChangedBy
from workflow.queries.submissions.submission import ListedName, ListedSubject, SubmissionView

Typed = Mapping[str, str]
"""What was typed on the sheet: of each name its own fields, such as `comment-12`."""
_MISSING: Final = {
    "to": "form.choose_step",
    "reason": "rule.reason_code_missing",
    "comment": "rule.comment_missing",
}


@dataclass(frozen=True, slots=True)
class PickedName:
    """One name with what was picked for it, and the steps that may lead it to; `has_words` to look at."""

    id: int
    version: int
    name: str
    award: str
    action: ListAction
    ways: tuple[Titled, ...]
    has_words: bool


@dataclass(frozen=True, slots=True)
class SheetPart:
    """The names that one action takes to one step; of several steps whoever acts chooses for each name."""

    action: ListAction
    step: Titled | None
    names: tuple[PickedName, ...]

    @property
    def asks(self) -> bool:
        """Whether each of its names has a form of its own."""
        form = self.action.form
        asks = form.reason_required or form.comment_required or bool(form.reasons)
        return asks or (self.step is None and not self.stays) or self.names[0].has_words

    @property
    def is_back(self) -> bool:
        """Whether it takes back what was sent on."""
        return self.action.name == BuiltIn.RECALL

    @property
    def stays(self) -> bool:
        """Whether the names stay where they are: what was prepared for them is to be prepared again."""
        return self.action.name == BuiltIn.PREPARE_AGAIN


@dataclass(frozen=True, slots=True)
class Kept:
    """Names that stay where they are, for one reason."""

    why: str
    names: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class DecisionSheet:
    """What one confirmation would do with a list, and what it would leave."""

    ways: tuple[SheetPart, ...]
    kept: tuple[Kept, ...]
    elsewhere: int
    seen: Mapping[int, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[PickedName, ...]:
        """Every name it takes."""
        return tuple(name for way in self.ways for name in way.names)


def sheet_of(
    view: SubmissionView,
    picks: Picks,
    seen: Mapping[int, int],
    changed: Mapping[int, ChangedBy],
    locale: str,
    *,
    typed: Typed,
) -> DecisionSheet:
    """Return the sheet for what was picked, of names `seen` in some version and `changed` since.

    A name for which words were typed, or prepared, shows them, whether its action asks for any or not.
    """
    listed = _listed(view)
    taken: dict[int, PickedName] = {}
    kept: dict[str, list[int]] = {}
    for nomination_id in [one for one in listed if one in picks]:
        subject, name = listed[nomination_id]
        action = _open(view, nomination_id, picks[nomination_id])
        if seen.get(nomination_id, name.version) != name.version:
            kept.setdefault(_changed(changed.get(nomination_id), locale), []).append(nomination_id)
        elif action is None:
            kept.setdefault(_closed(view, nomination_id, picks[nomination_id], locale), []).append(
                nomination_id
            )
        else:
            has_words = bool(typed.get(f"comment-{nomination_id}"))
            taken[nomination_id] = _picked(subject, name, action, locale, has_words=has_words)
    waiting = waiting_names(view)
    later = [one.id for one in waiting if one.id not in picks]
    own = [name.nomination_id for name in own_names(view)]
    for why, ids in ((say(locale, "decide.stay_later"), later), (say(locale, "decide.stay_own"), own)):
        if ids:
            kept.setdefault(why, []).extend(ids)
    mine = {one.id for one in waiting} | set(own) | set(picks)
    return DecisionSheet(
        ways=_ways(taken.values()),
        kept=tuple(Kept(why, tuple(_line(listed[one], locale) for one in ids)) for why, ids in kept.items()),
        elsewhere=len([one for one in listed if one not in mine]),
        seen={one.id: one.version for one in taken.values()},
    )


def lacking(sheet: DecisionSheet, typed: Typed, locale: str) -> dict[str, str]:
    """Return what is still to be said, by field: nothing is carried out before all of it is."""
    wrong: dict[str, str] = {}
    for way in sheet.ways:
        form = way.action.form
        for name in way.names:
            told, is_same = told_of(way, name, typed), is_like_first(way, name, typed)
            missing = (
                ("to", len(name.ways) > 1 and told["to"] not in {one.code for one in name.ways}),
                ("reason", form.reason_required and not told["reason"] and not is_same),
                ("comment", form.comment_required and not told["comment"].strip() and not is_same),
            )
            wrong |= {
                f"{part}-{name.id}": say(locale, _MISSING[part]) for part, is_missing in missing if is_missing
            }
    return wrong


def told_of(way: SheetPart, name: PickedName, typed: Typed) -> dict[str, str]:
    """Return what was typed for a name; reason and words are those of the first where it says so."""
    source = way.names[0] if is_like_first(way, name, typed) else name
    own = {part: typed.get(f"{part}-{source.id}", "") for part in ("reason", "comment")}
    return {**own, "to": typed.get(f"to-{name.id}", "")}


def is_like_first(way: SheetPart, name: PickedName, typed: Typed) -> bool:
    """Return whether a name is told the same as the first of its way, as its tick says."""
    return name.id != way.names[0].id and bool(typed.get(f"same-{name.id}"))


def _listed(view: SubmissionView) -> dict[int, tuple[ListedSubject, ListedName]]:
    return {name.nomination_id: (subject, name) for subject in view.list for name in subject.awards}


def _open(view: SubmissionView, nomination_id: int, picked: str) -> ListAction | None:
    """Return the action that was picked where words alone still make it: a move, or a taking back."""
    return next(
        (
            action
            for action in view.actions
            if action.name == picked and nomination_id in action.takes and _is_offered(action)
        ),
        None,
    )


def _is_offered(action: ListAction) -> bool:
    is_move = action.form.kind is MoveKind.MOVE and is_by_words(action)
    return is_move or action.name in {BuiltIn.RECALL, BuiltIn.PREPARE_AGAIN}


def _picked(
    subject: ListedSubject, name: ListedName, action: ListAction, locale: str, *, has_words: bool
) -> PickedName:
    ways = NameWaiting(subject, name, (action,), ()).ways(action)
    title = award(name.award.title, locale)
    is_plain = not (action.form.comment_required or action.form.reasons)
    return PickedName(
        name.nomination_id, name.version, subject.name, title, action, ways, has_words and is_plain
    )


def _ways(taken: Iterable[PickedName]) -> tuple[SheetPart, ...]:
    """Return the names under what is done with them and the step it leads to."""
    found: dict[tuple[str, str, bool], list[PickedName]] = defaultdict(list)
    for name in taken:
        only = name.ways[0].code if len(name.ways) == 1 else ""
        found[name.action.key, only, name.has_words].append(name)
    return tuple(
        SheetPart(names[0].action, names[0].ways[0] if len(names[0].ways) == 1 else None, tuple(names))
        for names in found.values()
    )


def _line(listed: tuple[ListedSubject, ListedName], locale: str) -> tuple[int, str, str]:
    subject, name = listed
    return name.nomination_id, subject.name, award(name.award.title, locale)


def _changed(change: ChangedBy | None, locale: str) -> str:
    """Say who changed a name since it was looked at."""
    if change is None:
        return say(locale, "decide.stay_changed", name=say(locale, "submissions.stale_nobody"))
    name = changer(locale, change.name, is_own=change.is_own)
    return say(locale, "decide.stay_changed_by", name=name, at=moment(change.at, locale))


def _closed(view: SubmissionView, nomination_id: int, picked: str, locale: str) -> str:
    """Say why what was picked for a name cannot be done now."""
    reasons = [
        "refused.not_yours" if one.reason.code == NOT_YOURS else message_of(one.reason, locale)
        for action in view.actions
        if action.name == picked
        for one in action.refused
        if nomination_id in one.nomination_ids
    ]
    said = [say(locale, one) if one == "refused.not_yours" else one for one in dict.fromkeys(reasons)]
    return " ".join(said) or say(locale, "decide.stay_gone")
