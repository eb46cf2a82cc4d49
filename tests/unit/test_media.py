"""What a file is by its bytes, and what it may be called."""

import unicodedata

import pytest

from tests.support.papers import minimal_pdf, minimal_png
from workflow.domain.filenames import LONGEST_NAME, clean_filename
from workflow.domain.media import HEAD_BYTES, JPEG, PDF, PNG, TIFF, media_type_of

JPEG_BYTES = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40 + b"\xff\xd9"
TIFF_BYTES = b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00"


def told(content: bytes) -> str | None:
    return media_type_of(content[:HEAD_BYTES], content[-HEAD_BYTES:], len(content))


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (minimal_pdf(), PDF),
        (minimal_pdf() + b"\r\n\x00", PDF),
        (minimal_png(), PNG),
        (JPEG_BYTES, JPEG),
        (TIFF_BYTES, TIFF),
        (b"MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00", TIFF),
    ],
)
def test_each_format_is_known_by_its_bytes(content: bytes, media_type: str) -> None:
    assert told(content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"junk" + minimal_pdf(),
        minimal_pdf()[:-20],
        minimal_pdf() + b" " * 5000,
        minimal_png()[:-8],
        minimal_png().replace(b"\x00\x00\x00\x01\x00\x00\x00\x01", b"\xff\xff\xff\xff\x00\x00\x00\x01"),
        minimal_png().replace(b"\x00\x00\x00\x01\x00\x00\x00\x01", b"\x00" * 8),
        JPEG_BYTES[:-2],
        b"\xff\xd8\xff",
        b"II*\x00\xff\xff\x00\x00",
        b"MM\x00*",
        b"GIF89a" + b"\x00" * 20,
        b"PK\x03\x04" + b"\x00" * 20,
        b"MZ" + b"\x00" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_what_is_broken_or_another_format_is_nothing(content: bytes) -> None:
    assert told(content) is None


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Báo cáo.pdf", "Báo cáo.pdf"),
        (unicodedata.normalize("NFD", "Báo cáo.pdf"), "Báo cáo.pdf"),
        ("C:\\Users\\An\\biên bản.PDF", "biên bản.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("quyết định\u202efdp.exe", "quyết địnhfdp.exe.pdf"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("   .pdf", "tai-lieu.pdf"),
        ("", "tai-lieu.pdf"),
        ("...", "tai-lieu.pdf"),
        ('say "hi"; filename=x.pdf', "say hi; filename=x.pdf"),
        ("scan", "scan.pdf"),
    ],
)
def test_a_name_is_one_line_of_text_that_ends_like_the_file(given: str, shown: str) -> None:
    assert clean_filename(given, PDF) == shown


def test_a_long_name_is_cut_before_its_ending() -> None:
    name = clean_filename("đ" * 500 + ".pdf", PDF)
    assert len(name) == LONGEST_NAME
    assert name.endswith("đ.pdf")
