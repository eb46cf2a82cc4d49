"""`commendo up` as a newcomer meets it: everything from nothing, a demo to sign in to, and an end in time."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE, as_busy
from tests.support.running import CHECKOUT, COMMAND, Running, cleared, environment, running
from workflow.clock import monotonic
from workflow.simulate.demo.script import sign_ins

STOP_SECONDS = 10.0


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start everything in an empty folder, which gets the demo."""
    with cleared(tmp_path_factory.mktemp("up")) as folder, running(folder) as started:
        yield started


def refused(folder: Path, *words: str) -> str:
    """Return the one line with which `up` refuses."""
    done = subprocess.run(
        [*COMMAND, "up", *words],
        cwd=CHECKOUT,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.strip().splitlines()[-1]


def test_it_prints_the_address_and_a_sign_in_for_every_part(up: Running) -> None:
    assert f"Commendo is up: http://127.0.0.1:{up.port}\n" in up.said
    for part, email in sign_ins().items():
        assert re.search(rf"{part} +{email} +(\w{{5}}-){{2}}\w{{5}}\n", up.said)


def test_those_who_decide_find_work_and_history_is_whole(up: Running) -> None:
    for part in ("unit head", "unit deputy", "appraiser", "council secretary", "head"):
        assert up.ask("/api/v1/inbox", up.token(sign_ins()[part])).body["items"], part
    assert "Every chain is whole." in up.command("audit", "verify")


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine: README's was not tried")
def test_the_commands_of_the_readme_work_as_printed_and_a_second_time(up: Running) -> None:
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    [printed] = [block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "curl" in block]
    here = printed.replace("http://127.0.0.1:8000/", f"http://127.0.0.1:{up.port}/")
    assert here != printed
    decided = set()
    for _ in range(2):
        done = subprocess.run(
            ["sh", "-eu", "-c", here],  # noqa: S607 - whatever shell somebody pastes it into
            cwd=CHECKOUT,
            env=environment(up.folder),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        listed, answered = (json.loads(text) for text in _documents(done.stdout))
        name = next(item for item in listed["items"] if item["nomination_id"])
        assert (answered["id"], answered["version"]) == (name["nomination_id"], name["version"] + 1)
        assert answered["state"] != name["state"]
        decided.add(answered["id"])
    assert len(decided) == 2


def _documents(text: str) -> list[str]:
    """Return the JSON documents that follow each other in a text."""
    found, reader = [], json.JSONDecoder()
    while text := text.strip():
        end = reader.raw_decode(text)[1]
        found.append(text[:end])
        text = text[end:]
    return found


def test_a_second_up_on_the_same_folder_is_refused(up: Running) -> None:
    assert "already up" in refused(up.folder, "--port", str(up.port + 1))


def test_a_taken_port_is_named_before_anything_is_started(up: Running, tmp_path: Path) -> None:
    folder = tmp_path / "untouched"
    assert refused(folder, "--port", str(up.port)).startswith(f"Port {up.port} is taken")
    assert not folder.exists()


def test_it_stops_in_time_keeps_the_demo_and_refuses_to_call_it_live(up: Running) -> None:
    address = up.folder / "address"
    assert address.read_text(encoding="ascii") == f"http://127.0.0.1:{up.port}"
    started = monotonic()
    assert up.stop() == 0
    assert not address.exists()
    assert monotonic() - started < as_busy(STOP_SECONDS)
    line = refused(up.folder, "--no-demo", "--port", str(up.port))
    assert line.endswith(f"COMMENDO_DATA_DIR={up.folder}-no-demo commendo up --no-demo")
    with running(up.folder) as again:
        assert again.said != up.said, "the passwords are new"
        assert re.search(r"(39\d|40\d|41\d) nominations", again.command("round", "status"))


@pytest.mark.deep
def test_live_data_are_no_place_for_a_demo(tmp_path: Path) -> None:
    with cleared(tmp_path / "live") as live:
        with running(live, "--no-demo") as up:
            assert "Nobody can sign in yet" in up.said
            up.command("account", "add", "a@example.vn", "--name", "An", "--grant", "admin@all")
            assert up.stop() == 0
        line = refused(live, "--demo", "--port", str(up.port))
        assert line.endswith(f"COMMENDO_DATA_DIR={live}-demo commendo up --demo")
