"""After open work went over to another version with another ladder, what is foretold is what is sent."""

import pytest
from sqlalchemy import select

from tests.conftest import Database
from tests.integration.test_forecast_sent import scene, watched
from tests.integration.test_going_over import asked, lately_over, migrate, publish
from tests.support.foretold import Watched, as_mails, foretold
from workflow.store.nominations import Rung, Visit

__all__ = ["scene", "watched"]
OTHERS = """      - {at: -1 working_days, do: remind, to: group}
      - {at: +2 working_days, do: escalate, to: next_level}
"""
MORE = """      - {at: -3 working_days, do: remind, to: holder}
      - {at: -2 working_days, do: remind, to: holder}
      - {at: -1 working_days, do: remind, to: group}
      - {at: due, do: remind, to: group}
      - {at: +1 working_days, do: escalate, to: head}
      - {at: +4 working_days, do: escalate, to: next_level}
"""


@pytest.mark.parametrize(
    ("days", "ladder"),
    [
        (8, OTHERS),
        (4, MORE),
        pytest.param(5, OTHERS, marks=pytest.mark.deep),
        pytest.param(7, MORE, marks=pytest.mark.deep),
    ],
)
def test_what_is_foretold_after_it_is_what_is_sent(
    watched: Watched, database: Database, days: int, ladder: str
) -> None:
    place = watched.scene
    lately_over(place.clock)
    after = publish(place.session, place.clock, days=days, ladder=ladder)
    migrate(database, place.clock, asked(after, replans=True))
    place.session.rollback()
    expected = as_mails(foretold(place, 16))
    watched.mails.clear()
    assert watched.run(16) == expected
    place.session.rollback()
    names = set(
        place.session.scalars(
            select(Rung.recipient)
            .join(Visit, Visit.nomination_id == Rung.nomination_id)
            .where(Visit.step == "unit_review", Visit.left_at.is_(None), Rung.fired_at.is_not(None))
        )
    )
    assert names
