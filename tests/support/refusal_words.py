"""The words of refusals as the tests ask for them: by section, then by code."""

from api.catalogue import catalogue
from api.wording import VIETNAMESE


def refusal_words(section: str, locale: str = VIETNAMESE) -> dict[str, str]:
    """Return the words of a section (titles, details, reasons) by code."""
    start = f"refusal.{section}."
    return {key.removeprefix(start): text for key, text in catalogue(locale).items() if key.startswith(start)}
