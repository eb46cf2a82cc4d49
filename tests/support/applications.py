"""Applications to test on: built once for each way of being set up, then lent to one test after another.

Most of what building one costs is its addresses and its templates, which no test changes; what a test brings
are the parts in `Edge`, and those are its own.
"""

from collections import defaultdict
from dataclasses import replace
from typing import Final

from apiflask import APIFlask

from api.edge import Edge, Wake
from api.probes import disk_questions
from api.readiness import Readiness
from api.serving import logs
from api.wsgi import create_app
from tests.support.in_place import demand_addresses
from workflow.clock import Clock
from workflow.settings import Settings
from workflow.store.database import Sessions
from workflow.store.paper_files import PaperFolder

_EXTENSION: Final = "commendo"
_free: defaultdict[str, list[APIFlask]] = defaultdict(list)
_lent: list[tuple[str, APIFlask]] = []


def application(
    settings: Settings, *, sessions: Sessions, clock: Clock, wake: Wake = lambda: None
) -> APIFlask:
    """Return an application with these parts that nobody else has until `take_back`."""
    kind = _kind(settings)
    if _free[kind]:
        app = _free[kind].pop()
    else:
        app = create_app(settings, sessions=sessions, clock=clock, wake=wake)
        demand_addresses(app)
    parts: Edge = app.extensions[_EXTENSION]
    folder = PaperFolder(settings.attachments_dir)
    readiness = Readiness(sessions, [*disk_questions(settings, folder.demand_room)])
    app.extensions[_EXTENSION] = replace(
        parts, settings=settings, sessions=sessions, clock=clock, wake=wake, readiness=readiness
    )
    # What a test before it had in the place of standard error is closed.
    logs.configure()
    _lent.append((kind, app))
    return app


def take_back() -> None:
    """Let the next test have what was lent."""
    for kind, app in _lent:
        _free[kind].append(app)
    _lent.clear()


def _kind(settings: Settings) -> str:
    """Return what of the settings an application is built from; folders are read when something is asked."""
    told = settings.model_dump(mode="json", exclude={"data_dir"})
    return f"{settings.secret} {told}"
