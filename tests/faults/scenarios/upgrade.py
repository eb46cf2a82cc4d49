"""The tables are brought to this release while clients act and letters, reminders, claims are under way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from alembic import command
from psycopg.errors import DeadlockDetected
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.faults.rig.installation import Installation
from tests.faults.rig.trial import Proof, Scenario
from tests.support.patience import PATIENCE
from workflow.store.schema import _config, current_version, newest_version

BEFORE: Final = "0006"
"""The tables of the release before."""


def set_back(rig: Installation) -> None:
    """Make the tables what the release before had, however often the work that goes on is in the way."""
    engine = create_engine(rig.services.migration_url)
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("SET lock_timeout = 0"))
                command.downgrade(_config(connection), BEFORE)
                connection.commit()
        except OperationalError as error:
            # It locks tables in an order of its own; nobody but this test sets tables back under traffic.
            if not isinstance(error.orig, DeadlockDetected):
                raise
        else:
            break
    engine.dispose()


def version(rig: Installation) -> str | None:
    """Return at which version the tables are."""
    engine = create_engine(rig.services.migration_url)
    with engine.connect() as connection:
        found = current_version(connection)
    engine.dispose()
    return found


@contextmanager
def by_command(rig: Installation) -> Iterator[Proof]:
    """Run `commendo db upgrade` beside programs of this release that have met the older tables."""
    set_back(rig)
    found = version(rig)
    assert rig.crew.start("db", "upgrade").wait(timeout=PATIENCE) == 0
    yield lambda: int((found, version(rig)) == (BEFORE, newest_version()))


@contextmanager
def by_up(rig: Installation) -> Iterator[Proof]:
    """End `up` in the middle of the work, and let it find the tables of the release before when it starts."""
    rig.up.process.send_signal(signal.SIGINT)
    rig.up.process.wait(timeout=PATIENCE)
    set_back(rig)
    found = version(rig)
    rig.start_up()
    yield lambda: int((found, version(rig)) == (BEFORE, newest_version()))


@contextmanager
def by_up_after_a_power_cut(rig: Installation) -> Iterator[Proof]:
    """Do the same where nothing could come to its end."""
    rig.kill_up()
    set_back(rig)
    found = version(rig)
    rig.start_up()
    yield lambda: int((found, version(rig)) == (BEFORE, newest_version()))


SCENARIOS = (
    Scenario("upgraded by `db upgrade` under traffic", by_command, seconds=10, bears=True),
    Scenario("upgraded by `up` with data under way", by_up, seconds=10, bears=True),
    Scenario("upgraded after a power cut", by_up_after_a_power_cut, seconds=10, bears=True),
)
