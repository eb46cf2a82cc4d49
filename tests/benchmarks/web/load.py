"""Row 17: every GET of every role at a steady twenty requests a second, on much and on little.

Open loop: each request has an instant at which it is sent, whatever became of those before it, and its time
counts from that instant. So a server that falls behind cannot hide it by being asked less.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import median, quantiles
from threading import local
from time import perf_counter, sleep
from typing import Final

from api.wsgi import create_app
from tests.benchmarks.report import say
from tests.benchmarks.rows import Row
from tests.benchmarks.web.addresses import OF_A_MONTH, Address, addresses
from tests.benchmarks.web.served import TIMEZONE, Reader, serving, sessions_on, sign_in
from workflow.settings import Settings

PER_SECOND: Final = 20.0
ROLES: Final = {
    "reviewer": "sz-unit_reviewer-sz-012@example.vn",
    "unit head": "sz-head-sz-012@example.vn",
    "office": "sz-appraiser-1@example.vn",
    "supervisor": "nv23@example.vn",
    "admin": "nv24@example.vn",
}
# Where time goes is asked of all there ever was, so these pages have limits of their own, in milliseconds.
_ANALYSES: Final = ("/bottlenecks", "/api/v1/analytics/bottlenecks")
_LIMITS: Final = (
    ("  bottlenecks of one month, p99", True, 100),
    ("  bottlenecks of everything, p99", False, 1000),
)
GROWTH: Final = {"reviewer": 1.5, "office": 2.0, "supervisor": 2.0}
"""By how much a role's median page may grow from the small database to the big one."""

_CLIENTS: Final = 24
_WARM_UPS: Final = 6
_PATIENCE: Final = 30.0
_SHOWN: Final = 15
_BROKEN: Final = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """One request: its route and reader, the seconds from when it was due, its status (0: no answer)."""

    route: str
    reader: str
    seconds: float
    status: int


def page_rows(big_url: str, small_url: str, folder: Path, *, samples: int) -> list[Row]:
    """Ask for everything on both databases and return the row of the worst, and of each role's growth."""
    small = _measured(small_url, folder / "small", samples=samples)
    big = _measured(big_url, folder / "big", samples=samples)
    say(shown(big, small))
    route, reader, slowest = _worst([one for one in big if not _is_analysis(one)])
    rows = [
        _row(f"worst GET at {PER_SECOND:.0f}/s, p99: {route} ({reader})", slowest, 250, goal=60),
        _row(
            "  all GETs together, p99",
            _p99([one.seconds for one in big]),
            250,
            goal=60,
            beside=f"{_p99([one.seconds for one in small]) * 1e3:.0f} ms on little",
        ),
    ]
    for words, is_of_month, limit in _LIMITS:
        meant = [one for one in big if _is_analysis(one) and (OF_A_MONTH in one.route) is is_of_month]
        rows.append(_row(words, _worst(meant)[2], limit))
    for role in ROLES:
        ours, theirs = _typical(big, role), _typical(small, role)
        rows.append(
            Row(
                17,
                f"  median GET of the {role}, from little to much",
                f"{ours * 1e3:.1f} ms",
                f"{theirs * 1e3:.1f} ms on little",
                ours / theirs,
                "x",
                GROWTH.get(role),
                None,
                less_is_better=True,
            )
        )
    return rows


def _row(words: str, seconds: float, limit: int, *, goal: int | None = None, beside: str = "") -> Row:
    """Return a row of a time in milliseconds, of which less is better."""
    took = f"{seconds * 1e3:.0f} ms"
    beside = beside or f"{limit} ms"
    return Row(17, words, took, beside, seconds * 1e3, " ms", limit, goal, less_is_better=True)


def shown(big: Sequence[Answered], small: Sequence[Answered]) -> str:
    """Return p50 and p99 of each route and reader, the slowest first, and what was answered with an error."""
    there = _by_pair(small)
    lines = []
    for (route, reader), found in _by_pair(big).items():
        seconds = [one.seconds for one in found]
        before = [one.seconds for one in there.get((route, reader), ())]
        statuses = ",".join(map(str, sorted({one.status for one in found})))
        growth = f"{median(seconds) / median(before):5.1f}x" if before else ""
        times = f"{median(seconds) * 1e3:7.0f} {_p99(seconds) * 1e3:7.0f} ms"
        lines.append((_p99(seconds), f"{times}  {growth:6} {statuses:8} {reader:10} {route}"))
    lines.sort(reverse=True)
    head = "    p50     p99        from little, status, reader, route; the slowest first"
    return "\n".join([head, *(line for _, line in lines)])


def _measured(url: str, folder: Path, *, samples: int) -> list[Answered]:
    sessions = sessions_on(url)
    readers = sign_in(sessions, ROLES)
    app = create_app(Settings(secret_key="x" * 32, timezone=TIMEZONE), sessions=sessions)
    with sessions() as session:
        wanted = addresses(app, session, readers)
    with serving(url, folder) as port:
        # What a process does once in its life is done before: compiling, planning, catalogues. There are two:
        # of three askings one address in four would have come to the same process each time.
        ask(port, wanted, samples=_WARM_UPS, per_second=2 * PER_SECOND)
        say(f"Asking for {len(wanted)} addresses, {samples} times each, {PER_SECOND:.0f} a second ...")
        return ask(port, wanted, samples=samples, per_second=PER_SECOND)


def ask(port: int, wanted: Sequence[Address], *, samples: int, per_second: float) -> list[Answered]:
    """Ask for each address `samples` times in an order that is shuffled once, at fixed instants."""
    turns = [(one, path) for one in wanted for path in islice(cycle(one.paths), samples)]
    Random(17).shuffle(turns)
    clients = local()
    began = perf_counter()

    def send(number: int) -> Answered:
        address, path = turns[number]
        due = began + number / per_second
        status = _status(clients, port, path, address.reader)
        return Answered(address.route, address.reader.name, perf_counter() - due, status)

    with ThreadPoolExecutor(_CLIENTS) as pool:
        sent = []
        for number in range(len(turns)):
            sleep(max(0.0, began + number / per_second - perf_counter()))
            sent.append(pool.submit(send, number))
        return [one.result() for one in sent]


def _status(clients: local, port: int, path: str, reader: Reader) -> int:
    connection: HTTPConnection | None = getattr(clients, "connection", None)
    if connection is None:
        connection = clients.connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("GET", path, headers=reader.headers(path))
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        connection.close()
        return 0
    return answer.status


def _by_pair(found: Sequence[Answered]) -> dict[tuple[str, str], list[Answered]]:
    pairs: dict[tuple[str, str], list[Answered]] = defaultdict(list)
    for one in found:
        pairs[one.route, one.reader].append(one)
    return pairs


def _worst(found: Sequence[Answered]) -> tuple[str, str, float]:
    """Return route, reader and p99 of the slowest; what was not answered properly is slower than anything."""
    times = {
        pair: _PATIENCE
        if any(one.status == 0 or one.status >= _BROKEN for one in all_of)
        else _p99([one.seconds for one in all_of])
        for pair, all_of in _by_pair(found).items()
    }
    (route, reader), seconds = max(times.items(), key=lambda item: item[1])
    return route, reader, seconds


def _is_analysis(one: Answered) -> bool:
    return one.route.partition("?")[0] in _ANALYSES


def _typical(found: Sequence[Answered], reader: str) -> float:
    """Return the median of a reader's routes, each by its own median."""
    return median(
        median(one.seconds for one in all_of) for (_, who), all_of in _by_pair(found).items() if who == reader
    )


def _p99(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100, method="inclusive")[98] if len(seconds) > 1 else seconds[0]
