"""Having a form filled by a process of its own: a hostile one costs seconds, and nothing else stops."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

from workflow.domain.errors import FieldError, InvalidField, Reason
from workflow.domain.papers.office_forms import FIELDS, FormFormat, FormPurpose, as_plain
from workflow.limited import Ended, Limits, NoAnswerError, run_within

_MODULES: Final = {
    FormFormat.DOCX: "workflow.forms.text_child",
    FormFormat.XLSX: "workflow.forms.sheet_child",
}
LIMITS: Final = Limits(cpu_seconds=40)
"""What filling one form may take: the longest list takes a fifth of it on a slow machine."""


@dataclass(frozen=True, slots=True)
class PlainColumn:
    """A column of the form that ships: its heading, what stands under it, and at its foot.

    `loops` are what heading and cell loop over where a list lies across.
    """

    heading: str
    field: str
    foot: str = ""
    loops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlainForm:
    """The form that ships, in words: its title, lines under it, and the columns of its list.

    `row` is what a row is called in it, and `rows` the list that it is one of.
    """

    title: str
    lines: Sequence[str]
    columns: Sequence[PlainColumn]
    row: str
    rows: str


@dataclass(frozen=True, slots=True)
class OfficeForm:
    """A form to fill: the bytes of an office's own, none for the one that ships."""

    purpose: FormPurpose
    kind: FormFormat
    plain: PlainForm
    content: bytes = b""


def fill_form(form: OfficeForm, data: Mapping[str, Any], limits: Limits = LIMITS) -> bytes:
    """Return a form filled with words, numbers and lists of them, by the English names of its fields.

    Raises `InvalidField` for a form that cannot be used and for one that goes beyond a limit.
    """
    fields, is_ours = as_plain(FIELDS[form.purpose]), not form.content
    order = {"kind": str(form.kind), "fields": fields, "is_ours": is_ours, "data": data}
    return _run(form.kind, order, empty_form(form) if is_ours else form.content, limits)


def empty_form(form: OfficeForm) -> bytes:
    """Return the form that ships as it is before it is filled, to begin one's own from."""
    return _written(form.kind, json.dumps(asdict(form.plain)))


@lru_cache(maxsize=16)
def _written(kind: FormFormat, plain: str) -> bytes:
    """Return the form that ships in these words, written once: it takes longer than to fill a short list."""
    return _run(kind, {"plain": json.loads(plain)}, b"", LIMITS)


def _run(kind: FormFormat, order: Mapping[str, Any], content: bytes, limits: Limits) -> bytes:
    given = json.dumps(order).encode() + b"\n" + content
    try:
        head, _, written = run_within(limits, _MODULES[kind], given).partition(b"\n")
    except NoAnswerError as problem:
        raise _refused("unreadable" if problem.why is Ended.ERROR else "costly", {}) from problem
    answer = json.loads(head)
    if answer:
        raise _refused(answer["refused"], answer["params"])
    return written


def _refused(code: str, params: Mapping[str, str]) -> InvalidField:
    reason = _reasons({**params, "known": params.get("known") or "–"} if code == "unknown" else params)[code]
    return InvalidField(reason.message, reasons=[reason], errors=[FieldError("file", reason.message)])


def _reasons(told: Mapping[str, str]) -> Mapping[str, Reason]:
    """Return the sentence of everything that a form may be refused for."""
    field, known, what = told.get("field", ""), told.get("known", ""), told.get("what", "")
    cell, most, said = told.get("cell", ""), told.get("most", ""), told.get("said", "")
    size = f"{told.get('rows', '')} rows or {told.get('columns', '')} columns"
    return {
        "unknown": Reason("form_unknown", f"There is no field '{field}'; the nearest are: {known}.", told),
        "not_allowed": Reason(
            "form_not_allowed",
            f"A form says fields, loops over a list and conditions, but not '{what}'.",
            told,
        ),
        "syntax": Reason("form_syntax", f"What stands between the braces cannot be read: {said}", told),
        "empty": Reason("form_empty", "The form names no field, so nothing would be filled in.", told),
        "unreadable": Reason(
            "form_unreadable", "The file cannot be read. Save it as .docx or .xlsx again and send that.", told
        ),
        "large": Reason("form_large", f"The file unpacks to more than {most} MB. Take out pictures.", told),
        "runs": Reason("form_runs", "The file has a macro or an embedded program. Save it without.", told),
        "outside": Reason("form_outside", "The file fetches something from outside it. Take that out.", told),
        "formula": Reason(
            "form_formula", f"Cell {cell} has a formula. A form says fields, no formulas.", told
        ),
        "two_lists": Reason("form_two_lists", f"One row of a sheet is repeated; {cell} is a second.", told),
        "merged": Reason(
            "form_merged", f"The repeated row is joined with another ({cell}). Part them.", told
        ),
        "wide": Reason("form_wide", f"A sheet has more than {size}. Remove what is empty.", told),
        "costly": Reason("form_costly", "Filling the form takes too long or too much memory.", told),
    }
