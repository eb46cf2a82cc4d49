"""Who decides: it depends on the award and on who manages the nominee, and is frozen with the draft.

In An Giang 2023 the province recognised grassroots titles, but for three of its leaders the Supreme People's
Procuracy did: those whom it manages (inferred from the list, so it is data on the person, not a rule here).
"""

from typing import Final

from workflow.domain.vocabulary import AwardLevel

STATE: Final = "state"
"""The decider of awards given above the sector."""


def decider_of(level: AwardLevel, *, managed_by: str | None, round_owner: str, root: str) -> str:
    """Return the seat of the deciding unit (`unit:X`), or `state`. All three units are codes.

    `managed_by` is the unit that manages the nominee, None where it is the round's own; `root` is the top of
    today's tree, whose head decides on the sector's awards.
    """
    if level is AwardLevel.STATE:
        return STATE
    return f"unit:{root if level is AwardLevel.SECTOR else managed_by or round_owner}"


def is_decided_here(decider: str, *, round_owner: str) -> bool:
    """Return whether the head of the round's owner decides. A draft older than this question decides here."""
    return decider in {"", f"unit:{round_owner}"}
