"""The forms that offices write their lists in over JSON, and a list written in one."""

from hashlib import sha256
from typing import Final

from apiflask import APIBlueprint
from flask import Response, request

from api.edge import end_reading, request_now, request_session
from api.identity import bearer_actor
from api.permissions import Permission, permission
from api.problems import preferred_locale
from api.reading import read_form
from api.rest.answers import answer, described_page
from api.rest.idempotency import requested_claim
from api.sheets.form_words import plain_words
from api.sheets.office_forms import annex_file, demand_fillable, kept_file, summary_file
from api.sheets.sent_forms import FormUpload, sent_form
from api.uploads import takes_file
from workflow.domain.papers.office_forms import FormFormat
from workflow.domain.vocabulary import Via
from workflow.forms.filling import OfficeForm
from workflow.operations.setup.office_forms import NewForm, end_form, keep_form
from workflow.queries.paging import BIGGEST_ID, Page
from workflow.queries.setup.office_forms import FormView, get_form, list_forms

office_forms = APIBlueprint("office_forms", __name__, tag="Forms of offices")

_ONE: Final = f"/forms/<int(max={BIGGEST_ID}):form_id>"
_SUMMARY: Final = "/rounds/<round_code>/award-summary"
_ANNEX: Final = f"/submissions/<int(max={BIGGEST_ID}):submission_id>/annex"


@office_forms.get("/forms")
@office_forms.output(described_page(FormView, "Form"))
@permission(Permission.SIGNED_IN)
def read_forms() -> Response:
    """List the forms of the units you supervise or administer: those in force, then the newest others."""
    return _forms()


@office_forms.post("/forms")
@office_forms.output(described_page(FormView, "Form"), 201)
@permission(Permission.SIGNED_IN)
@takes_file
def send() -> Response:
    """Have a unit write in a form from now on; it is tried first. The answer is all forms."""
    said = read_form(FormUpload, request.form)
    kind, filename, content = sent_form()
    actor, now = bearer_actor(), request_now()
    claim = requested_claim({**request.form, "sha256": sha256(content).hexdigest()})
    end_reading()
    locale = preferred_locale()
    demand_fillable(OfficeForm(said.purpose, kind, plain_words(said.purpose, locale), content), locale)
    new = NewForm(said.unit, said.purpose, kind, filename, content)
    keep_form(request_session(), actor=actor, new=new, via=Via.API, now=now, claim=claim)
    return _forms(201)


@office_forms.get(f"{_ONE}/file")
@permission(Permission.SIGNED_IN)
def fetch(form_id: int) -> Response:
    """Fetch the bytes of a form as they were kept."""
    found = get_form(request_session(), actor=bearer_actor(), form_id=form_id, now=request_now())
    return kept_file(found.content, f"form-{form_id}-v{found.view.version}", found.view.kind)


@office_forms.post(f"{_ONE}/actions/end")
@office_forms.output(described_page(FormView, "Form"))
@permission(Permission.SIGNED_IN)
def end(form_id: int) -> Response:
    """Have a unit write in this form no more; the answer is all forms."""
    actor, now, claim = bearer_actor(), request_now(), requested_claim()
    end_reading()
    end_form(request_session(), actor=actor, form_id=form_id, via=Via.API, now=now, claim=claim)
    return _forms()


@office_forms.get(f"{_ANNEX}.docx")
@permission(Permission.SIGNED_IN)
def annex_docx(submission_id: int) -> Response:
    """Fetch the names that a list puts forward as a text document, in the form of your office."""
    return annex_file(bearer_actor(), submission_id, FormFormat.DOCX, preferred_locale())


@office_forms.get(f"{_ANNEX}.xlsx")
@permission(Permission.SIGNED_IN)
def annex_xlsx(submission_id: int) -> Response:
    """Fetch the names that a list puts forward as a workbook, in the form of your office."""
    return annex_file(bearer_actor(), submission_id, FormFormat.XLSX, preferred_locale())


@office_forms.get(f"{_SUMMARY}.docx")
@permission(Permission.SIGNED_IN)
def summary_docx(round_code: str) -> Response:
    """Fetch how many names each unit puts forward for each award as a text document."""
    return summary_file(bearer_actor(), round_code, FormFormat.DOCX, preferred_locale())


@office_forms.get(f"{_SUMMARY}.xlsx")
@permission(Permission.SIGNED_IN)
def summary_xlsx(round_code: str) -> Response:
    """Fetch how many names each unit puts forward for each award as a workbook."""
    return summary_file(bearer_actor(), round_code, FormFormat.XLSX, preferred_locale())


def _forms(status: int = 200) -> Response:
    found = list_forms(request_session(), actor=bearer_actor(), now=request_now())
    return answer(Page[FormView], Page(found, None), status)
