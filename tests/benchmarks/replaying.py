"""Row 15: decisions a second of a replayed log beside raw decisions, one after the other in turn."""

from pathlib import Path
from statistics import median
from time import process_time

from tests.benchmarks.decisions import raw
from tests.benchmarks.raw_decision import RawDecisions
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, ROUTE, TIMEZONE, Scene, add_drafts, leaps
from tests.support.declaration_log import generate
from workflow import clock
from workflow.replay.drive import replay_log
from workflow.replay.log import read_log
from workflow.replay.mapping import read_mapping
from workflow.store.database import make_engine, make_sessions

_MAPPING = Path(__file__).parents[2] / "workflow" / "replays" / "domestic_declarations.yaml"


def replay_rows(scene: Scene, folder: Path, *, cases: int, turns: int, raw_count: int) -> list[Row]:
    """Replay a generated log of that many cases `turns` times, each beside raw decisions."""
    path = folder / "log.csv"
    path.write_text(generate(cases).text, encoding="utf-8")
    events, mapping = read_log(path), read_mapping(_MAPPING)
    engine = make_engine(scene.untouched_url)
    sessions = make_sessions(engine, timezone=TIMEZONE, sends_mail=False)
    ours_per_s, ours_cpu, raw_per_s, raw_cpu = [], [], [], []
    for _ in range(turns):
        spent = process_time()
        report = replay_log(sessions, events, mapping)
        ours_cpu.append((process_time() - spent) / report.decisions)
        ours_per_s.append(report.decisions_per_second)
        per_s, cpu = _raw_decisions(scene, raw_count)
        raw_per_s.append(per_s)
        raw_cpu.append(cpu)
    engine.dispose()
    return [
        Row(
            15,
            f"replay of a log, {len(events):,} events",
            f"{median(ours_per_s):.0f} decisions/s",
            f"{median(raw_per_s):.0f}/s raw",
            median(ours_per_s) / median(raw_per_s),
            " of raw",
            0.3,
            0.5,
        ),
        Row(
            15,
            "  client CPU a decision",
            f"{median(ours_cpu) * 1e3:.2f} ms",
            f"{median(raw_cpu) * 1e3:.2f} ms raw",
            median(ours_cpu) / median(raw_cpu),
            "x raw",
            None,
            None,
            less_is_better=True,
        ),
    ]


def _raw_decisions(scene: Scene, nominations: int) -> tuple[float, float]:
    """Return the raw decisions a second and the client's seconds of CPU for each."""
    drafts, route = add_drafts(scene, nominations), leaps(scene)
    with scene.psycopg() as connection:
        machine = RawDecisions(connection, today=NOW.date())
        began, spent = clock.monotonic(), process_time()
        for nomination_id in drafts:
            for decision in raw(scene, machine, route, nomination_id):
                decision()
        count = len(ROUTE) * nominations
        return count / (clock.monotonic() - began), (process_time() - spent) / count
