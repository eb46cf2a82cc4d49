"""The supervisor of `up`, run as the process it is, over small programs of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from tests.support.patience import PATIENCE, as_busy
from tests.support.servers import CHECKOUT, is_alive
from tests.support.supervised import supervised
from workflow.clock import monotonic, wait_for

STEADY = "import os, signal, pathlib; pathlib.Path('{name}.pid').write_text(str(os.getpid())); signal.pause()"


def test_programs_run_in_the_data_folder_with_the_settings_and_report_ready(tmp_path: Path) -> None:
    tells = (
        "import os, pathlib, signal;"
        "pathlib.Path('told').write_text(os.environ['COMMENDO_DATA_DIR'] + ' ' + os.getcwd());"
        "pathlib.Path('{name}.ready').touch(); signal.pause()"
    )
    with supervised(tmp_path, web=tells, worker=STEADY) as it:
        it.hear("ready")
        assert (tmp_path / "told").read_text(encoding="utf-8") == f"{tmp_path} {tmp_path}"


def test_a_program_that_was_begun_is_told_once_and_its_next_process_begins_by_itself(tmp_path: Path) -> None:
    waits = (
        "import json, os, pathlib, signal, sys;"
        "line = sys.stdin.readline();"
        "told = json.loads(line)['COMMENDO_DATA_DIR'] if line else 'nothing';"
        "pathlib.Path(os.environ.get('COMMENDO_DATA_DIR', told), '{name}.pid').write_text(str(os.getpid()));"
        "pathlib.Path(os.environ.get('COMMENDO_DATA_DIR', told), '{name}.told').write_text(told);"
        "signal.pause()"
    )
    with supervised(tmp_path, web=waits) as it:
        told = tmp_path / "web.told"

        def is_told() -> bool:
            return told.exists() and told.stat().st_size > 0

        assert wait_for(is_told, seconds=PATIENCE)
        web = it.child("web")
        assert told.read_text(encoding="utf-8") == str(tmp_path)
        told.unlink()
        web.kill()
        it.hear("web was ended by SIGKILL; starting it again in 0.2 s.")
        assert wait_for(is_told, seconds=PATIENCE)
        assert told.read_text(encoding="utf-8") == "nothing"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_program_and_answers_zero(tmp_path: Path, number: signal.Signals) -> None:
    with supervised(tmp_path, web=STEADY, worker=STEADY) as it:
        children = [it.child("web"), it.child("worker")]
        it.process.send_signal(number)
        assert it.process.wait(PATIENCE) == 0
        assert not any(map(is_alive, children))


def test_a_program_that_does_not_end_is_ended_within_ten_seconds_with_its_own_children(
    tmp_path: Path,
) -> None:
    stubborn = (
        "import os, pathlib, signal;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "made = os.fork();"
        "pathlib.Path('inner.pid').write_text(str(made)) if made else None;"
        "pathlib.Path('{name}.pid').write_text(str(os.getpid())) if made else None;"
        "[signal.pause() for _ in iter(int, 1)]"
    )
    with supervised(tmp_path, worker=stubborn) as it:
        children = [it.child("worker"), it.child("inner")]
        it.hear("ready")
        began = monotonic()
        it.process.terminate()
        assert it.process.wait(PATIENCE) == 0
        assert monotonic() - began < as_busy(10)
        assert not any(map(is_alive, children))


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    deaf = (
        "import os, pathlib, signal;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path('{name}.pid').write_text(str(os.getpid()));"
        "[signal.pause() for _ in iter(int, 1)]"
    )
    with supervised(tmp_path, grace=10 * PATIENCE, worker=deaf) as it:
        it.child("worker")
        it.hear("ready")
        it.process.send_signal(signal.SIGINT)
        assert not wait_for(lambda: it.process.poll() is not None, seconds=0.5)
        it.process.send_signal(signal.SIGINT)
        assert it.process.wait(PATIENCE) == 0


def test_a_killed_program_is_started_again_and_the_other_is_left_alone(tmp_path: Path) -> None:
    with supervised(tmp_path, web=STEADY, worker=STEADY) as it:
        web, worker = it.child("web"), it.child("worker")
        worker.kill()
        assert it.hear("worker was ended by SIGKILL; starting it again in 0.2 s.")
        assert is_alive(it.child("worker", other_than=worker))
        assert is_alive(web)


def test_a_program_that_hangs_is_killed_and_started_again_and_the_other_is_left_alone(tmp_path: Path) -> None:
    with supervised(tmp_path, web=STEADY, worker=STEADY) as it:
        web, worker = it.child("web"), it.child("worker")
        it.hear("ready")
        for hung, name, other in ((web, "web", worker), (worker, "worker", None)):
            hung.suspend()
            it.hear(f"{name} has given no sign of life for 3 s.")
            it.hear(f"{name} was ended by SIGKILL; starting it again in")
            assert is_alive(it.child(name, other_than=hung))
            assert not is_alive(hung)
            assert other is None or is_alive(other)


def test_a_supervisor_that_was_stopped_itself_does_not_hold_the_time_against_its_programs(
    tmp_path: Path,
) -> None:
    with supervised(tmp_path, web=STEADY) as it:
        web = it.child("web")
        it.hear("ready")
        web.suspend()
        it.process.send_signal(signal.SIGSTOP)
        stopped = Event()
        assert not stopped.wait(5), "longer than a program may be silent"
        web.resume()
        it.process.send_signal(signal.SIGCONT)
        assert not stopped.wait(5), "long enough for it to look"
        assert is_alive(web)


def test_what_a_killed_program_had_started_goes_with_it(tmp_path: Path) -> None:
    forks = (
        "import os, pathlib, signal;"
        "made = os.fork();"
        "pathlib.Path('inner.pid').write_text(str(made)) if made else None;"
        "pathlib.Path('{name}.pid').write_text(str(os.getpid())) if made else None;"
        "signal.pause()"
    )
    with supervised(tmp_path, worker=forks) as it:
        worker, inner = it.child("worker"), it.child("inner")
        worker.kill()
        it.hear("starting it again")
        assert wait_for(lambda: not is_alive(inner), seconds=PATIENCE)


def test_a_program_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path) -> None:
    with supervised(tmp_path, beat="raise SystemExit(3)") as it:
        for pause in ("0.2", "0.4", "0.8"):
            it.hear(f"beat ended with exit code 3; starting it again in {pause} s.")


def test_a_program_that_never_gets_ready_ends_it_with_one(tmp_path: Path) -> None:
    with supervised(tmp_path, web="raise SystemExit('never ready')", worker=STEADY) as it:
        it.hear("web ended with exit code 1 3 times before it was ready; giving up.")
        assert it.process.wait(PATIENCE) == 1
        # The worker lets the web go first, and nobody came to need it.
        assert not (tmp_path / "worker.pid").exists()


def test_a_program_that_hangs_before_it_was_ever_ready_is_started_again_and_at_last_given_up(
    tmp_path: Path,
) -> None:
    (tmp_path / "impatient").touch()
    with supervised(tmp_path, web=f"{STEADY}  # never ready", worker=STEADY) as it:
        for _ in range(2):
            hung = it.child("web")
            it.hear("web was not ready within 2 s.")
            it.hear("web was ended by SIGKILL; starting it again in")
            it.child("web", other_than=hung)
        it.hear("web was ended by SIGKILL 3 times before it was ready; giving up.")
        assert it.process.wait(PATIENCE) == 1


def test_a_program_that_hangs_once_before_it_was_ready_serves_at_the_second_start(tmp_path: Path) -> None:
    recovers = (
        "import pathlib;"
        "again = pathlib.Path('{name}.pid').exists();"
        "pathlib.Path('{name}.ready').touch() if again else None;" + STEADY
    )
    (tmp_path / "impatient").touch()
    with supervised(tmp_path, web=recovers) as it:
        it.hear("web was not ready within 2 s.")
        it.hear("ready")
        assert is_alive(it.child("web"))


def test_a_service_that_died_is_reported_and_one_that_does_not_start_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "service-broken").touch()
    with supervised(tmp_path, web=STEADY) as it:
        it.hear("ready")
        (tmp_path / "service-died").touch()
        it.hear("It does not start. Trying again in 2 s.")
        it.hear("Redis had died; it runs again.")


@pytest.mark.skipif(sys.platform != "linux", reason="only this kernel tells children of their parent's death")
def test_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, web=STEADY, worker=STEADY) as it:
        children = [it.child("web"), it.child("worker")]
        it.process.kill()
        assert wait_for(lambda: not any(map(is_alive, children)), seconds=PATIENCE)


def test_a_program_that_cannot_even_be_started_is_tried_again_and_the_other_is_left_alone(
    tmp_path: Path,
) -> None:
    folder, aside = tmp_path / "data", tmp_path / "aside"
    folder.mkdir()
    with supervised(folder, web=STEADY, worker=STEADY) as it:
        web, worker = it.child("web"), it.child("worker")
        it.hear("ready")
        folder.rename(aside)
        worker.kill()
        assert "No such file or directory" in it.hear("worker could not be started")
        assert is_alive(web)
        aside.rename(folder)
        it.child("worker", other_than=worker)
        assert is_alive(web)


def test_what_is_said_into_a_full_or_closed_log_ends_nobody() -> None:
    words = "from api.commands.output import say; say('Redis had died.'); say('Up', err=False)"
    reading, writing = os.pipe()
    os.close(reading)
    for log in (writing, os.open("/dev/full", os.O_WRONLY)):
        told = subprocess.run(
            [sys.executable, "-c", words], cwd=CHECKOUT, stderr=log, stdout=subprocess.PIPE, check=False
        )
        os.close(log)
        assert (told.returncode, told.stdout) == (0, b"Up\n")
