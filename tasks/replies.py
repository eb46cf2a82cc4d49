"""What an answer of a mail server means for a letter, by the stage of the dialogue it was given at.

RFC 5321, 4.2.1: 4yz is for now, 5yz for good. For good is said of the mail only where the mail is spoken of:
at its recipient and its message. What comes before, and what speaks of us (a password, a relay that is not
ours), is wrong with the settings and with every mail, so no single one may die of it.
"""

import re
from enum import StrEnum
from typing import Final

_TAKEN: Final = frozenset({250, 251, 252})
_PERMANENT: Final = 500
# RFC 4954, 6 and RFC 5321, 4.2.2 and 3.8: who we are, or what we speak, at whatever stage it is said.
_ABOUT_US: Final = frozenset({421, 500, 502, 503, 504, 530, 534, 535, 538})
# RFC 5321, 4.5.3.1.10: at a recipient "too much" passes; servers say a full mailbox so too.
_TOO_MUCH: Final = 552
# RFC 3463, 3.8: security or policy, such as "relaying denied". RFC 5321, 3.6.2: 550 or 554 without more.
_POLICY: Final = re.compile(r"\s*5\.7\.\d{1,3}(?!\d)")
_RELAY: Final = re.compile(r"\brelay", re.IGNORECASE)


class DialogueStage(StrEnum):
    """Where in the dialogue an answer was given; each answer before the sender's is about us."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    MESSAGE = "message"


class Meaning(StrEnum):
    """What follows from an answer.

    TAKEN: go on. LATER: this mail again, within its tries. BARRED: this mail again, held against nothing, and
    the others go on. AWAY: no mail for now. REFUSED: this mail never.
    """

    TAKEN = "taken"
    LATER = "later"
    BARRED = "barred"
    AWAY = "away"
    REFUSED = "refused"


def meaning_of(stage: DialogueStage, code: int, words: str) -> Meaning:
    """Return what an answer means; a code that no document knows counts by its first digit."""
    if code in _TAKEN:
        return Meaning.TAKEN
    if stage is DialogueStage.SENDER or code in _ABOUT_US:
        return Meaning.AWAY
    if code < _PERMANENT:
        return Meaning.LATER
    if stage is DialogueStage.RECIPIENT:
        if code == _TOO_MUCH:
            return Meaning.LATER
        if _POLICY.match(words) or _RELAY.search(words):
            return Meaning.BARRED
    return Meaning.REFUSED
