"""The parent of the worker's lanes, run as the process it is, over small lanes of its own."""

import subprocess
import sys
from pathlib import Path

from tests.support.patience import PATIENCE
from tests.support.servers import CHECKOUT
from workflow.clock import wait_for

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
