"""Row 14: `commendo up` on an empty folder to its first page, beside PostgreSQL's own initdb and start."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from api.serving import processes
from tests.benchmarks.rows import Row
from workflow.clock import wait_for
from workflow.servers.accounts import SystemAccount
from workflow.servers.places import base_folder, settle
from workflow.servers.postgres import Postgres

_SECONDS = 120.0
_ROOT = Path(__file__).parents[2]


def start_rows(*, turns: int) -> list[Row]:
    """Start both `turns` times, one after the other in turn."""
    ours, limit = [], []
    for _ in range(turns):
        with tempfile.TemporaryDirectory(prefix="commendo-bench-") as folder:
            limit.append(_postgres_alone(Path(folder)))
        with tempfile.TemporaryDirectory(prefix="commendo-bench-") as folder:
            ours.append(_up(Path(folder)))
    return [
        Row(
            14,
            "up --no-demo to the first page",
            f"{median(ours):.2f} s",
            f"{median(limit):.2f} s initdb + start",
            median(ours) / median(limit),
            "x",
            5.0,
            3.0,
            less_is_better=True,
        )
    ]


def _postgres_alone(folder: Path) -> float:
    """Return the seconds of initdb and pg_ctl with the wheel's programs and nothing of ours around them."""
    places = settle(base_folder(folder), throwaway=True)
    account, cluster = places.account, places.cluster
    programs = Postgres(places, durable=True)._programs().folder
    cluster.mkdir(mode=0o700)
    account.own(cluster)
    options = f"-c listen_addresses= -k {places.sockets}"
    try:
        began = perf_counter()
        _run(account, places.home, programs / "initdb", "-D", cluster, "--locale=C.UTF-8")
        _run(
            account,
            places.home,
            programs / "pg_ctl",
            "start",
            "-w",
            "-D",
            cluster,
            "-l",
            places.logs / "log",
            "-o",
            options,
        )
        seconds = perf_counter() - began
        _run(account, places.home, programs / "pg_ctl", "stop", "-w", "-D", cluster, "-m", "immediate")
    finally:
        places.discard()
    return seconds


def _run(account: SystemAccount, folder: Path, *words: str | Path) -> None:
    code, output = account.run(words, folder=folder)
    if code != 0:
        raise RuntimeError(output)


def _up(folder: Path) -> float:
    """Return the seconds from `commendo up` to the first answered page."""
    port = _free_port()
    began = perf_counter()
    with _running(folder, port):
        if not wait_for(lambda: _answers(port), seconds=_SECONDS, every=0.01):
            raise RuntimeError("commendo up answered no page")
        return perf_counter() - began


@contextmanager
def _running(folder: Path, port: int) -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMMENDO_")}
    process = subprocess.Popen(
        [*processes.command("up", "--no-demo", "--port", str(port))],
        cwd=_ROOT,
        env=kept | {"COMMENDO_DATA_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=_SECONDS)
        # As root the database lies outside the data folder, which holds a pointer to it.
        places = settle(base_folder(folder), throwaway=True)
        shutil.rmtree(places.home, ignore_errors=True)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    """Return whether the first page, where it leads if it leads on, is answered."""
    path = "/"
    try:
        for _ in range(3):
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", path)
                response = connection.getresponse()
                response.read()
            path = response.headers.get("Location", "")
            if not path:
                return response.status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    return False
