"""Forms that an office writes its lists in: what each is for, and which fields may stand in it.

A field has two names, so that a form is written in either language: `{{ unit }}` is `{{ don_vi }}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflow.domain.vocabulary import Stage


class FormPurpose(StrEnum):
    """What a form is filled with."""

    LIST_ANNEX = "list_annex"
    AWARD_SUMMARY = "award_summary"


class FormFormat(StrEnum):
    """The files that a form may be."""

    DOCX = "docx"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class FormField:
    """A word that a form may name, in both languages; a list has fields of its own for each of its rows.

    `each` is what a row of it is called in a workbook, where a row that names it is repeated, or a column
    where the list lies across.
    """

    name: str
    vi: str
    each: tuple[str, ...] = ()
    inside: tuple["FormField", ...] = ()
    is_across: bool = False


_ROW: Final = (
    FormField("number", "stt"),
    FormField("subject", "ho_ten"),
    FormField("position", "chuc_vu"),
    FormField("kind", "doi_tuong"),
    FormField("award", "danh_hieu"),
    FormField("award_code", "ma_danh_hieu"),
    FormField("file_number", "so_ho_so"),
)
_TALLY: Final = (
    FormField("award", "danh_hieu"),
    FormField("award_code", "ma_danh_hieu"),
    FormField("count", "so_luong"),
    FormField("approved", "so_quyet_dinh"),
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
    FormPurpose.AWARD_SUMMARY: (
        FormField("round", "dot_xet"),
        FormField("round_title", "ten_dot_xet"),
        FormField("owner", "don_vi_to_chuc"),
        FormField("made_on", "ngay_lap"),
        FormField("count", "so_luong"),
        FormField("approved", "so_quyet_dinh"),
        FormField("awards", "cac_danh_hieu", ("column", "cot"), _TALLY, is_across=True),
        FormField(
            "rows",
            "danh_sach",
            ("row", "dong"),
            (
                FormField("number", "stt"),
                FormField("unit", "don_vi"),
                FormField("unit_code", "ma_don_vi"),
                FormField("count", "so_luong"),
                FormField("approved", "so_quyet_dinh"),
                FormField("awards", "cac_danh_hieu", ("cell", "o"), _TALLY, is_across=True),
            ),
        ),
    ),
}
"""Which fields a form of each purpose may name."""

MOST_FORM_BYTES: Final = 2 * 2**20
MOST_FORM_ROWS: Final = 12_000
"""How many rows a form is filled with; a longer list is refused whole."""


PUT_FORWARD: Final = tuple(stage for stage in Stage if stage not in {Stage.WITHDRAWN, Stage.REJECTED})
"""The stages of a name that is put forward: it was neither withdrawn nor refused."""


def fields_of(purpose: FormPurpose) -> Iterator[tuple[FormField | None, FormField]]:
    """Yield each field of a purpose, in order, with the list that it belongs to, None outside."""

    def inside(
        fields: tuple[FormField, ...], of: FormField | None
    ) -> Iterator[tuple[FormField | None, FormField]]:
        for field in fields:
            yield of, field
            if of is None or field.is_across:
                yield from inside(field.inside, field)

    return inside(FIELDS[purpose], None)


def as_plain(fields: tuple[FormField, ...]) -> list[list[object]]:
    """Return fields as JSON carries them: names, what a row is called, what is inside, if it lies across."""
    return [[one.name, one.vi, list(one.each), as_plain(one.inside), one.is_across] for one in fields]
