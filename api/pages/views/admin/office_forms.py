"""The forms that offices write their lists in: tried with invented names, kept, fetched, and ended."""

from typing import Final

from flask import Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from api.catalogue import say
from api.edge import end_reading, request_now, request_session, takes_long
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.one_round import runs_rounds
from api.pages.writing import render
from api.permissions import Permission, permission
from api.sheets.form_words import plain_words
from api.sheets.office_forms import demand_fillable, kept_file, plain_file, sample_file
from api.sheets.sent_forms import FormUpload, sent_form
from api.uploads import takes_file
from workflow.domain.errors import Refusal
from workflow.domain.papers.office_forms import (
    MOST_FORM_BYTES,
    FormFormat,
    FormPurpose,
    fields_of,
)
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.forms.filling import OfficeForm
from workflow.operations.setup.office_forms import NewForm, end_form, keep_form
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.setup.office_forms import get_form, list_forms, units_with_forms

_FORMS: Final = "/forms"
_FORM: Final = f"{_FORMS}/<int(max={BIGGEST_ID}):form_id>"
_WORDS: Final = {"unit": "form.not_in_list", "purpose": "form.not_in_list"}


@pages.get(_FORMS)
@permission(Permission.SIGNED_IN)
def forms() -> str:
    """Show the forms that are kept, which fields one may name, and the form to send another."""
    _keeper()
    return _page()


@pages.get(f"{_FORMS}/plain/<purpose>.<kind>")
@permission(Permission.SIGNED_IN)
def plain_form(purpose: str, kind: str) -> Response:
    """Send the form that ships, to begin one's own from."""
    _keeper()
    if purpose not in set(FormPurpose) or kind not in set(FormFormat):
        abort(404)
    end_reading()
    return plain_file(FormPurpose(purpose), FormFormat(kind), current_locale())


@pages.post(_FORMS)
@permission(Permission.SIGNED_IN)
@takes_file
@takes_long
def send_form() -> AnyResponse | str | tuple[str, int]:
    """Answer a form filled with invented names, or keep it: its unit writes in it from now on."""
    _keeper()
    request_now()

    def done(outcome: Response | int) -> AnyResponse:
        if isinstance(outcome, int):
            return go_on(say(current_locale(), "forms.kept"), "pages.forms")
        return outcome

    return carry_out(_taken, done=done, again=_page)


@pages.get(f"{_FORM}/file")
@permission(Permission.SIGNED_IN)
def form_file(form_id: int) -> Response:
    """Send a form as it was kept."""
    actor = _keeper()
    found = get_form(request_session(), actor=actor, form_id=form_id, now=request_now())
    return kept_file(found.content, f"form-{form_id}-v{found.view.version}", found.view.kind)


@pages.get(f"{_FORM}/sample")
@permission(Permission.SIGNED_IN)
def form_sample(form_id: int) -> Response:
    """Send a kept form filled with invented names."""
    actor, locale = _keeper(), current_locale()
    found = get_form(request_session(), actor=actor, form_id=form_id, now=request_now())
    end_reading()
    view = found.view
    form = OfficeForm(view.purpose, view.kind, plain_words(view.purpose, locale), found.content)
    return sample_file(form, locale)


@pages.post(f"{_FORM}/end")
@permission(Permission.SIGNED_IN)
def end_kept_form(form_id: int) -> AnyResponse | tuple[str, int]:
    """Have a unit write in this form no more."""
    actor = _keeper()
    return carry_out(
        lambda: end_form(
            request_session(),
            actor=actor,
            form_id=form_id,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        ),
        done=lambda _: go_on(say(current_locale(), "forms.ended"), "pages.forms"),
        again=_page,
    )


def _keeper() -> Actor:
    """Return who asks; there is no such page for who neither supervises nor administers units."""
    actor = current_actor()
    if not runs_rounds(actor):
        abort(404)
    return actor


def _taken() -> Response | int:
    """Fill the form with invented names while no transaction is open; then send that, or keep the form."""
    actor, now, locale = current_actor(), request_now(), current_locale()
    said = read_typed(FormUpload, request.form, required=("unit",))
    kind, filename, content = sent_form()
    end_reading()
    form = OfficeForm(said.purpose, kind, plain_words(said.purpose, locale), content)
    if request.form.get("what") == "sample":
        return sample_file(form, locale)
    demand_fillable(form, locale)
    new = NewForm(said.unit, said.purpose, kind, filename, content)
    return keep_form(request_session(), actor=actor, new=new, via=Via.WEB, now=now, claim=claim_of_form())


def _page(refusal: Refusal | None = None) -> str:
    actor, session, now = current_actor(), request_session(), request_now()
    problem, wrong = said_beside(refusal, current_locale(), _WORDS)
    return render(
        "admin/forms.html",
        versions=list_forms(session, actor=actor, now=now),
        units=units_with_forms(session, actor=actor, now=now),
        purposes=list(FormPurpose),
        formats=list(FormFormat),
        fields={str(purpose): list(fields_of(purpose)) for purpose in FormPurpose},
        typed=request.form,
        problem=problem,
        wrong=wrong,
        most=MOST_FORM_BYTES // 2**20,
        new_key=new_key,
    )
