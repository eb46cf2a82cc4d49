"""The web that `up` begins early: it loads, waits, and does nothing until it is told what for."""

import subprocess
import urllib.request
from pathlib import Path

import psutil

from api.serving.processes import begun
from tests.conftest import Database
from tests.support.patience import PATIENCE
from tests.support.running import CHECKOUT, COMMAND, environment, free_port
from workflow.clock import wait_for
from workflow.settings import child_environment


def signs_in(port: int) -> bool:
    """Whether the page behind the first one is served."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as answer:
            return (answer.status, str(answer.url).endswith("/sign-in")) == (200, True)
    except OSError:
        return False


def test_a_web_that_is_told_serves_in_the_environment_it_was_told_of(
    database: Database, tmp_path: Path
) -> None:
    port = free_port()
    with begun("web", "--port", str(port)) as web:
        web.tell(child_environment(env="development", database_url=database.url, data_dir=str(tmp_path)))
        assert wait_for(lambda: signs_in(port), seconds=PATIENCE)
        assert Path(psutil.Process(web.process.pid).cwd()) == tmp_path
        web.process.terminate()
        assert web.process.wait(PATIENCE) == 0


def test_a_web_whose_beginner_has_gone_ends_and_leaves_no_trace(tmp_path: Path) -> None:
    folder = tmp_path / "untouched"
    done = subprocess.run(
        [*COMMAND, "web", "--port", str(free_port()), "--when-told"],
        cwd=CHECKOUT,
        env=environment(folder),
        input="",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not folder.exists()


def test_a_web_that_died_before_it_was_told_is_no_error_of_whoever_tells(tmp_path: Path) -> None:
    with begun("web", "--port", str(free_port())) as web:
        web.process.kill()
        web.process.wait()
        web.tell(child_environment(data_dir=str(tmp_path)))
    assert not list(tmp_path.iterdir())
