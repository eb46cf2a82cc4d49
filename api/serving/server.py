"""The web server: gunicorn keeps our processes, and in each waitress' loop keeps the connections.

Two workers with threads. The application, and with it the database engine, is made in each worker after the
fork: an engine from before it would hang the children. No file, environment or path is asked.
"""

import logging
import os
import resource
from collections.abc import Callable, Mapping
from typing import Any, Final
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from api.serving.connections import ConnectionLimits, ConnectionServer, adjustments
from api.serving.warmth import settling
from workflow.clock import monotonic
from workflow.forking import keep_shared

BODY_SECONDS = 15.0
"""How long a request's whole body may take to arrive; then the request is answered as one cut short."""

SLOWEST: Final = 128 * 1024
"""A paper is large and a line may be slow: this many bytes that went are worth one second more."""

_HEAD_SECONDS: Final = 10.0
_IDLE_SECONDS: Final = 30.0
# A proxy keeps what it has opened for 60 to 120 s. If we ended it first, a form that it hands on just then
# would be lost, and no proxy asks twice for a POST: whoever sent it would read 502.
_SILENT_SECONDS_OF_PROXIES: Final = 150.0
_ANSWER_SECONDS: Final = 120.0
_HEAD_BYTES: Final = 32 * 1024
_BODIES_BYTES: Final = 4 * 1024**3
_CONNECTIONS: Final = 1000
_CONNECTIONS_OF_ONE: Final = 256
_WORKERS: Final = 2
_THREADS: Final = 4
# Ctrl-C has ten seconds for everything; a request that takes longer than this is cut off.
_GRACE_SECONDS: Final = 4
_MEMORY_FOLDER: Final = "/dev/shm"  # noqa: S108 - the heartbeat of workers must not wait for a disk
# A connection has a socket, and its request and its answer may each lie in a file.
_FILES_EACH: Final = 3
_OTHER_FILES: Final = 128
FEWEST_FILES: Final = 256
"""With fewer that may be open each process would serve a few connections at once, or none."""


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn with our settings; `build` makes the application, once in each worker.

    `body_bytes` is the largest body that any address takes, `form_bytes` the largest form with a file. Behind
    `proxies` all connections are theirs, and none of them is counted against its address.
    """

    def __init__(
        self,
        build: Callable[[], WSGIApplication],
        *,
        bind: str,
        port: int,
        body_bytes: int,
        form_bytes: int,
        proxies: int = 0,
    ) -> None:
        self._build = build
        self._address = f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"
        self._body_bytes, self._form_bytes, self._proxies = body_bytes, form_bytes, proxies
        super().__init__(prog="commendo web")

    def load_config(self) -> None:
        """Give gunicorn its settings; nothing is read from files or the environment."""
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Make the application, in the worker that serves it."""
        return self._build()

    def limits(self) -> ConnectionLimits:
        """Return what a worker gives to strangers; asked in the worker."""
        connections = min(_CONNECTIONS, (most_files() - _OTHER_FILES) // _FILES_EACH)
        return ConnectionLimits(
            head_seconds=_HEAD_SECONDS,
            body_seconds=BODY_SECONDS,
            answer_seconds=_ANSWER_SECONDS,
            silent_seconds=_SILENT_SECONDS_OF_PROXIES if self._proxies else _IDLE_SECONDS,
            idle_seconds=_IDLE_SECONDS,
            slowest=SLOWEST,
            head_bytes=_HEAD_BYTES,
            body_bytes=self._body_bytes,
            form_bytes=self._form_bytes,
            bodies_bytes=max(_BODIES_BYTES, self._form_bytes),
            connections=connections,
            connections_of_one=connections if self._proxies else min(_CONNECTIONS_OF_ONE, connections),
        )

    def _options(self) -> Mapping[str, object]:
        options: dict[str, object] = {
            "bind": self._address,
            "workers": _WORKERS,
            "worker_class": LoopWorker,
            "graceful_timeout": _GRACE_SECONDS,
            "timeout": 60,
            "loglevel": "warning",
            "when_ready": lambda _arbiter: keep_shared(),
            # It would lie in the home folder, under a name that two installations share.
            "control_socket_disable": True,
        }
        if os.access(_MEMORY_FOLDER, os.W_OK):
            options["worker_tmp_dir"] = _MEMORY_FOLDER
        return options


class LoopWorker(Worker):  # type: ignore[misc]  # gunicorn ships no types
    """One process: a loop with all its connections, and a few threads with the application."""

    def run(self) -> None:
        """Serve until the signal comes or the parent is gone; then finish what is in hand."""
        # A request that waits for a thread is no news, and a path may name a person.
        logging.getLogger("waitress").setLevel(logging.ERROR)
        connections: dict[int, Any] = {}
        server = self._serve(connections)
        while self.alive and os.getppid() == self.ppid:
            self._turn(connections)
        self._finish(server, connections)
        wasyncore.close_all(connections, ignore_all=True)

    def _finish(self, server: ConnectionServer, connections: dict[int, Any]) -> None:
        """Answer whoever has knocked or asked before the stop, within the seconds that there are."""
        until = monotonic() + _GRACE_SECONDS - 1
        while server.is_knocked_at and monotonic() < until:
            self._turn(connections, seconds=0)
        server.stop_listening()
        while server.is_busy and monotonic() < until:
            self._turn(connections, seconds=0.1)

    def _serve(self, connections: dict[int, Any]) -> ConnectionServer:
        listener = self.sockets[0].sock
        threads = ThreadedTaskDispatcher()
        threads.set_thread_count(_THREADS)
        return ConnectionServer(
            settling(self.wsgi),
            map=connections,
            _sock=listener,
            dispatcher=threads,
            adj=adjustments(self.app.limits(), threads=_THREADS),
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def _turn(self, connections: dict[int, Any], *, seconds: float = 1.0) -> None:
        self.notify()
        wasyncore.poll2(seconds, connections)


def most_files() -> int:
    """Return how many files this process may have open, raised as far as it is ours to raise."""
    wanted = _CONNECTIONS * _FILES_EACH + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft
