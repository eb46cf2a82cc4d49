"""The one page that stands in for every paper of a made-up season: a whole PDF in few bytes that says so."""

from typing import Final

_TEXT: Final = "BT /F1 14 Tf 72 760 Td (Commendo: to gia dinh, khong co that. An invented paper.) Tj ET"
_OBJECTS: Final = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
    f"<< /Length {len(_TEXT)} >>\nstream\n{_TEXT}\nendstream",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    "<< /Font << /F1 5 0 R >> >>",
)


def _sheet() -> bytes:
    """Write the objects, the table of where each begins, and the trailer (ISO 32000-1, section 7.5)."""
    written = "%PDF-1.4\n"
    places = []
    for number, content in enumerate(_OBJECTS, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(_OBJECTS) + 1
    return (
        f"{written}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    ).encode("ascii")


SHEET: Final = _sheet()
