"""`make bench-peers`: peers beside us in one run, each writing the same facts into the same tables.

One nomination each way in turn, through four decisions on one connection; at the end every row is compared
and every hash computed again. Bare forms keep a state and one row of a log instead, and are named so.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.decisions import WARM_UP, Lap
from tests.benchmarks.peers.contenders import Contender, contenders
from tests.benchmarks.peers.same_rows import differences
from tests.benchmarks.report import ROOT, keep, say
from tests.benchmarks.rows import Row, table
from tests.benchmarks.scene import Scene, add_drafts, scene, server

_NOTE = """\
Medians over nominations, one each way in turn. The wall swings with the machine; client CPU does not.
Bare forms keep a state and one row of a log, and none of the facts."""


def main(words: Sequence[str]) -> int:
    """Run all and return the exit code: 1 where somebody wrote something else."""
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__)
    parser.add_argument("--size", type=int, default=200, help="nominations each way")
    parser.add_argument("--into", type=Path, default=ROOT / ".bench", help="the folder for the JSON")
    wanted = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="commendo-peers-") as folder:
        say("Starting a private PostgreSQL that flushes every commit ...")
        with server(Path(folder)) as services, scene(services) as furnished:
            with contenders(furnished, services) as everybody:
                say(f"Carrying {wanted.size} nominations through four decisions, {len(everybody)} ways ...")
                ids = race(furnished, everybody, wanted.size)
            problems = _compare(furnished, everybody, ids)
    rows = [row for each in everybody for row in rows_of(each, everybody)]
    print("\n".join(["", table(rows, beside="theirs"), ""]))  # noqa: T201 - the table is what is asked for
    print(_NOTE)  # noqa: T201 - as above
    print("\n".join(problems or ["Rows and hashes of all whole forms are equal."]))  # noqa: T201 - as above
    keep(wanted.into, rows, name="peers")
    return 1 if problems else 0


def race(furnished: Scene, everybody: Sequence[Contender], count: int) -> dict[str, list[int]]:
    """Carry `count` nominations through the route each way, one of each in turn; return whose are which."""
    warm_up = min(WARM_UP, count)
    drafts = iter(add_drafts(furnished, len(everybody) * (count + warm_up)))
    ids: dict[str, list[int]] = {each.name: [] for each in everybody}
    for number in range(count + warm_up):
        for each in everybody:
            if number == warm_up:
                each.lap = Lap()
            nomination_id = next(drafts)
            ids[each.name].append(nomination_id)
            each.lap.time(each.start(nomination_id))
    return ids


def rows_of(each: Contender, everybody: Sequence[Contender]) -> list[Row]:
    """Return a contender's lines: ours beside it by the wall and in client CPU."""
    ours = everybody[0]
    if each is ours:
        return []
    wall, their_wall = 1 / ours.lap.route(), 1 / each.lap.route()
    cpu, their_cpu = ours.lap.route_cpu(), each.lap.route_cpu()
    raw = everybody[1].lap.route()
    return [
        Row(
            2,
            f"beside {each.name}",
            f"{wall:.0f}/s",
            f"{their_wall:.0f}/s ({raw / each.lap.route():.2f} of raw)",
            wall / their_wall,
            "x",
            None if each.is_bare or each.goal is None else 1.0,
            None if each.is_bare else each.goal,
        ),
        Row(
            2,
            "  its client CPU",
            f"{cpu * 1e3:.2f} ms",
            f"{their_cpu * 1e3:.2f} ms",
            cpu / their_cpu,
            "x",
            None,
            None,
            less_is_better=True,
        ),
    ]


def _compare(furnished: Scene, everybody: Sequence[Contender], ids: dict[str, list[int]]) -> list[str]:
    problems = []
    with furnished.psycopg() as connection:
        [first, *_] = ids[everybody[0].name]
        for each in everybody:
            if not each.is_bare:
                found = differences(connection, first, ids[each.name])
                problems += [f"{each.name} differs: {words}" for words in found[:5]]
    return problems


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
