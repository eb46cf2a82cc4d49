"""How a command reaches its database: the configured one, or the private one, which it then owns or joins.

Light on purpose: `up` has the private one made while it loads everything else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.commands.output import CommandRefused, progress
from workflow import embedded
from workflow.embedded import EmbeddedError, Services
from workflow.settings import Settings
from workflow.store.database import Sessions, make_engine, make_sessions


@dataclass(frozen=True, slots=True)
class CommandReach:
    """How this process reaches PostgreSQL and Redis. `services` are the private ones, where it uses them."""

    settings: Settings
    database_url: str
    migration_url: str | None
    redis_url: str | None
    services: Services | None = None

    def sessions(self, *, sends_mail: bool = True) -> Sessions:
        """Return sessions of a new engine; make it in the process that uses it."""
        engine = make_engine(self.database_url)
        return make_sessions(
            engine,
            timezone=self.settings.timezone,
            sends_mail=sends_mail,
            locale=self.settings.locale,
            calendar=self.settings.working_days,
            undo_window=self.settings.undo_window,
            claim_days=self.settings.claim_days,
        )


@contextmanager
def reached(settings: Settings, *, redis: bool = False, owner: bool = False) -> Iterator[CommandReach]:
    """Give the services of the settings, started or joined where they are the private ones.

    Raises `Refused` with what helps when they cannot be reached.
    """
    if settings.database_url is not None:
        yield CommandReach(settings, settings.database_url, settings.migration_url, settings.redis_url)
        return
    try:
        progress("Starting PostgreSQL, or joining the one that runs ...")
        services = embedded.start(settings.data_dir, redis=redis, owner=owner)
    except EmbeddedError as error:
        raise CommandRefused([str(error)]) from error
    with services:
        redis_url = settings.redis_url or services.redis_url
        yield CommandReach(settings, services.database_url, services.migration_url, redis_url, services)
