"""The parent of the worker's lanes, run as the process it is, over small lanes of its own."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from structlog.testing import capture_logs

from tasks.lanes import Pipe, Signs
from tasks.run import sweep
from tasks.work import sweep_on
from tests.conftest import Database
from tests.support.patience import PATIENCE
from tests.support.servers import CHECKOUT
from workflow.clock import wait_for
from workflow.operations.sweep.sweep import Swept
from workflow.settings import Settings
from workflow.store.database import Sessions

LANES = """
import os, signal, sys
from functools import partial
from pathlib import Path
from tasks import lanes
from tasks.lanes import Lane, Lanes, Pipe

folder, lanes.SILENT_SECONDS = Path(sys.argv[1]), 5.0

def work(name, signs):
    first = folder / f"{name}.first"
    if not first.exists():
        first.touch()
        os.kill(os.getpid(), signal.SIGSTOP)
    while signs.rest(0.5):
        signs.done()
        (folder / f"{name}.works").touch()

sys.exit(Lanes([Lane(name, partial(work, name), Pipe()) for name in ("one", "two", "three")]).run())
"""


def test_lanes_that_hang_at_the_same_time_are_each_replaced_once(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", LANES, str(tmp_path)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    try:
        works = [tmp_path / f"{name}.works" for name in ("one", "two", "three")]
        assert wait_for(
            lambda: worker.poll() is not None or all(each.exists() for each in works), seconds=PATIENCE
        )
        assert worker.poll() is None, "it gave up on lanes that were only about to die"
        worker.terminate()
        said, _ = worker.communicate(timeout=PATIENCE)
    finally:
        worker.kill()
    assert worker.returncode == 0
    assert said.count("lane hangs") == 3


@dataclass
class Beside:
    """How a pass reaches a database."""

    settings: Settings
    sessions: Callable[[], Sessions]
    redis_url: None = None


@dataclass(frozen=True)
class OnePass(Signs):
    """What ends a lane after its first pass."""

    passes: list[float] = field(default_factory=list)

    def rest(self, seconds: float) -> bool:
        self.passes.append(seconds)
        return len(self.passes) == 1


def test_a_folder_of_papers_that_cannot_be_read_keeps_nothing_else_from_being_done(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "attachments").write_text("no folder", encoding="utf-8")
    beside = Beside(Settings(data_dir=tmp_path, secret_key="x" * 32), lambda: database.sessions)
    with capture_logs() as said:
        sweep_on(beside, OnePass(Pipe(), Pipe(), 0, Pipe()), ring=lambda: None)
    # What comes after it in a pass was done: nothing of it is told as failed.
    told = {(line["lane"], line["error"]) for line in said if line["event"] == "pass failed"}
    assert told == {("papers", "NotADirectoryError")}
    assert sweep(beside) == Swept()
