"""What stands proposed in a round: one subject may be so once for each award."""

from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_

from workflow.domain.rights.submission_rights import BEYOND_THE_UNIT, WITH_THE_UNIT
from workflow.domain.vocabulary import Stage
from workflow.store.conditions import has_been_in
from workflow.store.nominations import Nomination

_ENDED_WITHOUT: Final = (Stage.WITHDRAWN, Stage.REJECTED)
_AT_HOME: Final = tuple(sorted(WITH_THE_UNIT))
_BEYOND: Final = tuple(sorted(BEYOND_THE_UNIT))


def is_proposed() -> ColumnElement[bool]:
    """Return the condition of nominations that keep their subject from being proposed for the same again.

    The unique indexes of nominations say the same.
    """
    return Nomination.stage.not_in(_ENDED_WITHOUT)


def is_on_no_list() -> ColumnElement[bool]:
    """Return the condition of nominations that still lie with their unit and are on none of its lists."""
    return and_(Nomination.submission_id.is_(None), Nomination.stage.in_(_AT_HOME))


def has_left_its_unit() -> ColumnElement[bool]:
    """Return the condition of nominations that have left their unit, wherever they stand by now."""
    was_beyond = exists().where(has_been_in(_BEYOND))
    return or_(Nomination.stage.in_(_BEYOND), Nomination.annulment_id.is_not(None), was_beyond)
