"""`/readyz` and what lies outside: Redis, mail server, disk of papers; red and green, each in its time."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from api.probes import Question
from api.wsgi import create_app
from tasks.probes import does_broker_write, does_mail_server_greet
from tests.functional.test_readiness import alive, asked, red
from tests.support.interface import settings_for_tests
from tests.support.mail import mail_server
from tests.support.patience import as_busy
from tests.support.processes import broker
from workflow.clock import monotonic


def probed(database, folder: Path, **probes: Callable[[], bool]) -> Any:
    alive(database)
    return create_app(settings_for_tests(folder), sessions=database.sessions, probes=probes)


def aged(app: Any) -> None:
    """Let no answer count for the next question."""
    for question in app.extensions["commendo"].readiness.questions:
        question.fresh_seconds = 0.0


def test_redis_that_dies_freezes_or_is_full_is_red_and_green_again(database, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="cm-") as short, broker(Path(short)) as redis:
        app = probed(database, tmp_path, broker=lambda: does_broker_write(redis.url))
        aged(app)
        assert red(app) == set()
        redis.signal(signal.SIGSTOP)
        began = monotonic()
        assert red(app) == {"broker"}
        assert monotonic() - began < as_busy(5)
        redis.signal(signal.SIGCONT)
        app.extensions["commendo"].readiness.questions[0].answer()
        assert red(app) == set()
        redis.client.config_set("maxmemory", 1)
        assert redis.client.ping()
        assert red(app) == {"broker"}, "a full Redis answers pings"
        redis.client.config_set("maxmemory", 0)
        assert red(app) == set()
        redis.kill()
        status, checks = asked(app)
        assert (status, checks["broker"]["is_ok"]) == (503, False)
        assert checks["broker"]["since"] is not None
        redis.start()
        assert red(app) == set()


def test_a_mail_server_that_refuses_or_is_silent_is_red_and_green_again(database, tmp_path: Path) -> None:
    with mail_server() as server:
        app = probed(database, tmp_path, mail_server=lambda: does_mail_server_greet(server.url))
        aged(app)
        assert red(app) == set()
        server.stop()
        status, checks = asked(app)
        assert (status, checks["mail_server"]["is_ok"]) == (503, False)
        assert checks["mail_server"]["since"] is not None
        assert str(server.port) not in str(checks)
        server.start()
        assert red(app) == set()
        assert server.inbox.mails == []
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"smtp://somebody:secret@127.0.0.1:{mute.getsockname()[1]}"
        app = probed(database, tmp_path, mail_server=lambda: does_mail_server_greet(url))
        began = monotonic()
        answer = app.test_client().get("/readyz")
        assert monotonic() - began < as_busy(9)
        assert "mail_server" in answer.json["detail"]
        for secret in ("somebody", "secret", "127.0.0.1", str(tmp_path)):
            assert secret not in answer.text


def test_an_answer_of_the_mail_server_counts_for_a_while_so_nobody_makes_us_knock(
    database, tmp_path: Path
) -> None:
    knocks: list[None] = []

    def knock() -> bool:
        knocks.append(None)
        return True

    app = probed(database, tmp_path, mail_server=knock)
    for _ in range(5):
        assert red(app) == set()
    assert len(knocks) == 1


def test_what_hangs_is_red_in_its_own_time_and_asked_once_only() -> None:
    begun: list[None] = []
    let_go = Event()

    def hang() -> None:
        begun.append(None)
        let_go.wait()

    question = Question("papers", "Unhang it.", hang, limit_seconds=0.2)
    for _ in range(3):
        question.begin()
        assert question.answer() == "it did not answer within 0.2 s"
    assert len(begun) == 1
    question.limit_seconds = 300
    let_go.set()
    assert question.answer() is None


@contextmanager
def tiny_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system of 40 MB, as root may."""
    folder.mkdir()
    done = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("may not mount a file system here")
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", "-l", str(folder)], check=True)


def test_a_disk_of_papers_that_fills_is_red_and_green_again(database, tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "data") as folder:
        app = probed(database, folder)
        assert red(app) == set()
        filler = folder / "filler"
        filler.write_bytes(bytes(25 * 1024 * 1024))
        assert red(app) == {"papers"}, "one of the largest papers does not fit any more"
        assert "no room" in asked(app)[1]["papers"]["detail"]
        filler.write_bytes(bytes(39 * 1024 * 1024))
        assert red(app) == {"papers"}
        assert str(folder) not in app.test_client().get("/readyz").text
        filler.unlink()
        assert red(app) == set()
        assert list((folder / "attachments" / "pending").iterdir()) == [], "what was written to ask is gone"


def test_a_folder_of_papers_that_cannot_be_made_is_red(database, tmp_path: Path) -> None:
    (tmp_path / "attachments").write_text("a file where the folder should be")
    assert red(probed(database, tmp_path)) == {"papers"}
