"""One thing has one name on the screen: a nomination is no proposal or file; so has a unit's contact."""

import re

from api.catalogue import catalogue

# What waits, was sent or is voted on is counted as what it is; a name stands only where names are read.
_COUNTED = re.compile(r"(\{count\}|\{of\}|\bNo) (more |other |next )?(proposal|name|file|dossier)s?\b")
# What was prepared for whoever decides is a proposal; so is a paper of that kind.
_PREPARED = ("notice_prepare_again", "action.prepare_again", "paper.")
_OF_UNITS = (
    "nomination.contact",
    "units.officer",
    "sheet.officer",
    "board.officer",
    "board.no_contact",
    "board_csv.officer",
    "round.accountable",
)


def test_a_nomination_is_called_one_thing_in_english() -> None:
    said = {key: text for key, text in catalogue("en").items() if not key.startswith(("refusal.", "intake."))}
    assert {key: text for key, text in said.items() if _COUNTED.search(text)} == {}
    proposals = {key for key, text in said.items() if re.search(r"\bproposals?\b", text, re.IGNORECASE)}
    assert {key for key in proposals if not any(one in key for one in _PREPARED)} == {"import_help.awards"}


def test_whom_to_call_at_a_unit_is_called_one_thing() -> None:
    for locale, word in (("vi", "đầu mối"), ("en", "contact")):
        assert [key for key in _OF_UNITS if word not in catalogue(locale)[key].casefold()] == []
