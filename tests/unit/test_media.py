"""What a file is by its bytes, and what it may be called."""

import unicodedata

import pytest

from tests.support.papers import minimal_pdf, minimal_png, small_jpeg
from workflow.domain.papers.filenames import LONGEST_NAME, clean_filename
from workflow.domain.papers.media import JPEG, PDF, PNG, TIFF, media_type_of

JPEG_BYTES = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40 + b"\xff\xd9"
TIFF_BYTES = b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00"


PREVIEW = b"\xff\xd8\xff\xe1" + (len(small_jpeg()) + 2).to_bytes(2) + small_jpeg()
VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40


def appended(pdf: bytes) -> bytes:
    """Return a PDF with one more revision at its end, as a signature or an annotation makes it."""
    return pdf + b"xref\n0 1\n0000000000 65535 f \ntrailer << >>\nstartxref\n%d\n%%%%EOF\r\n" % len(pdf)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (minimal_pdf(), PDF),
        (minimal_pdf() + b"\r\n\x00", PDF),
        (b"\xef\xbb\xbf" + minimal_pdf(), PDF),
        (b"\r\n" + minimal_pdf(), PDF),
        # Readers look for the header within 1024 bytes (ISO 32000-1, H.3): what stands before is not shown.
        (b"junk" + minimal_pdf(), PDF),
        (b"@PJL JOB\r\n" * 90 + minimal_pdf(), PDF),
        (b"x" * 1023 + minimal_pdf(), PDF),
        (minimal_pdf() + b"\x00" * 4096, PDF),
        (minimal_pdf() + b"\x00" * 200_000, PDF),
        (minimal_pdf() + b" " * 5000 + b"\r\n", PDF),
        (minimal_pdf() + b"scanned by x" * 100, PDF),
        (appended(appended(minimal_pdf())), PDF),
        (minimal_pdf().replace(b"%PDF-1.4", b"%PDF-2.0"), PDF),
        (minimal_png(), PNG),
        (minimal_png(40) + VIDEO, PNG),
        (minimal_png() + b"\x00" * 9000, PNG),
        (JPEG_BYTES, JPEG),
        (JPEG_BYTES + VIDEO, JPEG),
        (small_jpeg(), JPEG),
        (small_jpeg(progressive=True), JPEG),
        (small_jpeg(progressive=True) + VIDEO, JPEG),
        (small_jpeg() + small_jpeg(), JPEG),
        (small_jpeg() + b"\x00" * 9000, JPEG),
        (PREVIEW + small_jpeg()[2:], JPEG),
        (TIFF_BYTES, TIFF),
        (TIFF_BYTES + VIDEO, TIFF),
        (b"MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00", TIFF),
    ],
)
def test_each_format_is_known_by_its_bytes(content: bytes, media_type: str) -> None:
    assert media_type_of(content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"x" * 1024 + minimal_pdf(),
        minimal_pdf()[:-20],
        minimal_pdf()[:-20] + b"\x00" * 5000,
        # The end of the first revision is not the end of a file whose second was cut off.
        appended(minimal_pdf()) + b"1 0 obj << /Length 9000 >> stream\n" + b"x" * 3000,
        minimal_pdf() + b"x" * 3000,
        b"%PDF-" + b"\x00" * 9000,
        minimal_png()[:-8],
        minimal_png(40)[:-20],
        minimal_png().replace(b"\x00\x00\x00\x01\x00\x00\x00\x01", b"\xff\xff\xff\xff\x00\x00\x00\x01"),
        minimal_png().replace(b"\x00\x00\x00\x01\x00\x00\x00\x01", b"\x00" * 8),
        minimal_png()[:33] + b"\x00" * 9000,
        JPEG_BYTES[:-2],
        small_jpeg()[:-2],
        small_jpeg(progressive=True)[:-2] + b"\xff",
        # Cut off behind the preview, whose end is not the image's.
        PREVIEW + small_jpeg()[2:-20],
        b"\xff\xd8\xff",
        b"\xff\xd8" + b"\xff" * 9000,
        b"II*\x00\xff\xff\x00\x00",
        b"MM\x00*",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 99,
        b"GIF89a" + b"\x00" * 20,
        b"PK\x03\x04" + b"\x00" * 20,
        b"MZ" + b"\x00" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_what_is_broken_or_another_format_is_nothing(content: bytes) -> None:
    assert media_type_of(content) is None


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
