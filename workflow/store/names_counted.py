"""How many names a unit has in a round, for the few letters that say it."""

from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from workflow.domain.vocabulary import NoticeKind, Stage
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit

_SAY_IT: Final = (NoticeKind.DATES_MOVED, NoticeKind.REMINDER, NoticeKind.RETURN_REMINDER)
_beside = aliased(Nomination)


def names_of_unit() -> ColumnElement[Any]:
    """Return how many names the unit of a mail has in its round, and how many of them wait at the unit.

    Withdrawn ones do not count. Nothing is counted for letters of other kinds.
    """
    mine = (_beside.round_id == Round.id, _beside.unit_id == Unit.id, _beside.stage != Stage.WITHDRAWN)
    counts = array([func.count(), func.count().filter(_beside.stage == Stage.UNIT_REVIEW)])
    return case((among(Outbox.notice, _SAY_IT), select(counts).where(*mine).scalar_subquery()))
