"""What stands proposed in a round: one subject may be so once for each award."""

from typing import Final

from sqlalchemy import ColumnElement

from workflow.domain.vocabulary import Stage
from workflow.store.nominations import Nomination

_ENDED_WITHOUT: Final = (Stage.WITHDRAWN, Stage.REJECTED)


def is_proposed() -> ColumnElement[bool]:
    """Return the condition of nominations that keep their subject from being proposed for the same again.

    The unique indexes of nominations say the same.
    """
    return Nomination.stage.not_in(_ENDED_WITHOUT)
