"""`make bench`: measures, prints each row beside its limit of the same run, and keeps the figures as JSON."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.beside import beside, pairs_table
from tests.benchmarks.boards import board_rows
from tests.benchmarks.bottlenecks import bottleneck_rows
from tests.benchmarks.decisions import decision_rows, race
from tests.benchmarks.letters import letter_rows
from tests.benchmarks.lists import list_rows
from tests.benchmarks.machine import machine_rows
from tests.benchmarks.replaying import replay_rows
from tests.benchmarks.report import ROOT, keep, say
from tests.benchmarks.rows import Row, table
from tests.benchmarks.scene import Scene, scene, server
from tests.benchmarks.sector import sector
from tests.benchmarks.side_by_side import side_by_side_rows
from tests.benchmarks.starting import start_rows
from tests.benchmarks.sweeping import claim_rows, fire_rows
from tests.benchmarks.timers import timer_rows
from tests.benchmarks.undoing import undo_rows
from tests.benchmarks.web.inbox import http_rows, query_rows
from tests.benchmarks.web.load import page_rows
from workflow import embedded

_ROWS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19)
_AT_SIZE = {7, 8, 17}


def main(words: Sequence[str]) -> int:
    """Measure what is asked for and return the exit code; a missed mark is a finding, not a failure."""
    wanted = _parser().parse_args(words)
    if wanted.beside is not None:
        return _beside(wanted.beside, words)
    rows: list[Row] = []
    notes = ["Each ratio is of one run, medians of both sides in turn; noise moves both alike."]
    with tempfile.TemporaryDirectory(prefix="commendo-bench-") as folder:
        if wanted.rows - {14}:
            say("Starting a private PostgreSQL that flushes every commit ...")
            with server(Path(folder)) as services:
                if wanted.rows - {14} - _AT_SIZE:
                    with scene(services) as furnished:
                        rows += _in_the_database(furnished, Path(folder), wanted, notes)
                        if 19 in wanted.rows:
                            say(f"Taking imports of {wanted.undone:,} rows back ...")
                            rows += undo_rows(furnished, count=wanted.undone)
                if wanted.rows & _AT_SIZE:
                    rows += _at_size(services, Path(folder), wanted)
    if 14 in wanted.rows:
        say("Starting Commendo on empty folders ...")
        rows += start_rows(turns=wanted.starts)
    rows.sort(key=lambda row: row.number)
    print("\n".join(["", table(rows), "", *notes]))  # noqa: T201 - the table is what is asked for
    keep(wanted.into, rows)
    return 0


def _beside(there: Path, words: Sequence[str]) -> int:
    at = next(place for place, word in enumerate(words) if word.startswith("--beside"))
    rest = [*words[:at], *words[at + (1 if "=" in words[at] else 2) :]]
    print(pairs_table(beside(ROOT, there.resolve(), rest)))  # noqa: T201 - the table is what is asked for
    return 0


def _in_the_database(
    furnished: Scene, folder: Path, wanted: argparse.Namespace, notes: list[str]
) -> list[Row]:
    rows: list[Row] = []
    if wanted.rows & {1, 2}:
        say(f"Carrying {wanted.size} nominations through four decisions, each way in turn ...")
        laps = race(furnished, wanted.size)
        rows += [row for row in decision_rows(laps) if row.number in wanted.rows]
    if 3 in wanted.rows:
        say("Timing the state machine inside decisions ...")
        rows += machine_rows(furnished, nominations=wanted.size)
    if 4 in wanted.rows:
        say(f"Deciding lists of {wanted.list_size}, each way in turn ...")
        rows += list_rows(furnished, size=wanted.list_size, turns=5)
    if wanted.rows & {5, 6, 12}:
        rows += _swept(furnished, wanted)
    if 11 in wanted.rows:
        say(f"Sending {wanted.letters} letters, each way in turn ...")
        rows += letter_rows(furnished, letters=wanted.letters, turns=5)
    if 13 in wanted.rows:
        say("Deciding with one process and with two, on this disk and on a slow one ...")
        rows += side_by_side_rows(furnished, nominations=max(1, wanted.size // 4), turns=3)
    if 15 in wanted.rows:
        say(f"Replaying a log of {wanted.cases} cases ...")
        rows += replay_rows(
            furnished, folder, cases=wanted.cases, turns=3, raw_count=max(5, wanted.size // 4)
        )
    if 9 in wanted.rows:
        say(f"Measuring where {wanted.stays:,} stays of a year took longest ...")
        rows += bottleneck_rows(furnished, stays=wanted.stays, turns=3)
    if 16 in wanted.rows:
        say(f"Reading the board of {wanted.units} units with {wanted.nominations:,} nominations ...")
        rows += board_rows(furnished, units=wanted.units, nominations=wanted.nominations, turns=9)
    return rows


def _swept(furnished: Scene, wanted: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    if wanted.rows & {5, 6}:
        say(f"Firing due reminders, and looking for {wanted.rungs:,} among {wanted.open_rungs:,} ...")
        # As many as take some seconds: two sweeps of a third of one are over before both have begun.
        rows += fire_rows(furnished, rungs=3 * wanted.rungs, turns=3)
        rows += claim_rows(furnished, rungs=wanted.rungs, most=wanted.open_rungs)
    if 12 in wanted.rows:
        say(f"Sweeping with {wanted.timers:,} timers open ...")
        rows += timer_rows(furnished, rungs=wanted.rungs, most=wanted.timers)
    return rows


def _at_size(services: embedded.Services, folder: Path, wanted: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    now = datetime.now(UTC)
    say(f"Making sectors of {wanted.little:,} and {wanted.much:,} nominations ...")
    with (
        sector(services, database="little", nominations=wanted.little, now=now) as little,
        sector(services, database="much", nominations=wanted.much, now=now) as much,
    ):
        if 7 in wanted.rows:
            rows += query_rows(much.url, turns=wanted.size)
        if 8 in wanted.rows:
            say("Asking for an inbox over HTTP, ours and one of a single statement in turn ...")
            rows += http_rows(much.url, folder / "inbox", turns=wanted.size)
        if 17 in wanted.rows:
            rows += page_rows(much.url, little.url, folder, samples=wanted.samples)
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--rows", type=_numbers, default=set(_ROWS), help="which rows, as in 1,2,15; all by default"
    )
    parser.add_argument("--size", type=int, default=300, help="nominations each way for rows 1 to 3")
    parser.add_argument("--list-size", type=int, default=1000, help="nominations of one request for row 4")
    parser.add_argument(
        "--rungs",
        type=int,
        default=1000,
        help="due reminders for rows 5, 6, 12; 5 fires three times as many",
    )
    parser.add_argument("--open-rungs", type=int, default=5_000_000, help="open ones that they are among")
    parser.add_argument("--timers", type=int, default=1_000_000, help="open ones at once for row 12")
    parser.add_argument("--letters", type=int, default=400, help="letters each way for row 11")
    parser.add_argument("--cases", type=int, default=300, help="cases of the log for row 15")
    parser.add_argument("--little", type=int, default=12_000, help="nominations of the small sector")
    parser.add_argument("--much", type=int, default=1_000_000, help="nominations of rows 7, 8 and 17")
    parser.add_argument("--samples", type=int, default=10, help="requests of each page and role, row 17")
    parser.add_argument("--stays", type=int, default=600_000, help="stays of the year for row 9")
    parser.add_argument("--undone", type=int, default=20_000, help="rows of an import for row 19")
    parser.add_argument("--units", type=int, default=400, help="units of the board for row 16")
    parser.add_argument("--nominations", type=int, default=15_000, help="nominations on it")
    parser.add_argument(
        "--beside",
        type=Path,
        help="another checkout, set up: the same rows of both in turn, and their medians",
    )
    parser.add_argument("--starts", type=int, default=3, help="starts of each kind for row 14")
    parser.add_argument("--into", type=Path, default=ROOT / ".bench", help="the folder for the JSON")
    return parser


def _numbers(text: str) -> set[int]:
    numbers = {int(word) for word in text.split(",")}
    if unknown := numbers - set(_ROWS):
        raise argparse.ArgumentTypeError(f"no row {sorted(unknown)}; there are {_ROWS}")
    return numbers


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
