"""The plain text document that ships: for an office that has none of its own, and to begin one from."""

import io
from typing import Any, Final

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from workflow.forms.plain import FONT, SIZE

_LOOP: Final = "{{%tc for {} %}}"
_END: Final = "{%tc endfor %}"


def plain_text(plain: dict[str, Any]) -> bytes:
    """Return the form with this title, these lines under it, and a list of these columns.

    `columns` say a heading, what stands under it and at its foot, and what heading and cell loop over where a
    list lies across; `row` is what a row is called, `rows` the list.
    """
    document = Document()
    _say_what_it_is(document, plain["title"])
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(SIZE)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(20)
    for line in (plain["title"], *plain["lines"]):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(line).bold = line == plain["title"]
    heads, cells, feet = zip(*(part for column in plain["columns"] for part in _parts(column)), strict=True)
    has_foot = any(column["foot"] for column in plain["columns"])
    table = document.add_table(rows=5 if has_foot else 4, cols=len(heads), style="Table Grid")
    table.cell(1, 0).text = f"{{%tr for {plain['row']} in {plain['rows']} %}}"
    table.cell(3, 0).text = "{%tr endfor %}"
    for place, (head, cell, foot) in enumerate(zip(heads, cells, feet, strict=True)):
        table.cell(0, place).text, table.cell(2, place).text = "", cell
        table.cell(0, place).paragraphs[0].add_run(head).bold = True
        if has_foot:
            table.cell(4, place).text = foot
    # A list of many pages has its heads on each.
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - the library has no other way
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _say_what_it_is(document: WordDocument, title: str) -> None:
    """Put its own title in the place of what the library says of its example: an author, 2013, a picture."""
    about = document.core_properties
    about.title, about.author, about.comments = title, "Commendo", ""
    for stale in about._element.xpath("dcterms:created | dcterms:modified"):  # noqa: SLF001 - the library has no other way
        stale.getparent().remove(stale)
    related = document.part.package.rels
    for name in [name for name, one in related.items() if one.reltype.endswith("/thumbnail")]:
        del related[name]


def _parts(column: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the cells of a column, head, middle and foot; what lies across stands between its loops."""
    one = (column["heading"], column["field"], column["foot"])
    if not column["loops"]:
        return [one]
    head, cell = (_LOOP.format(loop) for loop in column["loops"])
    return [(head, cell, head), one, (_END, _END, _END)]
