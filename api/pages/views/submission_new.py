"""Composing a unit's submission with its list: one row a person, one column an award."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.submissions import MoreRowsBody, NewSubmissionBody, RowBody
from api.pages.carry_out import carry_out, refuse
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed, said_by
from api.pages.writing import render
from api.permissions import Permission, permission
from api.wording import message_of
from workflow.domain.errors import Forbidden, Refusal
from workflow.domain.rights.roles_held import nominating_units
from workflow.domain.vocabulary import SubjectKind, Via
from workflow.operations.submissions.compose import create_submission
from workflow.operations.submissions.lists import ComposedList
from workflow.queries.choices import DraftChoices, draft_choices
from workflow.queries.people.candidates import UNIT_ITSELF, Candidacy, candidacies
from workflow.queries.submissions.submissions import SubmissionRow

_SEE_OTHER: Final = 303
_WHOLE_UNIT: Final = 0
_AWARDS: Final = re.compile(r"awards-([0-9]{1,18})")
_WORDS: Final = {"signed_on": "form.paper_day"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row that can be ticked: a person, or the unit itself where `code` is empty.

    `number` names its fields. It is nobody's place in the list: staff that come while the form is open would
    move everybody after them.
    """

    number: int
    code: str
    name: str
    note: str
    kind: SubjectKind


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken: whom it names, and every problem in words."""

    name: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TickedList:
    """The form of a list: its round and unit, who can be on it, and the list itself where there is one."""

    choices: DraftChoices
    place: tuple[str, str]
    existing: SubmissionRow | None = None

    @property
    def candidates(self) -> list[Candidate]:
        """Everybody of the unit who can be ticked, the unit itself first."""
        unit = self.place[1]
        # Of very many units not all are offered; that of a list that is there is on it.
        named = [item.name for item in self.choices.units if item.code == unit]
        [name] = named or [self.existing.unit.name if self.existing else unit]
        whole = Candidate(_WHOLE_UNIT, UNIT_ITSELF, name, "", SubjectKind.COLLECTIVE)
        people = [
            Candidate(person.id, person.code, person.name, person.position, SubjectKind.PERSON)
            for person in self.choices.people
            if person.unit == unit
        ]
        return [whole, *people]


B = TypeVar("B", NewSubmissionBody, MoreRowsBody)
Ticked: TypeAlias = Sequence[Candidate]


@pages.get("/submissions/new")
@permission(Permission.SIGNED_IN)
def new_submission() -> str:
    """Ask for which round and unit, then show everybody who can be put on the list."""
    choices = choices_of_list()
    place = _place(request.args, choices)
    if place is None:
        return render("submission_place.html", choices=choices)
    return show_ticks(TickedList(choices, place))


@pages.post("/submissions/new")
@permission(Permission.SIGNED_IN)
def compose_submission() -> Response | tuple[str, int]:
    """Draft every name that was ticked; rows that cannot be taken are named and the rest stands."""
    choices = choices_of_list()
    place = _place(request.form, choices)
    if place is None:
        return refuse({}, lambda _: render("submission_place.html", choices=choices))

    def composed(said: NewSubmissionBody) -> ComposedList:
        return create_submission(
            request_session(),
            actor=current_actor(),
            new=said.submission(),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def said(ticked: Ticked) -> NewSubmissionBody:
        return read_ticks(NewSubmissionBody, ticked, {"round": place[0], "unit": place[1]})

    return take_ticks(lambda: TickedList(choices, place), said, composed)


def take_ticks(
    form: Callable[[], TickedList], said: Callable[[Ticked], B], drafted: Callable[[B], ComposedList]
) -> Response | tuple[str, int]:
    """Answer a list that was ticked: `said` reads it as a program would send it, `drafted` takes it."""
    locale, shown = current_locale(), form()
    candidates = shown.candidates
    ticked = _ticked(candidates)
    if not ticked:
        nobody = say(locale, "submissions.nobody_ticked")
        return refuse({}, lambda _: show_ticks(shown, problem=nobody))

    def body() -> B:
        return said(ticked)

    def again(refusal: Refusal) -> str:
        reasons = _row_reasons(refusal)
        bad = _bad_rows(reasons, ticked) if reasons else []
        problem, wrong = said_beside(refusal, locale, _WORDS)
        problem = say(locale, "submissions.none_taken") if bad else problem
        return show_ticks(form(), problem=problem, wrong=wrong, bad=bad)

    return carry_out(
        lambda: drafted(body()),
        done=lambda made: _made(made, ticked, shown.existing),
        again=again,
    )


def _made(made: ComposedList, ticked: Ticked, existing: SubmissionRow | None) -> Response:
    """Go to the submission and say how many names came on it and which rows were not taken."""
    locale = current_locale()
    for words in _said_of(made, existing, locale):
        flash(words)
    problems = {
        row.number: [message_of(one.reason, locale) for one in row.problems]
        for row in made.rows
        if row.problems
    }
    for bad in _bad_rows(problems, ticked):
        flash(say(locale, "submissions.not_taken", name=bad.name, why=" ".join(bad.problems)), "warning")
    first = existing.id if existing else made.submissions[0].submission_id
    return redirect(url_for("pages.submission", submission_id=first), _SEE_OTHER)


def _said_of(made: ComposedList, existing: SubmissionRow | None, locale: str) -> list[str]:
    """Say how many names a list has or got, and where those are that another body decides on."""
    if existing is None:
        told = [say(locale, "submissions.made", count=sum(one.names for one in made.submissions))]
        if len(made.submissions) > 1:
            told.append(say(locale, "submissions.made_split", count=len(made.submissions)))
        return told
    return [
        say(locale, "submissions.added", count=one.names)
        if one.submission_id == existing.id
        else say(locale, "submissions.added_apart", count=one.names, id=one.submission_id)
        for one in made.submissions
    ]


def choices_of_list() -> DraftChoices:
    """Return what a list can be made of, or raise `Forbidden` when the actor nominates for no unit."""
    actor, session = current_actor(), request_session()
    if not nominating_units(actor):
        raise Forbidden(say(current_locale(), "draft.no_unit"))
    return draft_choices(session, actor=actor, today=request_today())


def _place(given: Mapping[str, str], choices: DraftChoices) -> tuple[str, str] | None:
    """Return the codes of round and unit as far as they are chosen; what is the only one is chosen."""
    found = []
    for name, offered in (("round", choices.rounds), ("unit", choices.units)):
        codes = [item.code for item in offered]
        code = given.get(name) or (codes[0] if len(codes) == 1 else "")
        if code not in codes:
            return None
        found.append(code)
    return found[0], found[1]


def _ticked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return whoever has an award ticked, in the order of the page and last whoever has left the unit since.

    Those are named by the code that the form showed, so that the rules say what became of them.
    """
    form = request.form
    ticked = {int(found[1]) for name in form if (found := _AWARDS.fullmatch(name))}
    codes = {number: form.get(f"code-{number}") for number in sorted(ticked)}
    here = [one for one in candidates if codes.get(one.number) == one.code]
    for one in here:
        del codes[one.number]
    gone = [Candidate(number, code, code, "", SubjectKind.PERSON) for number, code in codes.items() if code]
    return [*here, *gone]


