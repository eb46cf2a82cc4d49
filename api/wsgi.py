"""The composition root of the web process: the one place that puts the parts together.

`create_app` may be called as often as needed; nothing happens at import.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from apiflask import APIBlueprint

from api import gate, problems
from api.edge import Edge, Wake, attach
from api.meter import Meter
from api.pages import blueprint as pages
from api.permissions import Permission, declare_foreign
from api.probes import disk_questions, outside_questions
from api.readiness import Readiness
from api.rest import blueprint as rest
from api.serving import compression, headers, logs, proxies, static_files
from api.serving.application import Application
from workflow.clock import Clock, DatabaseClock
from workflow.settings import Settings, SettingsError
from workflow.store.database import Sessions, make_engine, make_sessions
from workflow.store.paper_files import PaperFolder

# The largest body a route takes unless it says otherwise: a whole nomination fits many times.
MAX_BODY_BYTES: Final = 1024 * 1024
MAX_FORM_PARTS: Final = 200
_USUAL_PORT: Final = 8000


def create_app(
    settings: Settings,
    *,
    sessions: Sessions | None = None,
    clock: Clock | None = None,
    wake: Wake | None = None,
    probes: Mapping[str, Callable[[], bool]] = MappingProxyType({}),
    counts: Path | None = None,
) -> Application:
    """Build the application that serves the JSON interface and the pages.

    `sessions` and `clock` are those of the settings' database unless given. `wake` is called after a commit
    to tell the workers; without it they find the work at their next look. `probes` ask whether what only the
    workers use (broker, mail server) is well, for `/readyz`. `counts` is a folder in which processes count
    requests together. Raises `SettingsError` when neither a database nor sessions are given.
    """
    logs.configure()
    app = Application(
        "api",
        title="Commendo",
        version=version("commendo"),
        spec_path="/openapi.json",
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]  # each blueprint brings its own
        static_url_path="/static",
    )
    app.config.from_mapping(_configuration(settings))
    sessions = sessions or _sessions(settings)
    papers = PaperFolder(settings.attachments_dir)
    readiness = Readiness(
        sessions, [*outside_questions(probes), *disk_questions(settings, papers.demand_room)]
    )
    meter = Meter(counts)
    attach(app, Edge(settings, sessions, clock or DatabaseClock(), wake or _nobody_to_wake, readiness, meter))
    compression.register(app)
    meter.register(app)
    static_files.register(app)
    headers.register(app)
    problems.register(app)
    gate.register(app)
    rest.register(app)
    pages.register(app)
    declare_foreign(app, "openapi.spec", Permission.ANYBODY)
    _describe_the_interface_only(app)
    vars(app)["wsgi_app"] = proxies.behind(app.wsgi_app, settings)
    return app


def _describe_the_interface_only(app: Application) -> None:
    """Tell APIFlask that the pages are no part of what it describes; it asks every blueprint."""
    for blueprint in app.blueprints.values():
        if not isinstance(blueprint, APIBlueprint):
            vars(blueprint)["enable_openapi"] = False


def _configuration(settings: Settings) -> Mapping[str, object]:
    return {
        "SECRET_KEY": settings.secret,
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES,
        "MAX_FORM_PARTS": MAX_FORM_PARTS,
        "SESSION_COOKIE_NAME": _cookie_name(settings.base_url),
        "PREFERRED_URL_SCHEME": settings.base_url.partition(":")[0],
        # An exception reaches our own handler, which answers with a problem and no details, in tests too.
        "PROPAGATE_EXCEPTIONS": False,
        "TRAP_HTTP_EXCEPTIONS": False,
        # A list in the order of the query is part of the contract; sorted keys are not.
        "JSON_SORT_KEYS": False,
        "AUTO_OPERATION_ID": True,
        "AUTO_SERVERS": False,
        "AUTO_VALIDATION_ERROR_RESPONSE": False,
        "AUTO_AUTH_ERROR_RESPONSE": False,
        "AUTO_404_RESPONSE": False,
    }


def _cookie_name(base_url: str) -> str:
    """Return what the cookie of the site at this address is called.

    A browser gives a host's cookies to each of its ports: with port and path in the name, whoever signs in to
    one installation is not signed out of another on the same host.
    """
    site = urlsplit(base_url)
    port = str(site.port) if site.port not in {None, _USUAL_PORT} else ""
    name = "-".join(filter(None, ("commendo", port, *site.path.split("/"))))
    # The prefix makes browsers refuse the cookie from anybody but this very host over TLS (ASVS 3.3.1).
    return f"__Host-{name}" if site.scheme == "https" else name


def _sessions(settings: Settings) -> Sessions:
    if settings.database_url is None:
        raise SettingsError(("COMMENDO_DATABASE_URL: missing; `commendo up` brings a database of its own.",))
    return make_sessions(
        make_engine(settings.database_url),
        timezone=settings.timezone,
        locale=settings.locale,
        calendar=settings.working_days,
        undo_window=settings.undo_window,
        claim_days=settings.claim_days,
    )


def _nobody_to_wake() -> None:
    """Do nothing: the workers look by themselves once a sweep."""
