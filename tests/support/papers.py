"""Papers to attach: small files that are what they say, and a way to send one."""

import struct
import zlib
from base64 import b64decode
from io import BytesIO
from typing import Any

from werkzeug.test import TestResponse

from tests.support.interface import Interface

_TABLE = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////"
    "m8H////6/+b9//j/"
)
_BASELINE = (
    f"{_TABLE}wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8Ac//Z"
)
_PROGRESSIVE = (
    f"{_TABLE}wgALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//aAAgBAQAAAAF//8QAFBABAAAAAAAAAAAAAAAAAAAAAP/a"
    "AAgBAQABBQJ//8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAGPwJ//8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPyF//9oA"
    "CAEBAAAAEH//xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAE/EH//2Q=="
)

_RED = b"1 0 0 rg 0 0 200 200 re f"


def minimal_pdf(text: str = "Biên bản họp") -> bytes:
    """Return a small PDF; another text makes another file."""
    words = text.encode("utf-16-be").hex().upper()
    return _pdf(f"BT /F1 12 Tf 20 100 Td <{words}> Tj ET".encode())


def painted_pdf() -> bytes:
    """Return a PDF whose one page is red."""
    return _pdf(_RED)


def hostile_pdf(address: str) -> bytes:
    """Return a red PDF that wants to speak up and to lead away as soon as it is opened."""
    tries = (f"this.submitForm('{address}')", f"app.launchURL('{address}', true)", "app.alert('of the PDF')")
    script = " ".join(f"try {{ {one}; }} catch (e) {{}}" for one in tries)
    away = f"<< /S /URI /URI ({address}) >>"
    return _pdf(_RED, f"/OpenAction << /S /JavaScript /JS ({_escaped(script)}) /Next {away} >>".encode())


def _escaped(words: str) -> str:
    return words.replace("(", "\\(").replace(")", "\\)")


def _pdf(page: bytes, catalog: bytes = b"") -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 5\n0000000000 65535 f \n"
    return body + head + table + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def minimal_png(side: int = 1, *, is_red: bool = False) -> bytes:
    """Return a square, white or red."""
    rows = (b"\x00" + (b"\xff\x00\x00" if is_red else b"\xff") * side) * side
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2 if is_red else 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def small_jpeg(*, progressive: bool = False) -> bytes:
    """Return a grey image of 8 by 8, as libjpeg wrote it."""
    return b64decode(_PROGRESSIVE if progressive else _BASELINE)


def sent(interface: Interface, part: str, path: str, **said: Any) -> TestResponse:
    """Send a file as somebody: `content` and `name` of the file, the rest as fields beside it."""
    headers = said.pop("headers", {})
    content, name = said.pop("content", minimal_pdf()), said.pop("name", "báo cáo.pdf")
    fields = {"kind": "achievement_report", "confirms_not_secret": "true", **said}
    data = {key: value for key, value in fields.items() if value is not None}
    if content is not None:
        data["file"] = (BytesIO(content), name)
    return interface.call(part, "POST", path, data=data, headers=headers, content_type="multipart/form-data")
