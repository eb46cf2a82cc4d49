"""Forms that an office writes its lists in: what each is for, and which fields may stand in it.

A field has two names, so that a form is written in either language: `{{ unit }}` is `{{ don_vi }}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FormPurpose(StrEnum):
    """What a form is filled with."""

    LIST_ANNEX = "list_annex"


class FormFormat(StrEnum):
    """The files that a form may be."""

    DOCX = "docx"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class FormField:
    """A word that a form may name, in both languages; a list has fields of its own for each of its rows.

    `each` is what a row of it is called in a workbook, where a row that names it is repeated.
    """

    name: str
    vi: str
    each: tuple[str, ...] = ()
    inside: tuple["FormField", ...] = ()


_ROW: Final = (
    FormField("number", "stt"),
    FormField("subject", "ho_ten"),
    FormField("position", "chuc_vu"),
    FormField("kind", "doi_tuong"),
    FormField("award", "danh_hieu"),
    FormField("award_code", "ma_danh_hieu"),
    FormField("file_number", "so_ho_so"),
)
FIELDS: Final[Mapping[FormPurpose, tuple[FormField, ...]]] = {
    FormPurpose.LIST_ANNEX: (
        FormField("unit", "don_vi"),
        FormField("unit_code", "ma_don_vi"),
        FormField("round", "dot_xet"),
        FormField("paper_number", "so_to_trinh"),
        FormField("signed_on", "ngay_ky"),
        FormField("signer", "nguoi_ky"),
        FormField("made_on", "ngay_lap"),
        FormField("count", "so_luong"),
        FormField("rows", "danh_sach", ("row", "dong"), _ROW),
        FormField(
            "groups",
            "nhom",
            ("group", "nhom_danh_hieu"),
            (
                FormField("award", "danh_hieu"),
                FormField("count", "so_luong"),
                FormField("rows", "danh_sach", ("row", "dong"), _ROW),
            ),
        ),
    ),
}
"""Which fields a form of each purpose may name."""

MOST_FORM_BYTES: Final = 2 * 2**20
MOST_FORM_ROWS: Final = 12_000
"""How many rows a form is filled with; a longer list is refused whole."""


def fields_of(purpose: FormPurpose) -> Iterator[tuple[str, FormField]]:
    """Yield each field of a purpose, in order, with the name of the row that it belongs to, blank outside."""
    for field in FIELDS[purpose]:
        yield "", field
        for inner in field.inside:
            yield field.each[0], inner


def as_plain(fields: tuple[FormField, ...]) -> list[list[object]]:
    """Return fields as JSON carries them: names, what a row is called, and the fields inside."""
    return [[one.name, one.vi, list(one.each), as_plain(one.inside)] for one in fields]
