"""Somebody who asks /readyz all the time, as a load balancer does, and remembers what it said when."""

import http.client
import json
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final

from workflow.clock import monotonic

EVERY_SECONDS: Final = 0.5
_ANSWER_SECONDS: Final = 12.0
SILENT: Final = "no answer"


@dataclass(frozen=True, slots=True)
class Look:
    """One look: when it was answered, and the checks that were red; SILENT where nobody answered."""

    at: float
    red: frozenset[str]


@dataclass
class Watch:
    """All looks at one installation, oldest first."""

    port: int
    looks: list[Look] = field(default_factory=list)
    _over: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._over.clear()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def red_after(self, since: float, until: float, checks: frozenset[str]) -> float | None:
        """Return how many seconds after `since` one of these checks, or the answer, was first missing."""
        found = (
            look.at - since
            for look in list(self.looks)
            if since <= look.at <= until and not look.red.isdisjoint(checks | {SILENT})
        )
        return next(found, None)

    def reds(self, since: float, until: float) -> frozenset[str]:
        """Return everything that was red between two instants."""
        return frozenset().union(*(look.red for look in list(self.looks) if since <= look.at <= until))

    def red_for(self, since: float, until: float) -> dict[str, float]:
        """Return for how many seconds on end each check was red, at the longest, between two instants."""
        begun: dict[str, float] = {}
        longest: dict[str, float] = {}
        for look in [each for each in list(self.looks) if since <= each.at <= until]:
            begun = {name: begun.get(name, look.at) for name in look.red}
            for name, at in begun.items():
                longest[name] = max(longest.get(name, 0.0), look.at - at)
        return longest

    def green_after(self, since: float) -> float | None:
        """Return how many seconds after `since` it was green for good, None while it is not."""
        looks = list(self.looks)
        if not looks or looks[-1].red or looks[-1].at < since:
            return None
        last_red = max((look.at for look in looks if look.red and look.at >= since), default=since)
        return max(0.0, next(look.at for look in looks if look.at >= last_red and not look.red) - since)

    def _run(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            red = self.look()
            self.looks.append(Look(monotonic(), red))

    def look(self) -> frozenset[str]:
        """Ask once and return what is red."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_SECONDS)) as link:
            try:
                link.request("GET", "/readyz")
                checks = json.loads(link.getresponse().read())["checks"]
            except (OSError, http.client.HTTPException, ValueError, KeyError):
                return frozenset({SILENT})
        return frozenset(check["name"] for check in checks if not check["is_ok"])
