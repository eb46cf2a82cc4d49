"""Drafting a nomination and mending its draft."""

from collections.abc import Mapping

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.nominations import NewNomination, NominationChanges
from api.pages.carry_out import carry_out, go_on
from api.pages.forms import DraftForm, EditForm, say_errors
from api.pages.frame.seen_again import Page, answers
from api.pages.identity import current_actor, current_locale, is_by_script
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import told
from api.pages.routes import allow_script, pages
from api.pages.typed import NotTaken, read_typed
from api.pages.views.intake.autosave import APART, PAUSE, autosave_words, autosaved
from api.pages.views.nomination import changed_since_screen
from api.pages.writing import award, render, round_choice
from api.permissions import Permission, permission
from workflow.domain.errors import Conflict, Forbidden, InvalidField, MoveNotOpen, Refusal, StaleNomination
from workflow.domain.vocabulary import BuiltIn, SubjectKind, Via
from workflow.operations.nominations.commands import Outcome
from workflow.operations.nominations.nominate import Edit, create, edit
from workflow.queries.choices import DraftChoices, PersonChoice, draft_choices, drafting_units
from workflow.queries.nominations.moves import moves_for
from workflow.queries.nominations.nomination import NominationView, get_nomination, read_nomination
from workflow.queries.people.candidates import UNIT_ITSELF, Candidacy, candidacies


@pages.get("/nominations/new")
@permission(Permission.SIGNED_IN)
def new_nomination() -> str:
    """Show an empty draft to somebody who may nominate."""
    form, choices = DraftForm(formdata=None), _choices()
    if len(choices.rounds) == 1:
        form.round.data = choices.rounds[0].code
    if len(choices.units) == 1:
        form.unit.data = choices.units[0].code
    form.proposer.data = current_actor().name
    return _draft_page(form, choices)


def _is_look() -> bool:
    return "look" in request.form


