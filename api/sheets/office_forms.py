"""A list in the form of an office, as a file: what both edges send, with a sample for who keeps the form."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any, Final

from flask import Response

from api.catalogue import say
from api.edge import end_reading, request_now, request_session, request_today
from api.sheets.form_words import invented, plain_words
from workflow.domain.papers.office_forms import FormFormat, FormPurpose
from workflow.domain.rights.policy import Actor
from workflow.forms.filling import OfficeForm, empty_form, fill_form
from workflow.queries.rounds.summary import AwardSummary, Tally, award_summary
from workflow.queries.setup.office_forms import form_in_force
from workflow.queries.submissions.annex import Annex, AnnexRow, list_annex

_TYPES: Final = {
    FormFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FormFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_UNNAMED: Final = re.compile(r"[^A-Za-z0-9._-]+")


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


def summary_file(actor: Actor, round_code: str, kind: FormFormat, locale: str) -> Response:
    """Send how many names each unit puts forward for each award, in the form of the reader's office."""
    session, now = request_session(), request_now()
    summary = award_summary(session, actor=actor, round_code=round_code, now=now)
    purpose, owner = FormPurpose.AWARD_SUMMARY, summary.round.owner.code
    content = form_in_force(session, actor=actor, unit=owner, purpose=purpose, kind=kind, now=now)
    made_on = request_today()
    end_reading()
    form = OfficeForm(purpose, kind, plain_words(purpose, locale), content)
    name = _UNNAMED.sub("_", f"summary-{summary.round.code}-{made_on}")
    return _sent(fill_form(form, _counted(summary, made_on, locale)), name, kind)


def sample_file(form: OfficeForm, locale: str) -> Response:
    """Send a form filled with invented names. Raises `InvalidField` for one that cannot be filled."""
    return _sent(fill_form(form, invented(form.purpose, locale)), f"sample-{form.purpose}", form.kind)


def plain_file(purpose: FormPurpose, kind: FormFormat, locale: str) -> Response:
    """Send the form that ships, with its fields in it, to begin one's own from."""
    form = OfficeForm(purpose, kind, plain_words(purpose, locale))
    return _sent(empty_form(form), f"form-{purpose}", kind)


def demand_fillable(form: OfficeForm, locale: str) -> None:
    """Raise `InvalidField` for a form that cannot be filled."""
    fill_form(form, invented(form.purpose, locale))


def kept_file(content: bytes, name: str, kind: FormFormat) -> Response:
    """Send a form as it was kept."""
    return _sent(content, name, kind)


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
            {"award": rows[0].award.title.as_award(locale), "count": len(rows), "rows": _rows(rows, locale)}
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
            "award": row.award.title.as_award(locale),
            "award_code": row.award.code,
            "file_number": row.nomination_id,
        }
        for number, row in enumerate(rows, 1)
    ]


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _counted(summary: AwardSummary, made_on: date, locale: str) -> dict[str, Any]:
    """Return what a summary says, by the English names of its fields."""

    def tallies(counted: Iterable[Tally]) -> list[dict[str, Any]]:
        return [
            {"award": award.title.as_award(locale), "award_code": award.code, **_tally(tally)}
            for award, tally in zip(summary.awards, counted, strict=True)
        ]

    return {
        "round": summary.round.code,
        "round_title": summary.round.title,
        "owner": summary.round.owner.name,
        "made_on": _day(made_on),
        **_tally(summary.total),
        "awards": tallies(summary.totals),
        "rows": [
            {
                "number": number,
                "unit": row.unit.name,
                "unit_code": row.unit.code,
                **_tally(row.total),
                "awards": tallies(row.awards),
            }
            for number, row in enumerate(summary.rows, 1)
        ],
    }


def _tally(tally: Tally) -> dict[str, int]:
    return {"count": tally.count, "approved": tally.approved}
