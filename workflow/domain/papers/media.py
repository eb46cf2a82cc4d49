"""What a file is, told by its bytes: never by its name or by what its sender calls it.

A table of the four formats that scans come in: no library in our requirements does this, and a list of
hundreds of formats would only be a longer list to refuse. A file counts as whole where the readers of its
format open it: scanners and telephones put bytes before a PDF, behind its end, and videos behind an image.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from mmap import mmap
from typing import Final

Content = bytes | mmap
"""A file's bytes, in memory or mapped from the disk: only a few of them are looked at."""

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
SHOWN: Final = frozenset({PDF, PNG, JPEG})
"""What browsers show by themselves; a TIFF is saved."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that was received whole and has no row yet; `storage_name` is random."""

    storage_name: str
    sha256: bytes
    byte_count: int
    media_type: str


"""Every type taken, each with how the names of its files end, the usual ending first."""

_PDF_HEAD: Final = b"%PDF-"
_PDF_END: Final = b"%%EOF"
# ISO 32000-1 annex H.3: readers look for the header in the first 1024 bytes and for the end in the last ones;
# scanners append some of their own, and copiers fill up with NUL or blanks, which are no content.
_PDF_HEAD_WITHIN: Final = 1024
_PDF_END_WITHIN: Final = 2048
_PADDING: Final = b"\0 \t\r\n\f"
_PIECE: Final = 65_536
_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND"
_PNG_BESIDE: Final = 12
_JPEG_HEAD: Final = b"\xff\xd8\xff"
_JPEG_START: Final = 2
_JPEG_EOI: Final = 0xD9
# Markers without a length (ITU-T T.81, B.1.1.3): restarts and stuffed bytes among them.
_JPEG_BARE: Final = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
_JPEG_FILL: Final = 0xFF
_JPEG_FIRST_MARKER: Final = 0xC0
_TIFF_ORDER: Final = {b"II*\x00": "<", b"MM\x00*": ">"}
_TIFF_HEADER: Final = 8
_BIGGEST_SIDE: Final = 100_000


def media_type_of(content: Content) -> str | None:
    """Return what a file is, None for anything but a whole PDF, PNG, JPEG or TIFF."""
    return next((media_type for media_type, fits in _TESTS.items() if fits(content)), None)


def _is_pdf(content: Content) -> bool:
    begins = content.find(_PDF_HEAD, 0, _PDF_HEAD_WITHIN + len(_PDF_HEAD) - 1)
    if begins < 0 or not content[begins + len(_PDF_HEAD) : begins + len(_PDF_HEAD) + 1].isdigit():
        return False
    ends = _end_of(content)
    return content.rfind(_PDF_END, max(begins, ends - _PDF_END_WITHIN), ends) >= 0


def _end_of(content: Content) -> int:
    """Return where the last byte that is no padding ends."""
    ends = len(content)
    while ends:
        piece = content[max(0, ends - _PIECE) : ends]
        kept = len(piece.rstrip(_PADDING))
        if kept:
            return ends - len(piece) + kept
        ends -= len(piece)
    return 0


def _is_png(content: Content) -> bool:
    if content[: len(_PNG_HEAD)] != _PNG_HEAD or content[12:16] != b"IHDR" or len(content) < 24:  # noqa: PLR2004 - where the two sides end
        return False
    if not all(0 < side <= _BIGGEST_SIDE for side in struct.unpack(">II", content[16:24])):
        return False
    place = len(_PNG_HEAD)
    while place + _PNG_BESIDE <= len(content):
        following = place + _PNG_BESIDE + int.from_bytes(content[place : place + 4])
        if content[place + 4 : place + 8] == _PNG_END:
            return following <= len(content)
        place = following
    return False


def _is_jpeg(content: Content) -> bool:
    """Follow the segments to the end of the image: a preview inside one has an end of its own."""
    if content[:3] != _JPEG_HEAD or len(content) < 6 or content[3] < _JPEG_FIRST_MARKER:  # noqa: PLR2004 - a start and a marker with its length
        return False
    place = _JPEG_START
    while 0 <= (place := content.find(b"\xff", place)) < len(content) - 1:
        marker = content[place + 1]
        if marker == _JPEG_EOI:
            return True
        if marker == _JPEG_FILL:
            place += 1
        elif marker in _JPEG_BARE:
            place += 2
        else:
            length = int.from_bytes(content[place + 2 : place + 4])
            if length < 2:  # noqa: PLR2004 - a length counts itself
                return False
            place += 2 + length
    return False


def _is_tiff(content: Content) -> bool:
    order = _TIFF_ORDER.get(content[:4])
    if order is None or len(content) < _TIFF_HEADER:
        return False
    directory: int = struct.unpack(f"{order}I", content[4:_TIFF_HEADER])[0]
    return _TIFF_HEADER <= directory <= len(content) - 2


_TESTS: Final[Mapping[str, Callable[[Content], bool]]] = {
    PNG: _is_png,
    JPEG: _is_jpeg,
    TIFF: _is_tiff,
    PDF: _is_pdf,
}
