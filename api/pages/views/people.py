"""Looking people up, the page of each, and the forms to say what is known of them."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import abort, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.people import FactBody, QuestionBody
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.seen_again import was_sent
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import told
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.eligibility.facts import WORDS_OF, YEARS, FactKind
from workflow.domain.errors import Conflict, Forbidden, InvalidField, Refusal
from workflow.domain.text import LONGEST_LINE, visible
from workflow.domain.vocabulary import Via
from workflow.operations.people.fact_questions import ask_fact
from workflow.operations.people.facts import say_fact
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.people.advice import nomination_advice
from workflow.queries.people.own_status import OwnStatus, own_statuses
from workflow.queries.people.questions import list_fact_questions
from workflow.queries.people.record import PersonRecord, own_record, person_record
from workflow.queries.people.search import find_people

_PAGE: Final = 50
# Which fields the form of each kind has besides its year.
_FIELDS: Final[Mapping[FactKind, tuple[str, ...]]] = {
    FactKind.GRADE: ("value",),
    FactKind.RECRUITED: ("from_on",),
    FactKind.ABSENCE: ("months",),
    FactKind.DISCIPLINE: ("value", "number", "from_on", "until_on"),
    FactKind.INITIATIVE: ("value", "number", "from_on"),
}
# What the rules say of a field, in the words of forms.
_WRONG: Final = {
    "is required": "form.required",
    "is none of the words that fit": "form.not_in_list",
    "lies in the future": "people.future",
    "lies before the first day": "people.order",
}


@pages.get("/people")
@permission(Permission.SIGNED_IN)
@narrowed_by("q")
def people() -> str:
    """Show the form to look somebody up, and whom it found."""
    q = visible(request.args.get("q", ""))[:LONGEST_LINE]
    found = None
    if q:
        found = find_people(
            request_session(),
            actor=current_actor(),
            q=q,
            now=request_now(),
            limit=_PAGE,
            cursor=request.args.get("cursor"),
        )
    return render("people.html", q=q, found=found, is_first="cursor" not in request.args)


@pages.get("/people/<person_code>")
@permission(Permission.SIGNED_IN)
def person(person_code: str) -> str:
    """Show what somebody was given, what is known of them, and what is missing for an award."""
    return _shown(_record(person_code), is_own=False)


@pages.get("/me/record")
@permission(Permission.SIGNED_IN)
def my_record() -> str:
    """Show the same of oneself."""
    session, actor, now = request_session(), current_actor(), request_now()
    found = own_record(session, actor=actor, now=now)
    return _shown(found, is_own=True, statuses=own_statuses(session, actor=actor, now=now))


@pages.get("/people/<person_code>/facts/<kind>")
@permission(Permission.SIGNED_IN)
def fact_form(person_code: str, kind: str) -> str:
    """Show the form to say one kind of thing of somebody."""
    return _form(_sayable(person_code), _kind(kind), {})


@pages.post("/people/<person_code>/facts/<kind>")
@permission(Permission.SIGNED_IN)
def keep_fact(person_code: str, kind: str) -> Response | tuple[str, int]:
    """Say it, or show what is wrong beside its field."""
    of_kind, found = _kind(kind), _sayable(person_code)

    def kept() -> None:
        # Who was recruited on a day was so in its year; the form does not ask for it twice.
        typed = request.form.to_dict() | {"kind": str(of_kind)}
        typed.setdefault("year", str(request_today().year))
        say_fact(
            request_session(),
            actor=current_actor(),
            person_code=person_code,
            fact=read_typed(FactBody, MultiDict(typed)).fact(),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return carry_out(
        kept,
        done=lambda _: go_on(say(current_locale(), "people.kept"), "pages.person", person_code=found.code),
        again=lambda refusal: _form(found, of_kind, _wrong(refusal)),
        refused=(InvalidField,),
    )


@pages.post("/people/<person_code>/questions")
@permission(Permission.SIGNED_IN)
def ask_unit(person_code: str) -> Response | tuple[str, int]:
    """Ask the person's unit for a fact that is missing, in one press."""

    def done_so(_: None) -> Response:
        return go_on(say(current_locale(), "people.asked"), "pages.person", person_code=person_code)

    def asked_unit() -> None:
        said = read_typed(QuestionBody, request.form)
        ask_fact(
            request_session(),
            actor=current_actor(),
            person_code=person_code,
            wanted=said.wanted(),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return carry_out(
        asked_unit,
        done=done_so,
        again=lambda refusal: _shown(
            _record(person_code), is_own=False, problem=told(refusal, current_locale())
        ),
        refused=(Conflict, InvalidField),
    )


@pages.get("/facts/asked")
@permission(Permission.SIGNED_IN)
@narrowed_by()
def facts_asked() -> str:
    """Show what my units are asked of their people, by day."""
    page = list_fact_questions(
        request_session(),
        actor=current_actor(),
        now=request_now(),
        limit=_PAGE,
        cursor=request.args.get("cursor"),
    )
    return render("facts_asked.html", asked=page, is_first="cursor" not in request.args)


@pages.get(f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/advice")
@permission(Permission.SIGNED_IN)
def advice(nomination_id: int) -> str:
    """Show what the rules of a nomination's award come to."""
    found = nomination_advice(
        request_session(), actor=current_actor(), nomination_id=nomination_id, now=request_now()
    )
    return render("advice.html", nomination_id=nomination_id, found=found)


def _record(person_code: str) -> PersonRecord:
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == len("2026") else None
    return person_record(
        request_session(),
        actor=current_actor(),
        code=person_code,
        now=request_now(),
        year=year if year in YEARS else None,
    )


def _shown(
    found: PersonRecord, *, is_own: bool, problem: str = "", statuses: Sequence[OwnStatus] = ()
) -> str:
    standing = [one for one in found.facts if one.replaced_at is None]
    replaced = [one for one in found.facts if one.replaced_at is not None]
    this_year = request_today().year
    return render(
        "person.html",
        person=found,
        standing=standing,
        replaced=replaced,
        kinds=tuple(FactKind),
        year=found.advice[0].year if found.advice else this_year,
        years=(this_year - 1, this_year, this_year + 1),
        is_own=is_own,
        statuses=statuses,
        problem=problem,
        open_questions={(one.kind, one.year): one.due_on for one in found.questions},
        new_key=new_key,
    )


def _kind(kind: str) -> FactKind:
    if kind not in set(FactKind):
        abort(404)
    return FactKind(kind)


def _sayable(person_code: str) -> PersonRecord:
    found = _record(person_code)
    if not found.may_say:
        raise Forbidden("Only who sits in this person's unit or over it says what is known of them.")
    return found


def _form(found: PersonRecord, kind: FactKind, wrong: Mapping[str, str]) -> str:
    typed = request.form if was_sent() else request.args
    return render(
        "fact_form.html",
        person=found,
        fact_kind=kind,
        fields=_FIELDS[kind],
        options=WORDS_OF.get(kind, ()),
        typed=typed,
        this_year=request_today().year,
        wrong=wrong,
        key=new_key(),
    )


def _wrong(refusal: Refusal) -> Mapping[str, str]:
    if isinstance(refusal, NotTaken):
        return refusal.words
    errors = refusal.errors
    return {one.field: say(current_locale(), _WRONG.get(one.message, "form.unreadable")) for one in errors}