@answers("/nominations/new", is_look=_is_look)
@permission(Permission.SIGNED_IN)
def create_nomination() -> Page:
    """Make the draft, or show what is wrong beside its field, or what is known of whom was chosen."""
    form, choices, locale = DraftForm(request.form), _choices(), current_locale()
    if _is_look():
        return _draft_page(form, choices, is_look=True)

    def drafted() -> Outcome:
        draft = read_typed(NewNomination, request.form).draft()
        return create(
            request_session(),
            actor=current_actor(),
            draft=draft,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def again(refusal: Refusal) -> str:
        say_errors(form, _draft_errors(refusal, choices, locale))
        return _draft_page(form, choices)

    # What is written for an hour is written where it saves itself.
    words = say(locale, "draft.created")
    return carry_out(
        drafted,
        done=lambda outcome: go_on(words, "pages.edit_nomination", nomination_id=outcome.nomination_id),
        again=again,
        refused=(InvalidField, Conflict, Forbidden),
    )


@pages.get("/nominations/<int(max=9223372036854775807):nomination_id>/edit")
@permission(Permission.SIGNED_IN)
def edit_nomination(nomination_id: int) -> str:
    """Show the words of a draft to whoever may change them."""
    view = _mine_to_edit(nomination_id)
    words = {"achievement": view.achievement, "proposer": view.proposer}
    form = EditForm(formdata=None, version=str(view.version), **words)
    return _edit_page(form, view)


@pages.post("/nominations/<int(max=9223372036854775807):nomination_id>/edit")
@permission(Permission.SIGNED_IN)
def save_nomination(nomination_id: int) -> Response | tuple[str, int]:
    """Save the words of a draft; somebody else's later words are shown, and nothing typed is lost."""
    form = EditForm()

    def saved() -> Outcome:
        said = read_typed(NominationChanges, request.form, required=("version",))
        return edit(
            request_session(),
            actor=current_actor(),
            nomination_id=nomination_id,
            version=said.version or 0,
            changes=Edit(achievement=said.achievement, proposer=said.proposer),
            via=Via.WEB,
            now=request_now(),
        )

    if is_by_script():
        return autosaved(nomination_id, saved)
    words = say(current_locale(), "draft.saved")
    return carry_out(
        saved,
        done=lambda _: go_on(words, "pages.nomination", nomination_id=nomination_id),
        again=lambda refusal: _edit_again(nomination_id, form, refusal),
        refused=(StaleNomination, InvalidField),
    )


def _choices() -> DraftChoices:
    """Return what a draft can be made of, or raise `Forbidden` when the actor nominates for no unit."""
    actor, session = current_actor(), request_session()
    if not drafting_units(session, actor):
        raise Forbidden(say(current_locale(), "draft.no_unit"))
    return draft_choices(session, actor=actor, today=request_today())


def _fill(form: DraftForm, choices: DraftChoices, known: Mapping[str, Candidacy]) -> None:
    locale = current_locale()
    nothing = ("", say(locale, "form.choose"))
    form.round.choices = [nothing, *((item.code, round_choice(item)) for item in choices.rounds)]
    form.unit.choices = [nothing, *((item.code, item.name) for item in choices.units)]
    kinds = ((SubjectKind.PERSON, "draft.for_people"), (SubjectKind.COLLECTIVE, "draft.for_collectives"))
    offered = choices.awards_in(*(item.code for item in choices.rounds))
    # An empty choice first, or the page would propose an award that nobody chose.
    form.award.choices = {say(locale, "draft.award"): [nothing]} | {
        say(locale, heading): [
            (item.code, award(item.title, locale)) for item in offered if item.kind is kind
        ]
        for kind, heading in kinds
    }
    form.person.choices = [
        (UNIT_ITSELF, say(locale, "draft.nobody")),
        *((item.code, _person(item, known, locale)) for item in choices.people),
    ]


def _person(one: PersonChoice, known: Mapping[str, Candidacy], locale: str) -> str:
    words = f"{one.name} – {one.position} ({one.code})" if one.position else f"{one.name} ({one.code})"
    count = len(known[one.code].proposed) if one.code in known else 0
    return f"{words} · {say(locale, 'candidate.mark', count=count)}" if count else words


def _draft_page(form: DraftForm, choices: DraftChoices, *, is_look: bool = False) -> str:
    """Show the form, who of the unit's people is proposed already, and what is known of who was chosen."""
    known, code = _known(form, choices), form.person.data or UNIT_ITSELF
    _fill(form, choices, known)
    return render(
        "draft.html",
        form=form,
        choices=choices,
        key=new_key(),
        known=known.get(code) if is_look or code != UNIT_ITSELF else None,
        known_name=_name_of(code, form.unit.data, choices),
        is_look=is_look,
    )


def _known(form: DraftForm, choices: DraftChoices) -> Mapping[str, Candidacy]:
    """Return what is known of the people of the unit in the round, as far as both are chosen."""
    if form.unit.data not in {one.code for one in choices.units} or not form.round.data:
        return {}
    return candidacies(
        request_session(),
        actor=current_actor(),
        round_code=form.round.data,
        unit_code=form.unit.data,
        person_code=form.person.data or UNIT_ITSELF,
        now=request_now(),
    )


def _name_of(code: str, unit: str | None, choices: DraftChoices) -> str:
    if code == UNIT_ITSELF:
        return next((one.name for one in choices.units if one.code == unit), "")
    return next((one.name for one in choices.people if one.code == code), code)


def _draft_errors(refusal: Refusal, choices: DraftChoices, locale: str) -> Mapping[str, str]:
    """Return in the reader's words what is said of each field."""
    if isinstance(refusal, NotTaken):
        return refusal.words
    if not refusal.errors:
        key = {Conflict: "draft.twice", Forbidden: "draft.not_your_unit"}.get(type(refusal))
        return {"": say(locale, key) if key and not refusal.reasons else told(refusal, locale)}
    fields = {error.field for error in refusal.errors}
    kind = next((item.kind for item in choices.awards if item.code == request.form.get("award")), None)
    words = {name: say(locale, "form.not_in_list") for name in fields}
    if "person" in fields and kind is SubjectKind.COLLECTIVE:
        words["person"] = say(locale, "draft.person_for_collective")
    elif "person" in fields and not request.form.get("person"):
        words["person"] = say(locale, "draft.person_missing")
    for name in fields & {"achievement", "proposer"}:
        words[name] = say(locale, "form.unreadable")
    return words


def _mine_to_edit(nomination_id: int) -> NominationView:
    """Return a nomination whose draft the actor may change, or raise why not."""
    actor, session, now = current_actor(), request_session(), request_now()
    view = get_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    moves = moves_for(session, actor=actor, nomination_id=nomination_id, now=now)
    editing = next((move for move in moves if move.name == BuiltIn.EDIT), None)
    if editing is None:
        raise MoveNotOpen(say(current_locale(), "draft.closed"))
    if editing.refusals:
        raise Forbidden(say(current_locale(), "draft.not_open"), reasons=editing.refusals)
    return view


def _edit_page(form: EditForm, view: NominationView) -> str:
    """Show the form, which saves itself while one types where a script may run."""
    allow_script()
    return render(
        "edit.html",
        form=form,
        nomination=view,
        is_stale=False,
        autosave={"pause": PAUSE, "apart": APART},
        script_words=autosave_words(),
    )


def _edit_again(nomination_id: int, form: EditForm, refusal: Refusal) -> str:
    """Return the form with what was typed, above it who changed the draft meanwhile and what it says now."""
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    view, seen = read_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    if not isinstance(refusal, StaleNomination):
        unread = {error.field: say(locale, "form.unreadable") for error in refusal.errors}
        say_errors(form, refusal.words if isinstance(refusal, NotTaken) else unread)
        return _edit_page(form, view)
    diff = changed_since_screen(nomination_id, seen)
    form.version.data = str(view.version)
    form.version.raw_data = None
    return render("edit.html", form=form, nomination=view, is_stale=True, diff=diff)
