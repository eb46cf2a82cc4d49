"""`commendo replay`: a historical event log, driven through the real operations on its own clock."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import click

from api.commands.bar import bar
from api.commands.desk import at_desk
from api.commands.output import as_json, progress, tell
from workflow import replay as package
from workflow.clock import FixedClock
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.waiting.waits import transition_waits
from workflow.replay.drive import ReplayReport, replay_log
from workflow.replay.log import read_log
from workflow.replay.mapping import read_mapping
from workflow.store.database import Sessions

SHIPPED = Path(package.__file__).parents[1] / "replays"
_CASES_SHOWN = 20


@click.command(
    help="Drive an event log (CSV, or CSV.GZ) through the real operations; exit 0 when it was read."
)
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    required=True,
    type=click.Path(path_type=Path),
    help="What its activities mean: a file, or the name of one that ships in workflow/replays.",
)
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write it as JSON."
)
@click.option("--sweep", is_flag=True, help="Fire reminders too, at 08:00 of each day of the log.")
@as_json
def replay(*, log: Path, mapping: Path, report: Path | None, sweep: bool, as_json: bool) -> None:
    """Replay a log into an empty database, or one that is a replay's already."""
    with at_desk() as desk:
        # The replay has sessions of its own; this one must not stay open in a transaction for a minute.
        desk.session.rollback()
        progress(f"Reading {log.name} ...")
        events, meanings = read_log(log), read_mapping(_found(mapping))
        sessions = desk.reach.sessions(sends_mail=False)
        with bar("Replaying") as advance:
            done = replay_log(
                sessions,
                events,
                meanings,
                log_name=log.name,
                progress=advance,
                sweep=_firing(sessions) if sweep else None,
            )
        with sessions() as session:
            waits = [wait.as_dict() for wait in transition_waits(session)]
        sessions.kw["bind"].dispose()
        result = done.as_dict() | {"transitions": waits}
    if report is not None:
        report.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    tell(result, lambda: _described(done), json_wanted=as_json)


def _found(mapping: Path) -> Path:
    shipped = SHIPPED / mapping.name
    return shipped if not mapping.exists() and shipped.exists() else mapping


def _firing(sessions: Sessions) -> Callable[[datetime], object]:
    return lambda at: fire_due(sessions, clock=FixedClock(at))


def _described(done: ReplayReport) -> Iterator[str]:
    yield f"{done.cases} cases: {done.conforming} conform ({done.open} of them still open)."
    yield (
        f"{done.events_driven} events driven, {done.events_ignored} ignored, "
        f"{done.events_dropped} after a refused one; {done.decisions_per_second} decisions a second."
    )
    for illegal in done.illegal[:_CASES_SHOWN]:
        yield f"line {illegal.event}: {illegal.case}: {illegal.activity}: {illegal.reason}"
    if len(done.illegal) > _CASES_SHOWN:
        yield f"... and {len(done.illegal) - _CASES_SHOWN} more; --report FILE lists them all."
