"""Why open work is due when it is, in one sentence and in its parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from workflow.domain.time.reasons import DoubledDays, DueReason
from workflow.queries.shapes import Words
from workflow.store.counted import due_reasons
from workflow.words.due import due_sentence

# As many as there are reasons kept; of names that came together it is one.
_KEPT: Final = 8192


@dataclass(frozen=True, slots=True)
class DueExplained:
    """Why something is due when it is: a sentence in both languages, and what it was counted from."""

    text: Words
    because: DueReason


def explain_dues(
    session: Session, work_item_ids: Iterable[UUID], *, is_withheld: bool = False
) -> Mapping[UUID, DueExplained]:
    """Return why each work item is due when it is, asked at once; those without a due date are left out.

    To a nominee (`is_withheld`) it does not say which office was asked about them.
    """
    found = due_reasons(session, work_item_ids)
    if is_withheld:
        found = {key: replace(reason, doubled=_unnamed(reason.doubled)) for key, reason in found.items()}
    return {key: explained(reason) for key, reason in found.items()}


def _unnamed(doubled: DoubledDays | None) -> DoubledDays | None:
    return doubled and replace(doubled, office="")


@lru_cache(maxsize=_KEPT)
def explained(reason: DueReason) -> DueExplained:
    """Return a reason with its words."""
    return DueExplained(Words(due_sentence(reason, "vi"), due_sentence(reason, "en")), reason)
