"""What a file is, told by its bytes: never by its name or by what its sender calls it.

A table of signatures for the four formats that scans come in: no library in our requirements does this, and a
list of hundreds of formats would only be a longer list to refuse.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Final

HEAD_BYTES: Final = 4096
"""How much of a file's beginning and end the table looks at."""

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
TIFF: Final = "image/tiff"
EXTENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    PDF: (".pdf",),
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg"),
    TIFF: (".tif", ".tiff"),
}
"""Every type taken, each with how the names of its files end, the usual ending first."""

_PDF_END: Final = b"%%EOF"
# ISO 32000: readers look for the mark in the last 1024 bytes; scanners append some of their own.
_PDF_END_WITHIN: Final = 2048
_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND\xaeB`\x82"
_JPEG_HEAD: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
_TIFF_ORDER: Final = {b"II*\x00": "<", b"MM\x00*": ">"}
_TIFF_HEADER: Final = 8
_BIGGEST_SIDE: Final = 100_000


def media_type_of(head: bytes, tail: bytes, byte_count: int) -> str | None:
    """Return what a file is, None for anything but a whole PDF, PNG, JPEG or TIFF.

    `head` and `tail` are its first and last HEAD_BYTES bytes, which overlap in a short file.
    """
    for media_type, fits in _TESTS.items():
        if fits(head, tail, byte_count):
            return media_type
    return None


def _is_pdf(head: bytes, tail: bytes, _byte_count: int) -> bool:
    return head.startswith(b"%PDF-") and head[5:6].isdigit() and _PDF_END in tail[-_PDF_END_WITHIN:]


def _is_png(head: bytes, tail: bytes, _byte_count: int) -> bool:
    if not head.startswith(_PNG_HEAD) or head[12:16] != b"IHDR" or _PNG_END not in tail:
        return False
    sides = struct.unpack(">II", head[16:24]) if len(head) >= 24 else (0, 0)  # noqa: PLR2004 - IHDR's sides
    return all(0 < side <= _BIGGEST_SIDE for side in sides)


def _is_jpeg(head: bytes, tail: bytes, _byte_count: int) -> bool:
    # After the start a marker with a length: a frame, a table or an application's own segment.
    if not head.startswith(_JPEG_HEAD) or len(head) < 6 or head[3] < 0xC0:  # noqa: PLR2004 - markers of JPEG
        return False
    return int.from_bytes(head[4:6]) >= 2 and _JPEG_END in tail  # noqa: PLR2004 - a length counts itself


def _is_tiff(head: bytes, _tail: bytes, byte_count: int) -> bool:
    order = _TIFF_ORDER.get(head[:4])
    if order is None or len(head) < _TIFF_HEADER:
        return False
    directory: int = struct.unpack(f"{order}I", head[4:_TIFF_HEADER])[0]
    return _TIFF_HEADER <= directory <= byte_count - 2


_TESTS: Final[Mapping[str, Callable[[bytes, bytes, int], bool]]] = {
    PDF: _is_pdf,
    PNG: _is_png,
    JPEG: _is_jpeg,
    TIFF: _is_tiff,
}
