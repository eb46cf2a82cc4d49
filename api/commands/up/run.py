"""What `up` does once there is a database: tables, data, and the processes, kept alive until Ctrl-C."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import exists, select
from sqlalchemy.exc import OperationalError

from api.commands.desk import ADDRESS_FILE, database_problems, demand_mail_way, make_tables
from api.commands.output import say
from api.commands.reach import CommandReach
from api.commands.up.data import settle_data
from api.serving import supervisor
from api.serving.processes import Begun, command
from api.serving.signs import Answer, Pulses
from api.serving.supervisor import Program
from workflow.operations.setup.publish import shipped_definitions
from workflow.settings import Settings, child_environment
from workflow.simulate.demo.passwords import SignIn
from workflow.store.access import Account


def load_early() -> None:
    """Read what needs no database, while there is none."""
    shipped_definitions()


def run(reach: CommandReach, web: Begun, *, host: str, port: int, demo: bool | None) -> int:
    """Prepare the database and keep the processes alive until a signal comes; answer the exit code.

    `web` was begun and waits to be told what to serve; it listens on `host` and `port`.
    """
    address = reach.settings.base_url
    if "base_url" not in reach.settings.model_fields_set:
        address = f"http://{host}:{port}"
    with database_problems():
        say("Bringing the database to this release ...")
        make_tables(reach)
        people = settle_data(reach, address=address, wish=demo)
        demand_mail_way(reach)
    say("Starting the web and the workers ...")
    answers = Answer(host, port)
    with _noted(address, reach.settings):
        return supervisor.run(
            _programs(reach, Program("web", web.argv, answers, web, answers)),
            folder=reach.settings.data_dir,
            environment=_environment(reach, address, is_demo=people is not None),
            services=reach.services,
            on_ready=lambda: _welcome(reach, address, people),
            say=say,
        )


@contextmanager
def _noted(address: str, settings: Settings) -> Iterator[None]:
    """Keep the address in the data folder meanwhile, where commands that print links find it."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    note = settings.data_dir / ADDRESS_FILE
    note.write_text(address, encoding="ascii")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _programs(reach: CommandReach, web: Program) -> list[Program]:
    worker = Program("worker", command("worker"), is_alive=Pulses(reach.database_url))
    if reach.redis_url is None:
        return [web, worker]
    return [web, worker, Program("beat", command("beat"))]


def _environment(reach: CommandReach, address: str, *, is_demo: bool) -> dict[str, str]:
    """Return what the processes are told: the address people open; in a demo, no mail server.

    The data folder in full too: they work in it, and a relative name would mean another folder there. In a
    demo mails leave at once, so that `/mailbox` shows what a decision led to, unless somebody said otherwise.
    """
    given = {"base_url": address, "data_dir": str(reach.settings.data_dir)}
    if is_demo:
        given["smtp_url"] = ""
        if "undo_seconds" not in reach.settings.model_fields_set:
            given["undo_seconds"] = "0"
    return child_environment(**given)


def _welcome(reach: CommandReach, address: str, people: Sequence[SignIn] | None) -> None:
    for line in _greeting(reach, address, people):
        say(line, err=False)


def _greeting(reach: CommandReach, address: str, people: Sequence[SignIn] | None) -> Iterator[str]:
    yield ""
    yield f"Commendo is up: {address}"
    if reach.redis_url is None:
        yield "There is no Redis, so Celery is off; the worker looks for due work by itself."
        if reach.services is not None and reach.services.redis_remedy:
            yield reach.services.redis_remedy
    if people is not None:
        yield ""
        yield "This is a demo with invented people; its mails go nowhere but to /mailbox. Sign in as:"
        width = max(len(person.email) for person in people)
        for person in people:
            yield f"  {person.part:<18} {person.email:<{width}}  {person.password}"
        yield "The passwords are new at every `commendo up`."
    elif not _has_accounts(reach):
        yield "Nobody can sign in yet: commendo account add EMAIL --name NAME --grant admin@all"
    yield ""
    yield "Ctrl-C stops everything and keeps the data."


def _has_accounts(reach: CommandReach) -> bool:
    sessions = reach.sessions()
    try:
        with sessions() as session:
            return bool(session.scalar(select(exists().select_from(Account))))
    except OperationalError:
        # It answered a moment ago and will again; what is up must not end for a line of the greeting.
        return True
    finally:
        sessions.kw["bind"].dispose()
