"""What became of each name of a list that was decided in one pass, and what still waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request

from api.catalogue import say
from api.edge import request_now, request_session
from api.pages.identity import current_actor, current_locale
from api.pages.once import new_key
from api.pages.picked import Picks, write_seen
from api.pages.refusals import sentence_of
from api.pages.views.lists.kinds import ListPass
from api.pages.views.lists.names import recalled, waiting_names
from api.pages.writing import award, render
from api.wording import message_of
from workflow.domain.rights.policy import NOT_YOURS
from workflow.domain.vocabulary import BuiltIn
from workflow.operations.nominations.answers import ItemResult, ListOutcome, RefusedItem
from workflow.queries.nominations.undoable import undoable
from workflow.queries.shapes import Words, own_words
from workflow.queries.submissions.submission import ListedName, ListedSubject, SubmissionView

_BACKWARD: Final = frozenset[str]({BuiltIn.RECALL, BuiltIn.UNDO})


@dataclass(frozen=True, slots=True)
class DecidedName:
    """One name after the confirmation: what was done with it and where it stands, or why it was left."""

    id: int
    name: str
    award: str
    action: str
    step: Words
    why: str = ""
    words: str = ""
    is_recallable: bool = False


def labels_of(before: SubmissionView, picks: Picks) -> dict[str, object]:
    """Return what each choice was called in the step in which it was made: afterwards no step offers it."""
    labels = {(action.name, one): action.label for action in before.actions for one in action.takes}
    found = {one: labels.get((action, one)) for one, action in picks.items()}
    return {str(one): [label.vi, label.en] for one, label in found.items() if label}


def show_result(
    way: ListPass,
    after: SubmissionView,
    picks: Picks,
    outcome: ListOutcome,
    labels: Mapping[str, Any],
) -> str:
    """Return the page that answers for every name; `labels` are those that `labels_of` gave beforehand."""
    listed = {name.nomination_id: (subject, name) for subject in after.list for name in subject.awards}
    open_again = recalled(after)
    found = [
        _name(item, listed.get(item.nomination_id), _label(item.nomination_id, picks, labels), open_again)
        for item in outcome.items
    ]
    done = [one for one in found if not one.why]
    ids = [one.id for one in done if not way.is_preparing]
    may = undoable(request_session(), actor=current_actor(), ids=ids, now=request_now())
    undone = [one for one in done if one.id in may.versions]
    back = [
        one
        for one in done
        if one.is_recallable and one.id not in may.versions and picks.get(one.id) not in _BACKWARD
    ]
    return render(
        "decide_done.html",
        way=way,
        submission=after,
        done=done,
        refused=_by_reason(found),
        refused_count=len(found) - len(done),
        undone=undone,
        undo_until=may.until,
        back=back,
        settled=[one for one in done if one not in undone and one not in back],
        seen=write_seen({one.id: listed[one.id][1].version for one in back} | may.versions),
        new_key=new_key,
        waiting=0 if way.is_preparing else len(waiting_names(after)),
    )


def _label(number: int, picks: Picks, labels: Mapping[str, Any]) -> Words | None:
    if picks.get(number) == BuiltIn.UNDO:
        return own_words(f"action.{BuiltIn.UNDO}")
    found = labels.get(str(number))
    return Words(*found) if found else None


def _by_reason(found: Sequence[DecidedName]) -> list[tuple[str, list[DecidedName]]]:
    """Return the names that were left, under each reason; whoever decided in two windows reads one of it."""
    reasons: dict[str, list[DecidedName]] = {}
    for one in found:
        if one.why:
            reasons.setdefault(one.why, []).append(one)
    return list(reasons.items())


def _name(
    item: ItemResult,
    listed: tuple[ListedSubject, ListedName] | None,
    label: Words | None,
    open_again: frozenset[int],
) -> DecidedName:
    locale, number = current_locale(), item.nomination_id
    return DecidedName(
        id=number,
        name=listed[0].name if listed else str(number),
        award=award(listed[1].award.title, locale) if listed else "",
        action=label.text(locale) if label else "",
        step=listed[1].label if listed else Words("", ""),
        why=_why(item.refused, locale) if item.refused else "",
        words=request.form.get(f"comment-{number}", "") if item.refused else "",
        is_recallable=item.refused is None and number in open_again,
    )


def _why(refused: RefusedItem, locale: str) -> str:
    """Say why a name was left as it is; of one that changed meanwhile who changed it and when."""
    reasons = [
        say(locale, "refused.not_yours") if reason.code == NOT_YOURS else message_of(reason, locale)
        for reason in refused.reasons
    ]
    return " ".join(reasons) or sentence_of(refused, locale)
