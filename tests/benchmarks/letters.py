"""Row 11: letters a second through the product's delivery beside smtplib with the same messages ready-made.

The mail server is a real one, a process of its own, and takes all of them. Each way in turn; medians.
"""

import smtplib
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import Text, cast, func, select, update

from tasks.smtp import SmtpTransport
from tasks.work import SENDERS
from tests.benchmarks.lists import ours as decide_list
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, Scene, add_drafts
from tests.support.mail import BASE_URL, SENDER, free_port
from workflow.clock import FixedClock, wait_for
from workflow.domain.mails.preferences import UNFOLDED
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.post import Parcel, Post
from workflow.store.mail import Outbox

_STARTS_WITHIN = 20.0
_AWAY_MS = 2.0
_PATIENCE = 300.0
_FORK = get_context("fork")
# What a forked sender works with.
_SENDER: list[tuple[Scene, int, Barrier]] = []


@dataclass(slots=True)
class _Keeping:
    """A transport that keeps what it is given: the messages that plain smtplib sends."""

    parcels: list[Parcel] = field(default_factory=list)

    def send(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)

    def close(self) -> None:
        """Hold nothing."""


@contextmanager
def taking_server() -> Iterator[int]:
    """Run a mail server that takes everything and keeps nothing, and return its port."""
    port = free_port()
    with _listening(port, ["aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"127.0.0.1:{port}"]):
        yield port


@contextmanager
def _far_from(to: int) -> Iterator[int]:
    """Return a port from which each word to that server and back takes a while, as to another house."""
    port = free_port()
    with _listening(port, ["tests.benchmarks.far", f"{port}", f"{to}", f"{_AWAY_MS}"]):
        yield port


@contextmanager
def _listening(port: int, words: Sequence[str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", *words])

    def answers() -> bool:
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
        except OSError:
            return False
        return True

    try:
        assert wait_for(answers, seconds=_STARTS_WITHIN), "the mail server does not start"
        yield
    finally:
        process.terminate()
        process.wait()


def letter_rows(scene: Scene, *, letters: int, turns: int) -> list[Row]:
    """Send so many letters each way in turn; the first turn warms up and is not counted."""
    ids = add_drafts(scene, letters)
    with scene.sessions() as session:
        session.execute(update(Outbox).values(state="cancelled", state_reason="benchmark"))
        session.commit()
    decide_list(scene, ids, 0, key="letters")
    ready = _compose(scene)
    with taking_server() as port:
        seconds = _in_turn(scene, port, ready, letters=letters, turns=turns)
        with _far_from(port) as far_port:
            far = _in_turn(scene, far_port, ready, letters=letters, turns=2)
    per_s = {name: letters / median(took) for name, took in seconds.items()}
    far_s = {name: letters / median(took) for name, took in far.items()}
    limit = f"{per_s['each']:.0f}/s, ready-made, one connection each"
    reused = f"{per_s['one']:.0f}/s, ready-made, one connection"
    return [
        Row(11, "letters written, checked, sent and settled by one sender", f"{per_s['ours']:.0f}/s", limit,
            per_s["ours"] / per_s["each"], " of it", 1.0, 2.0),
        Row(11, "  beside the same over one connection", f"{per_s['ours']:.0f}/s", reused,
            per_s["ours"] / per_s["one"], " of it", None, None),
        Row(11, f"  by a worker's {SENDERS} senders", f"{per_s['lanes']:.0f}/s", limit,
            per_s["lanes"] / per_s["each"], " of it", 1.0, 2.0),
        Row(11, f"  the same, a server {_AWAY_MS:.0f} ms away", f"{far_s['lanes']:.0f}/s",
            f"{far_s['each']:.0f}/s, ready-made, one connection each",
            far_s["lanes"] / far_s["each"], " of it", 1.0, 2.0),
        Row(11, "  client CPU a letter", f"{1e3 / per_s['cpu']:.2f} ms", "", 1e3 / per_s["cpu"], " ms",
            None, None, less_is_better=True),
        Row(11, "  client CPU a letter of a worker's", f"{1e3 / per_s['lanes cpu']:.2f} ms", "",
            1e3 / per_s["lanes cpu"], " ms", None, None, less_is_better=True),
    ]  # fmt: skip


def _in_turn(
    scene: Scene, port: int, ready: Sequence[Parcel], *, letters: int, turns: int
) -> dict[str, list[float]]:
    """Send all of them each way in turn, and return the seconds of each but for the first turn."""
    seconds: dict[str, list[float]] = defaultdict(list)
    with (
        _worker(scene, port, senders=1, letters=letters) as by_one,
        _worker(scene, port, senders=SENDERS, letters=letters) as by_lanes,
    ):
        for turn in range(turns + 1):
            each = _timed(lambda: _one_connection_each(port, ready))
            one = _timed(lambda: _one_connection(port, ready))
            ours, cpu = by_one()
            lanes, lanes_cpu = by_lanes()
            took = {
                "each": each,
                "one": one,
                "ours": ours,
                "lanes": lanes,
                "cpu": cpu,
                "lanes cpu": lanes_cpu,
            }
            for name, spent in took.items() if turn else ():
                seconds[name].append(spent)
    return seconds


def _compose(scene: Scene) -> list[Parcel]:
    """Let delivery write every letter, one for each row, and keep what it wrote."""
    _renew(scene)
    keeping = _Keeping()
    deliver(scene.sessions, clock=FixedClock(NOW), post=Post(keeping, SENDER, BASE_URL, preferences=UNFOLDED))
    return keeping.parcels


def _renew(scene: Scene) -> None:
    """Make every row wait again as on its first day, as a letter of its own."""
    with scene.sessions() as session:
        session.execute(
            update(Outbox)
            .where(Outbox.state_reason.is_distinct_from("benchmark"))
            .values(
                state="new", state_reason=None, not_before=NOW, lease_until=None, attempt=0, excused_count=0,
                message_id=None, sent_at=None, fold_key=cast(Outbox.id, Text),
            )
        )  # fmt: skip
        session.commit()


def _timed(work: Callable[[], None]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _one_connection_each(port: int, ready: Sequence[Parcel]) -> None:
    for parcel in ready:
        with smtplib.SMTP("127.0.0.1", port) as link:
            _give(link, parcel)


def _one_connection(port: int, ready: Sequence[Parcel]) -> None:
    with smtplib.SMTP("127.0.0.1", port) as link:
        for parcel in ready:
            _give(link, parcel)


def _give(link: smtplib.SMTP, parcel: Parcel) -> None:
    link.sendmail(parcel.message.sender, [parcel.message.recipient], parcel.message.octets)


@contextmanager
def _worker(
    scene: Scene, port: int, *, senders: int, letters: int
) -> Iterator[Callable[[], tuple[float, float]]]:
    """Have so many processes ready to send, as a worker's lanes are, and return what lets them do so once.

    It returns seconds and those of the senders' processors.
    """
    begin = _FORK.Barrier(senders + 1, timeout=_STARTS_WITHIN)

    def send() -> tuple[float, float]:
        _renew(scene)
        told = [pool.submit(_serve) for _ in range(senders)]
        begin.wait()
        began = perf_counter()
        ended = [each.result(_PATIENCE) for each in told]
        took = perf_counter() - began
        with scene.sessions() as session:
            assert session.scalar(select(func.count()).where(Outbox.state == "sent")) == letters
        sent = sum((each for each, _ in ended), Delivered())
        assert sent == Delivered(sent=letters), sent
        return took, sum(spent for _, spent in ended)

    with ProcessPoolExecutor(senders, _FORK, _become, (scene, port, begin)) as pool:
        yield send


def _become(scene: Scene, port: int, begin: Barrier) -> None:
    """Be a sender, in the process just forked: the links of the one before are not this one's."""
    scene.sessions.kw["bind"].dispose(close=False)
    _SENDER[:] = [(scene, port, begin)]


def _serve() -> tuple[Delivered, float]:
    """Send all there is as soon as everybody is ready to."""
    [(scene, port, begin)] = _SENDER
    post = Post(SmtpTransport(f"smtp://127.0.0.1:{port}"), SENDER, BASE_URL, preferences=UNFOLDED)
    begin.wait()
    spent = process_time()
    sent = deliver(scene.sessions, clock=FixedClock(NOW), post=post)
    return sent, process_time() - spent
