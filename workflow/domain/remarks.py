"""What is said beside a nomination, and for whom."""

from enum import StrEnum
from typing import Final

MENTIONS: Final = "mentions"
"""Whom the event of a comment says that it names and tells, by account."""


class Remark(StrEnum):
    """What is said beside a nomination: a comment, and that its author takes it back."""

    COMMENT = "comment"
    WITHDRAW = "withdraw_comment"


class Audience(StrEnum):
    """For whom a comment is: those who sit where its author does, who reviews, or who nominates too."""

    UNIT = "unit"
    REVIEWERS = "reviewers"
    NOMINATOR = "nominator"
