"""A list in the form of an office, as a file: what both edges send, with a sample for who keeps the form."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

from flask import Response

from api.catalogue import say
from api.edge import end_reading, request_now, request_session, request_today
from workflow.domain.papers.office_forms import FIELDS, FormFormat, FormPurpose
from workflow.domain.rights.policy import Actor
from workflow.forms.filling import OfficeForm, PlainForm, empty_form, fill_form
from workflow.queries.setup.office_forms import form_in_force
from workflow.queries.shapes import Titled
from workflow.queries.submissions.annex import Annex, AnnexRow, list_annex

_TYPES: Final = {
    FormFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FormFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_VIETNAMESE: Final = "vi"
# The columns and the lines of the form that ships, by the English names of their fields.
_COLUMNS: Final = ("number", "subject", "position", "award")
_LINES: Final = ("unit", "round", "paper_number", "signed_on", "count")


def annex_file(actor: Actor, submission_id: int, kind: FormFormat, locale: str) -> Response:
    """Send the list of a submission in the form of the reader's office; no transaction waits for it."""
    session, now = request_session(), request_now()
    annex = list_annex(session, actor=actor, submission_id=submission_id, now=now)
    purpose = FormPurpose.LIST_ANNEX
    content = form_in_force(session, actor=actor, unit=annex.unit.code, purpose=purpose, kind=kind, now=now)
    made_on = request_today()
    end_reading()
    form = OfficeForm(purpose, kind, plain_words(purpose, locale), content)
    return _sent(fill_form(form, _told(annex, made_on, locale)), f"annex-{submission_id}-{made_on}", kind)


def sample_file(form: OfficeForm, locale: str) -> Response:
    """Send a form filled with invented names. Raises `InvalidField` for one that cannot be filled."""
    return _sent(fill_form(form, _invented(locale)), f"sample-{form.purpose}", form.kind)


def plain_file(purpose: FormPurpose, kind: FormFormat, locale: str) -> Response:
    """Send the form that ships, with its fields in it, to begin one's own from."""
    form = OfficeForm(purpose, kind, plain_words(purpose, locale))
    return _sent(empty_form(form), f"form-{purpose}", kind)


def demand_fillable(form: OfficeForm, locale: str) -> None:
    """Raise `InvalidField` for a form that cannot be filled."""
    fill_form(form, _invented(locale))


def kept_file(content: bytes, name: str, kind: FormFormat) -> Response:
    """Send a form as it was kept."""
    return _sent(content, name, kind)


def plain_words(purpose: FormPurpose, locale: str) -> PlainForm:
    """Return the form that ships in the reader's language; its fields too are called in it."""
    names = {one.name: one for one in FIELDS[purpose]}
    rows = names["rows"]
    inside = {one.name: one for one in rows.inside}
    is_vietnamese = locale == _VIETNAMESE

    def called(name: str, field: Mapping[str, Any]) -> str:
        return str(field[name].vi if is_vietnamese else name)

    row = rows.each[is_vietnamese]
    return PlainForm(
        title=say(locale, f"forms.title_{purpose}"),
        lines=[f"{say(locale, f'forms.field_{one}')}: {{{{ {called(one, names)} }}}}" for one in _LINES],
        columns=[
            (say(locale, f"forms.field_{one}"), f"{{{{ {row}.{called(one, inside)} }}}}") for one in _COLUMNS
        ],
        row=row,
        rows=called("rows", names),
    )


def _sent(content: bytes, name: str, kind: FormFormat) -> Response:
    response = Response(content, content_type=_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _told(annex: Annex, made_on: date, locale: str) -> dict[str, Any]:
    """Return what an annex says, by the English names of its fields; groups are the awards by code."""
    by_award = sorted(annex.rows, key=lambda row: row.award.code)
    groups = [tuple(rows) for _, rows in groupby(by_award, key=lambda row: row.award.code)]
    return {
        "unit": annex.unit.name,
        "unit_code": annex.unit.code,
        "round": annex.round,
        "paper_number": annex.number,
        "signed_on": _day(annex.signed_on),
        "signer": annex.signer,
        "made_on": _day(made_on),
        "count": len(annex.rows),
        "rows": _rows(annex.rows, locale),
        "groups": [
            {"award": _award(rows[0].award, locale), "count": len(rows), "rows": _rows(rows, locale)}
            for rows in groups
        ],
    }


def _rows(rows: tuple[AnnexRow, ...], locale: str) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "subject": row.name,
            "position": row.position,
            "kind": say(locale, f"sheet.kind_{row.kind}"),
            "award": _award(row.award, locale),
            "award_code": row.award.code,
            "file_number": row.nomination_id,
        }
        for number, row in enumerate(rows, 1)
    ]


def _award(award: Titled, locale: str) -> str:
    return award.title.vi if locale == _VIETNAMESE else f"{award.title.vi} ({award.title.en})"


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _invented(locale: str) -> dict[str, Any]:
    """Return an annex of invented people; every one of its words says so."""
    rows = [
        {
            "number": number,
            "subject": say(locale, f"forms.sample_subject_{number}"),
            "position": say(locale, "forms.sample_position"),
            "kind": say(locale, "sheet.kind_person"),
            "award": say(locale, "forms.sample_award"),
            "award_code": "MAU",
            "file_number": number,
        }
        for number in (1, 2, 3)
    ]
    return {
        "unit": say(locale, "forms.sample_unit"),
        "unit_code": "MAU-01",
        "round": say(locale, "forms.sample_round"),
        "paper_number": say(locale, "forms.sample_paper"),
        "signed_on": "15/11/2026",
        "signer": say(locale, "forms.sample_signer"),
        "made_on": "16/11/2026",
        "count": len(rows),
        "rows": rows,
        "groups": [{"award": say(locale, "forms.sample_award"), "count": len(rows), "rows": rows}],
    }
