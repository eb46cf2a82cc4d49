"""The web server: gunicorn inside our own process, so that nothing has to be found on a path.

Two workers with threads. The application, and with it the database engine, is made in each worker after the
fork: an engine from before it would hang the children.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication

from workflow.clock import monotonic

BODY_SECONDS = 15.0
"""How long a request's whole body may take to arrive; then the request is answered as one cut short."""

SLOWEST: Final = 128 * 1024
"""A paper is large and a line may be slow: this many bytes that arrived are worth one second more."""

_WORKERS: Final = 2
_THREADS: Final = 4
# Ctrl-C has ten seconds for everything; a request that takes longer than this is cut off.
_GRACE_SECONDS: Final = 4
_MEMORY_FOLDER: Final = "/dev/shm"  # noqa: S108 - the heartbeat of workers must not wait for a disk


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn with our settings; `build` makes the application, once in each worker."""

    def __init__(self, build: Callable[[], WSGIApplication], *, bind: str, port: int) -> None:
        self._build = build
        self._address = f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"
        super().__init__(prog="commendo web")

    def load_config(self) -> None:
        """Give gunicorn its settings; nothing is read from files or the environment."""
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Make the application, in the worker that serves it."""
        return self._build()

    def _options(self) -> Mapping[str, object]:
        options: dict[str, object] = {
            "bind": self._address,
            "workers": _WORKERS,
            "worker_class": "gthread",
            "threads": _THREADS,
            "graceful_timeout": _GRACE_SECONDS,
            "timeout": 60,
            "keepalive": 5,
            "pre_request": _limit_body,
            "post_request": _lift_limit,
            "loglevel": "warning",
            # It would lie in the home folder, under a name that two installations share.
            "control_socket_disable": True,
        }
        if os.access(_MEMORY_FOLDER, os.W_OK):
            options["worker_tmp_dir"] = _MEMORY_FOLDER
        return options


def _limit_body(_worker: object, request: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Give a body BODY_SECONDS and what its bytes are worth: no stop and no trickle may hold a thread."""
    unreader, deadline = request.unreader, monotonic() + BODY_SECONDS
    receive, count = unreader.chunk, 0

    def chunk(size_hint: int | None = None) -> bytes:
        nonlocal count
        unreader.sock.settimeout(max(deadline + count / SLOWEST - monotonic(), 0.001))
        try:
            received: bytes = receive(size_hint)
        finally:
            unreader.sock.settimeout(None)
        count += len(received)
        return received

    unreader.chunk = chunk


def _lift_limit(_worker: object, request: Any, *_more: object) -> None:  # noqa: ANN401 - as above
    """Take the limit off again: the connection may bring another request, with a limit of its own."""
    vars(request.unreader).pop("chunk", None)
