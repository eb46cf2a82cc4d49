"""A PDF that asks for a password is told from one that is encrypted and opens all the same."""

import pytest

from tests.support.locked_pdfs import WAYS, encrypted_pdf
from tests.support.papers import minimal_pdf
from workflow.domain.papers.media import PDF, media_type_of
from workflow.store.locked_pdf import asks_password
from workflow.store.pdf_values import value_at


@pytest.mark.parametrize("way", WAYS)
def test_only_a_pdf_that_the_empty_password_does_not_open_asks_for_one(way: str) -> None:
    pdf = encrypted_pdf(way)
    assert media_type_of(pdf) == PDF
    assert asks_password(pdf) == way.endswith("asks")


def test_a_pdf_that_is_not_encrypted_asks_for_nothing() -> None:
    assert not asks_password(minimal_pdf())


@pytest.mark.parametrize(
    "words", [b"/Encrypt 9 0 R", b"/Encrypt << /Filter /Standard >>", b"/Encrypt << /V 1", b"/Encrypt<<"]
)
def test_of_what_is_not_understood_nothing_is_claimed(words: bytes) -> None:
    assert not asks_password(minimal_pdf().replace(b"trailer", b"%" + words + b"\ntrailer"))


def test_a_pdf_for_holders_of_a_certificate_asks_for_more_than_others_have() -> None:
    locks = b"/Encrypt << /Filter /Adobe.PubSec /V 4 >>"
    assert asks_password(minimal_pdf().replace(b"trailer", b"%" + locks + b"\ntrailer"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb"(a\(b\)\061\n(in)\\)", b"a(b)1\n(in)\\"),
        (b"<48 65 6c6C 6>", b"Hell`"),
        (b"<</A/B /C [1 -2 true null] % words\n/D 5 0 R>>", {"A": "B", "C": [1, -2, True, None], "D": None}),
        (b"(never ends", None),
        (b"[" * 40, None),
        (b"", None),
    ],
)
def test_values_are_read_as_the_format_writes_them(text: bytes, value: object) -> None:
    assert value_at(text, 0) == value
