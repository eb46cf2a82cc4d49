"""Room made in a sheet for the rows and columns of a list: what stands beyond moves with its look."""

from collections.abc import Callable
from copy import copy

from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from workflow.forms.refused import FormRefusedError


def make_room_below(sheet: Worksheet, at: int, more: int) -> list[tuple[int, int]]:
    """Move what stands below a row down by so many; return which columns of the row itself are one cell."""
    across = []
    for span in list(sheet.merged_cells.ranges):
        if span.min_row <= at <= span.max_row:
            if span.min_row != span.max_row:
                raise FormRefusedError("merged", cell=span.coord)
            across.append((span.min_col, span.max_col))
    if not more:
        return across
    _move(sheet, lambda span: span.min_row > at, rows=more)
    if sheet.max_row > at:
        sheet.move_range(f"A{at + 1}:{_last(sheet)}", rows=more)
    heights = {row: one.height for row, one in sheet.row_dimensions.items() if row > at}
    for row in heights:
        sheet.row_dimensions[row].height = None
    for row, height in heights.items():
        sheet.row_dimensions[row + more].height = height
    _stretch(sheet, lambda span: _grown(span, at, more, is_down=True))
    return across


def make_room_right(sheet: Worksheet, at: int, more: int) -> None:
    """Move what stands right of a column by so many; what spans it spans the new ones too."""
    if not more:
        return
    widths = {number: _width(sheet, number) for number in range(at, sheet.max_column + 1)}
    spanning = [one for one in sheet.merged_cells.ranges if one.min_col <= at <= one.max_col]
    for span in spanning:
        sheet.merged_cells.remove(span)
    _move(sheet, lambda span: span.min_col > at, columns=more)
    if sheet.max_column > at:
        sheet.move_range(f"{get_column_letter(at + 1)}1:{_last(sheet)}", cols=more)
    for span in spanning:
        is_upright = span.min_col == span.max_col
        for place in range(more + 1 if is_upright else 1):
            sheet.merge_cells(
                start_row=span.min_row,
                end_row=span.max_row,
                start_column=span.min_col + place,
                end_column=span.max_col + (place if is_upright else more),
            )
    for number, width in widths.items():
        for place in range(more + 1) if number == at else (more,):
            sheet.column_dimensions[get_column_letter(number + place)].width = width
    for row in sheet.iter_rows(min_col=at, max_col=at):
        for place in range(1, more + 1):
            model, new = row[0], sheet.cell(row[0].row, at + place)
            new._style = copy(model._style)  # noqa: SLF001 - how the library itself copies a look
    _stretch(sheet, lambda span: _grown(span, at, more, is_down=False))


def _width(sheet: Worksheet, number: int) -> float:
    """Return how wide a column is; several of one width may be written as the first of them."""
    for one in sheet.column_dimensions.values():
        if (one.min or 0) <= number <= (one.max or 0):
            return float(one.width)
    return float(sheet.column_dimensions[get_column_letter(number)].width)


def _move(
    sheet: Worksheet, is_moved: Callable[[CellRange], bool], *, rows: int = 0, columns: int = 0
) -> None:
    moved = [span for span in list(sheet.merged_cells.ranges) if is_moved(span)]
    for span in moved:
        sheet.merged_cells.remove(span)
        span.shift(row_shift=rows, col_shift=columns)
    for span in moved:
        sheet.merged_cells.add(span)


def _stretch(sheet: Worksheet, grown: Callable[[str], str]) -> None:
    """Let what is printed and what is filtered reach as far as the list does."""
    if sheet.print_area:
        areas = str(sheet.print_area).split(",")
        sheet.print_area = ",".join(grown(one.rpartition("!")[2]) for one in areas)
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = grown(sheet.auto_filter.ref)


def _grown(span: str, at: int, more: int, *, is_down: bool) -> str:
    left, top, right, bottom = range_boundaries(span.replace("$", ""))
    if is_down:
        top, bottom = top + more * (top > at), bottom + more * (bottom >= at)
    else:
        left, right = left + more * (left > at), right + more * (right >= at)
    return f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"


def _last(sheet: Worksheet) -> str:
    return f"{get_column_letter(sheet.max_column)}{sheet.max_row}"
