"""The actions on a list in words: what each button says, whom it takes, what the other names lack."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.catalogue import say
from api.pages.writing import award
from api.wording import message_of
from workflow.domain.papers.kinds import PaperLevel, level_of
from workflow.domain.rights.policy import NOT_YOURS
from workflow.domain.vocabulary import PaperKind
from workflow.queries.submissions.list_actions import ListAction, RefusedFor
from workflow.queries.submissions.submission import SubmissionView

# What is mended on the list's own page, and where.
_ON_THE_LIST: Final[Mapping[str, str]] = {
    "submission_number_missing": "paper",
    "submission_date_missing": "paper",
    "submission_signer_missing": "paper",
}
_PAPER_MISSING: Final = "paper_missing"
_PAPERS: Final = "papers"


@dataclass(frozen=True, slots=True)
class NameLine:
    """One name as it is shown before and after: who, for what, and why it is left as it is, if it is."""

    nomination_id: int
    name: str
    award: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnmetReason:
    """One reason that stands against some names; `place` is where on this page it is mended, if it is."""

    words: str
    lines: tuple[NameLine, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Offered:
    """One action as its button says it: with its step where two buttons would else say the same."""

    action: ListAction
    title: str
    lacks: tuple[UnmetReason, ...]


def lines_of(view: SubmissionView, locale: str) -> list[NameLine]:
    """Return every name of a list that the reader may see, in its order."""
    return [
        NameLine(name.nomination_id, subject.name, award(name.award.title, locale))
        for subject in view.list
        for name in subject.awards
    ]


def chosen_lines(lines: Sequence[NameLine], ids: Collection[int]) -> list[NameLine]:
    """Return those of the lines that are meant, in their order."""
    return [line for line in lines if line.nomination_id in ids]


def offered(view: SubmissionView, locale: str) -> list[Offered]:
    """Return the actions on a list, each with a title that no other has."""
    titles = _titles(view.actions, locale)
    lines = lines_of(view, locale)
    return [
        Offered(action, title, lacks_of(action.refused, lines, locale))
        for action, title in zip(view.actions, titles, strict=True)
    ]


def lacks_of(
    refused: Sequence[RefusedFor], lines: Sequence[NameLine], locale: str
) -> tuple[UnmetReason, ...]:
    """Return reasons in words, each with the names it stands against."""
    return tuple(
        UnmetReason(
            _words(one, locale),
            tuple(chosen_lines(lines, frozenset(one.nomination_ids))),
            _place(one),
        )
        for one in refused
    )


def _titles(actions: Sequence[ListAction], locale: str) -> list[str]:
    """Return what each button says: the label, with its step, or its route too, where others say the same."""
    spoken = [
        {
            "action": action.label.text(locale),
            "step": action.step.text(locale),
            "route": action.workflow.title.text(locale),
        }
        for action in actions
    ]
    ways = (
        [parts["action"] for parts in spoken],
        [say(locale, "submissions.at_step", **parts) for parts in spoken],
        [say(locale, "submissions.on_route", **parts) for parts in spoken],
    )
    return [
        next((said[place] for said in ways if said.count(said[place]) == 1), ways[-1][place])
        for place in range(len(actions))
    ]


def _words(one: RefusedFor, locale: str) -> str:
    # The rule names the seat by its key, which is no word for a screen.
    if one.reason.code == NOT_YOURS:
        return say(locale, "refused.not_yours")
    return message_of(one.reason, locale)


def _place(one: RefusedFor) -> str:
    if one.reason.code == _PAPER_MISSING:
        kind = PaperKind(one.reason.params["kind"])
        return _PAPERS if level_of(kind) is PaperLevel.SUBMISSION else ""
    return _ON_THE_LIST.get(one.reason.code, "")
