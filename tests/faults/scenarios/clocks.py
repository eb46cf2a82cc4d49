"""Hosts whose clocks are apart, jump back or show another zone: what is due, the database's clock says."""

import http.client
import re
import signal
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import psutil

from tests.faults.rig.installation import Installation
from tests.faults.rig.programs import NAMES, change
from tests.faults.rig.trial import Fault, Proof, Scenario, all_of
from tests.support.patience import PATIENCE
from tests.support.servers import is_alive
from workflow.clock import wait_for

_HOUR = timedelta(hours=1)
_SAID_AT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+)Z", re.MULTILINE)


def library() -> Path | None:
    """Return the library that gives a process another clock, None where it cannot be preloaded."""
    spec = find_spec("libfaketime")
    if sys.platform != "linux" or spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    return found if found.exists() else None


_NO = "" if library() else "libfaketime cannot be preloaded here"


def restart(rig: Installation, names: Collection[str]) -> None:
    """End programs as an operator does; `up` starts them again."""

    def is_gone(tree: Iterable[psutil.Process]) -> bool:
        return not any(map(is_alive, tree))

    for name in names:
        tree = rig.processes(name)
        tree[-1].send_signal(signal.SIGTERM)
        assert wait_for(partial(is_gone, tree), seconds=PATIENCE)
    assert wait_for(lambda: all(rig.processes(name) for name in names), seconds=PATIENCE)
    assert wait_for(rig.is_ready, seconds=PATIENCE, every=0.5), rig.log()[-3000:]


@contextmanager
def clocks(rig: Installation, names: Collection[str]) -> Iterator[None]:
    """Let programs read their clocks from files; each is right until its file says otherwise."""
    for name in names:
        file = _file(rig, name)
        file.write_text("+0", encoding="ascii")
        environment = {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "NO_FAKE_STAT": "1",
        }
        change(rig.folder, name, environment)
    restart(rig, names)
    yield
    for name in names:
        change(rig.folder, name, {})
    restart(rig, names)


def shifted(by: Mapping[str, timedelta]) -> Fault:
    """Set the clocks of programs forward or back while they work; what they say shows their time."""

    @contextmanager
    def fault(rig: Installation) -> Iterator[Proof]:
        with clocks(rig, by):
            before = len(rig.log())
            for name, offset in by.items():
                _file(rig, name).write_text(f"{offset.total_seconds():+.0f}", encoding="ascii")
            yield lambda: all_of(
                _is_off(rig, name, offset, rig.log()[before:]) for name, offset in by.items()
            )

    return fault


def _is_off(rig: Installation, name: str, by: timedelta, log: str) -> bool:
    """Whether a program was seen to live at another time: by its answers or its log; beat says no time."""
    if name == "beat":
        maps = Path(f"/proc/{rig.processes(name)[-1].pid}/maps").read_text(encoding="utf-8")
        return "libfaketime" in maps
    said = [_date(rig.port)] if name == "web" else [*map(datetime.fromisoformat, _SAID_AT.findall(log))]
    now = datetime.now(UTC)
    return any(abs(at.replace(tzinfo=UTC) - now - by) < abs(by) / 2 for at in said)


def _date(port: int) -> datetime:
    """Return the time that the web's answers bear."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as link:
        link.request("GET", "/healthz")
        return parsedate_to_datetime(link.getresponse().headers["Date"])


def _file(rig: Installation, name: str) -> Path:
    return rig.folder / f"{name}.clock"


@contextmanager
def zones(rig: Installation) -> Iterator[Proof]:
    """Run each program, and every new session of the database, in a zone of its own."""
    there = {"web": "America/New_York", "worker": "Pacific/Kiritimati", "beat": "Europe/Paris"}
    for name, zone in there.items():
        change(rig.folder, name, {"TZ": zone})
    with rig.rule() as connection:
        connection.execute("ALTER ROLE commendo_app SET timezone = 'Australia/Lord_Howe'")
    restart(rig, NAMES)
    yield lambda: all_of(_zone_of(rig.processes(name)[-1]) == zone for name, zone in there.items())
    for name in NAMES:
        change(rig.folder, name, {})
    with rig.rule() as connection:
        connection.execute("ALTER ROLE commendo_app RESET timezone")
    restart(rig, NAMES)


def _zone_of(process: psutil.Process) -> str | None:
    return process.environ().get("TZ")


_APART = {"web": timedelta(seconds=25), "worker": _HOUR, "beat": timedelta(seconds=-25)}
SCENARIOS = (
    Scenario("hosts' clocks 25 s and an hour apart", shifted(_APART), 40, bears=True, cannot=_NO),
    *(
        Scenario(
            f"clock of {name} set back an hour", shifted({name: -_HOUR}), 40, bears=name == "web", cannot=_NO
        )
        for name in NAMES
    ),
    Scenario("zones of hosts and database changed", zones, seconds=20, bears=True),
)
