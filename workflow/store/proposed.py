"""What stands proposed in a round: one subject may be so once for each award."""

from typing import Final

from sqlalchemy import ColumnElement, and_

from workflow.domain.rights.submission_rights import WITH_THE_UNIT
from workflow.domain.vocabulary import Stage
from workflow.store.nominations import Nomination

_ENDED_WITHOUT: Final = (Stage.WITHDRAWN, Stage.REJECTED, Stage.ANNULLED)
_AT_HOME: Final = tuple(sorted(WITH_THE_UNIT))


def is_proposed() -> ColumnElement[bool]:
    """Return the condition of nominations that keep their subject from being proposed for the same again.

    The unique indexes of nominations say the same.
    """
    return Nomination.stage.not_in(_ENDED_WITHOUT)


def is_on_no_list() -> ColumnElement[bool]:
    """Return the condition of nominations that still lie with their unit and are on none of its lists."""
    return and_(Nomination.submission_id.is_(None), Nomination.stage.in_(_AT_HOME))
