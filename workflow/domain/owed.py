"""How far a unit is with what it owes a round."""

from enum import StrEnum


class ReturnStatus(StrEnum):
    """How far a unit is with what it owes a round; derived, never stored."""

    NOT_STARTED = "not_started"
    DRAFTING = "drafting"
    SENT = "sent"
    NOTHING = "nothing"
