"""A PDF that asks for a password is told from one that is encrypted and opens all the same."""

import pytest

from tests.support.locked_pdfs import WAYS, encrypted_pdf
from tests.support.papers import minimal_pdf
from workflow.domain.papers.media import PDF, media_type_of
from workflow.store.locked_pdf import asks_password


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
def test_what_only_speaks_of_a_lock_has_none(words: bytes) -> None:
    assert not asks_password(minimal_pdf().replace(b"trailer", b"%" + words + b"\ntrailer"))


def test_one_that_carries_a_locked_one_with_it_opens() -> None:
    within = encrypted_pdf("AES-128 asks")
    assert not asks_password(minimal_pdf().replace(b"trailer", b"%" + within + b"\ntrailer"))


def test_a_pdf_for_holders_of_a_certificate_asks_for_more_than_others_have() -> None:
    locks = b"trailer << /Encrypt << /Filter /Adobe.PubSec /V 4 >> "
    assert asks_password(minimal_pdf().replace(b"trailer <<", locks))


@pytest.mark.parametrize("lost", [b"/O ", b"/R "])
def test_of_a_lock_that_is_not_understood_nothing_is_claimed(lost: bytes) -> None:
    locked = encrypted_pdf("AES-128 asks")
    assert lost in locked
    assert asks_password(locked)
    assert not asks_password(locked.replace(lost, lost[:-1].lower() + b" "))
