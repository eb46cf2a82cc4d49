"""The forms that ship, in words, and the invented lists by which a form is tried."""

from collections.abc import Mapping
from typing import Any, Final

from api.catalogue import say
from workflow.domain.papers.office_forms import FIELDS, FormField, FormPurpose
from workflow.forms.filling import PlainColumn, PlainForm

_VIETNAMESE: Final = "vi"
# The columns and the lines of the forms that ship, by the English names of their fields.
_COLUMNS: Final[Mapping[FormPurpose, tuple[str, ...]]] = {
    FormPurpose.LIST_ANNEX: ("number", "subject", "position", "award"),
    FormPurpose.AWARD_SUMMARY: ("number", "unit", "awards", "count"),
}
_LINES: Final[Mapping[FormPurpose, tuple[str, ...]]] = {
    FormPurpose.LIST_ANNEX: ("unit", "round", "paper_number", "signed_on", "count"),
    FormPurpose.AWARD_SUMMARY: ("owner", "round_title", "made_on"),
}
_FEET: Final = {FormPurpose.AWARD_SUMMARY: ("count",)}


def plain_words(purpose: FormPurpose, locale: str) -> PlainForm:
    """Return the form that ships in the reader's language; its fields too are called in it."""
    names = {one.name: one for one in FIELDS[purpose]}
    rows = names["rows"]
    row, here = _each(rows, locale), _called(rows, locale)
    columns = [
        _column(purpose, one, row, names, locale) for one in rows.inside if one.name in _COLUMNS[purpose]
    ]
    lines = [
        f"{say(locale, f'forms.field_{one}')}: {_said(_called(names[one], locale))}"
        for one in _LINES[purpose]
    ]
    return PlainForm(say(locale, f"forms.title_{purpose}"), lines, columns, row, here)


def _column(
    purpose: FormPurpose, field: FormField, row: str, names: Mapping[str, FormField], locale: str
) -> PlainColumn:
    if field.is_across:
        over, inside = names[field.name], {one.name: one for one in field.inside}
        head, cell = _each(over, locale), _each(field, locale)
        count = _called(inside["count"], locale)
        return PlainColumn(
            heading=_said(f"{head}.{_called(inside['award'], locale)}"),
            field=_said(f"{cell}.{count}"),
            foot=_said(f"{head}.{count}"),
            loops=(f"{head} in {_called(over, locale)}", f"{cell} in {row}.{_called(field, locale)}"),
        )
    has_foot = field.name in _FEET.get(purpose, ())
    return PlainColumn(
        heading=say(locale, f"forms.field_{field.name}"),
        field=_said(f"{row}.{_called(field, locale)}"),
        foot=_said(_called(names[field.name], locale)) if has_foot else "",
    )


def _said(name: str) -> str:
    return f"{{{{ {name} }}}}"


def _called(field: FormField, locale: str) -> str:
    return field.vi if locale == _VIETNAMESE else field.name


def _each(field: FormField, locale: str) -> str:
    return field.each[locale == _VIETNAMESE]


def invented(purpose: FormPurpose, locale: str) -> dict[str, Any]:
    """Return a list of invented names; every one of its words says so."""
    award = {"award": say(locale, "forms.sample_award"), "award_code": "MAU"}
    unit = {"unit": say(locale, "forms.sample_unit"), "unit_code": "MAU-01"}
    round_ = {"round": say(locale, "forms.sample_round"), "made_on": "16/11/2026", "count": 3}
    if purpose is FormPurpose.AWARD_SUMMARY:
        tallies = [{**award, "count": 2, "approved": 1}, {**award, "count": 1, "approved": 0}]
        row = {**unit, "number": 1, "count": 3, "approved": 1, "awards": tallies}
        title = {"round_title": say(locale, "forms.sample_round"), "owner": say(locale, "forms.sample_unit")}
        return {**round_, **title, "approved": 1, "awards": tallies, "rows": [row]}
    rows = [
        {
            **award,
            "number": number,
            "subject": say(locale, f"forms.sample_subject_{number}"),
            "position": say(locale, "forms.sample_position"),
            "kind": say(locale, "sheet.kind_person"),
            "file_number": number,
        }
        for number in (1, 2, 3)
    ]
    paper = {"paper_number": say(locale, "forms.sample_paper"), "signed_on": "15/11/2026"}
    signer = say(locale, "forms.sample_signer")
    groups = [{"award": award["award"], "count": len(rows), "rows": rows}]
    return {**unit, **round_, **paper, "signer": signer, "rows": rows, "groups": groups}
