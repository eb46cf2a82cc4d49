"""Ringing the bell: after a commit, never before it, and never at anybody's expense."""

import os
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Final

import structlog

from tasks.app import hint, make_app
from tasks.names import TaskName

SECONDS: Final = 2.0
_log = structlog.get_logger("commendo.tasks")


def make_wake(redis_url: str | None) -> Callable[[], None]:
    """Return what tells the workers that mails wait. Without Redis it does nothing: the sweep finds them."""
    return _nobody if redis_url is None else Bell(redis_url, TaskName.DELIVER)


class Bell:
    """Rings for a task from a thread of its own, so a caller waits for nothing.

    Publishing to a Redis that is down takes six seconds on the versions pinned, and as many as the socket may
    wait on one that is frozen. Calls while the bell is ringing become one. The thread is made by the first
    call in each process, because none survives a fork.
    """

    def __init__(self, redis_url: str, task: TaskName) -> None:
        self._redis_url = redis_url
        self._task = task
        self._wanted = Event()
        self._lock = Lock()
        self._process: int | None = None

    def __call__(self) -> None:
        """Ask for the bell and return at once; it never raises."""
        self._wanted.set()
        if self._process != os.getpid():
            with self._lock:
                if self._process != os.getpid():
                    self._process = os.getpid()
                    Thread(target=self._ring, name=f"ring {self._task}", daemon=True).start()

    def _ring(self) -> None:
        app = make_app(self._redis_url)
        app.conf.broker_transport_options |= {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
        told = None
        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                hint(app, self._task)
            except Exception as error:  # noqa: BLE001 - the next sweep finds the rows, whatever the bell has
                if told is None:
                    told = type(error).__name__
                    _log.warning("hints lost", task=str(self._task), error=told)
            else:
                if told is not None:
                    _log.info("hints heard again", task=str(self._task), was=told)
                    told = None


def _nobody() -> None:
    """Ring no bell: there is none."""
