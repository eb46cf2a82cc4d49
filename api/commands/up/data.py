"""What `commendo up` finds in the database or puts there: a demo, or somebody's own data."""

import sys
from datetime import datetime

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.commands.output import CommandRefused
from api.commands.reach import CommandReach
from workflow.clock import DatabaseClock
from workflow.domain.vocabulary import InstallationKind
from workflow.operations.setup.installation import is_untouched, mark_live
from workflow.operations.setup.publish import publish_shipped
from workflow.queries.installation import installation_kind
from workflow.settings import Settings
from workflow.simulate.demo.passwords import SignIn, renew_passwords
from workflow.store.database import make_engine, make_sessions
from workflow.store.paper_files import PaperFolder


def settle_data(reach: CommandReach, *, address: str, wish: bool | None) -> list[SignIn] | None:
    """Make the demo where it is wanted, publish what ships, and return the demo's sign-ins, None without one.

    `wish` is None when nobody said: then an untouched private database gets a demo, and no other. `address`
    is where people open the pages.
    """
    engine = make_engine(reach.database_url)
    sessions = make_sessions(engine, timezone=reach.settings.timezone)
    clock = DatabaseClock()
    try:
        with sessions() as session:
            makes_demo, now = _wants_demo(session, reach, wish=wish), clock.now(session)
        if makes_demo:
            _make(engine, reach.settings, address, now)
        with sessions() as session:
            now = clock.now(session)
            publish_shipped(session, now=now)
            if installation_kind(session) == InstallationKind.DEMO:
                return renew_passwords(session, now=now)
            mark_live(session, now=now)
            return None
    finally:
        engine.dispose()


def _make(engine: Engine, settings: Settings, address: str, now: datetime) -> None:
    from workflow.simulate.demo.make import make_demo  # noqa: PLC0415 - a fifth of what `up` loads, once used

    with click.progressbar(length=1, label="Making the demo", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        make_demo(
            engine,
            timezone=settings.timezone,
            now=now,
            mail_from=settings.mail_from,
            base_url=address,
            folder=PaperFolder(settings.attachments_dir),
            progress=progress,
        )


def _wants_demo(session: Session, reach: CommandReach, *, wish: bool | None) -> bool:
    """Say whether the demo has to be made now, or refuse what does not fit the data that are there."""
    kind = installation_kind(session)
    is_empty = is_untouched(session)
    settings = reach.settings
    if kind == InstallationKind.DEMO:
        if wish is False:
            again = start_afresh(settings)
            raise CommandRefused([f"This database holds the demo. To start afresh without it: {again}"])
        if settings.is_production:
            raise CommandRefused(["This database holds a demo, and production shows no invented data."])
        return False
    if wish and settings.is_production:
        raise CommandRefused(
            ["Production shows no invented data; run the demo with COMMENDO_ENV=development."]
        )
    if wish and not is_empty:
        again = start_afresh(settings, "--demo")
        raise CommandRefused(
            [f"A demo needs an empty database, and this one is in use. To start afresh: {again}"]
        )
    return is_empty and (reach.services is not None if wish is None else wish)


def start_afresh(settings: Settings, option: str = "--no-demo") -> str:
    """Return the command that starts without these data, in a folder of its own."""
    folder = settings.data_dir.with_name(f"{settings.data_dir.name}-{option.lstrip('-')}")
    return f"COMMENDO_DATA_DIR={folder} commendo up {option}"