def read_ticks(
    body: type[B], ticked: Ticked, more: Mapping[str, object], *, required: Sequence[str] = ()
) -> B:
    """Return the list as a program would send it: a row for each name ticked. Raises `NotTaken`."""
    rows: list[object] = []
    names: dict[str, str] = {}
    for index, one in enumerate(ticked):
        own = {
            "awards": f"awards-{one.number}",
            "achievement": f"achievement-{one.number}",
            "proposer": "proposer",
        }
        rows.append(said_by(RowBody, request.form, names=own) | {"person": one.code or None})
        names |= {f"rows.{index}.{field}": name for field, name in own.items()}
    many = {name for name in request.form if _AWARDS.fullmatch(name)}
    more = {**more, "rows": rows}
    return read_typed(body, request.form, names=names, required=required, more=more, many=many)


def _row_reasons(refusal: Refusal) -> dict[int, list[str]]:
    """Return the problems that a wholly refused list names, by row number."""
    locale = current_locale()
    found: dict[int, list[str]] = {}
    for reason in refusal.reasons:
        number = reason.params.get("row", "")
        if number.isdigit():
            found.setdefault(int(number), []).append(message_of(reason, locale))
    return found


def _bad_rows(problems: Mapping[int, Sequence[str]], ticked: Ticked) -> list[BadRow]:
    return [
        BadRow(ticked[number - 1].name, tuple(words))
        for number, words in sorted(problems.items())
        if 0 < number <= len(ticked)
    ]


def show_ticks(
    form: TickedList,
    *,
    problem: str = "",
    wrong: Mapping[str, str] = MappingProxyType({}),
    bad: Sequence[BadRow] = (),
) -> str:
    """Show the list to tick, with everything that was ticked and typed already."""
    (round_code, unit), choices = form.place, form.choices
    known = candidacies(
        request_session(), actor=current_actor(), round_code=round_code, unit_code=unit, now=request_now()
    )
    return render(
        "submission_new.html",
        round=next(item for item in choices.rounds if item.code == round_code),
        unit=next(item for item in choices.units if item.code == unit),
        existing=form.existing,
        candidates=form.candidates,
        known_of=lambda code: known.get(code, Candidacy()),
        awards=choices.awards_in(round_code),
        kinds=SubjectKind,
        typed=request.form,
        proposer=request.form.get("proposer", current_actor().name),
        problem=problem,
        wrong=wrong,
        bad=bad,
        today=request_today(),
        key=new_key(),
    )
