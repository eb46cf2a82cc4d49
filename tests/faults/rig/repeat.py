"""What a fault does again and again while the clients work, beside whoever waits for its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


class Repeated:
    """An act in a thread of its own; `count` says how often it was seen to have happened."""

    def __init__(self, act: Callable[[], int], every: float) -> None:
        self.count = 0
        self._act, self._every = act, every
        self._over = Event()
        self._error: Exception | None = None
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Let the act in hand come to its end, and raise what ended it before its time."""
        self._over.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self.count += self._act()
                self._over.wait(self._every)
        except Exception as error:  # noqa: BLE001 - raised again where the scenario ends
            self._error = error


@contextmanager
def repeated(act: Callable[[], int], *, every: float) -> Iterator[Callable[[], int]]:
    """Do something every so many seconds; yield how often it has happened, as `act` counts it."""
    running = Repeated(act, every)
    running.start()
    try:
        yield lambda: running.count
    finally:
        running.end()
