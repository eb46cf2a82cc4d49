"""What stands by for strangers' files: it knows no secret, outlives its forks, and is replaced if it ends."""

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.support.patience import PATIENCE
from tests.support.workbooks import PEOPLE, book, raw_book
from workflow import limited
from workflow.clock import wait_for
from workflow.limited import Ended, Limits, NoAnswerError, run_within
from workflow.standing_by import BEGUN, ORDER

MODULE = "workflow.imports.reading.workbook.child"
GOOD = book(PEOPLE, ["NV1", "An", "VKS-AG", "KSV"])
# Work without end in a small file: every range lies over all of the rows.
ENDLESS = raw_book(
    "".join(f'<row r="{line}"><c r="A{line}"><v>1</v></c></row>' for line in range(1, 20_001)),
    after="<mergeCells>{}</mergeCells>".format('<mergeCell ref="A1:B20000"/>' * 40_000),
)
LIMITS = Limits()


def read() -> bytes:
    return run_within(LIMITS, MODULE, GOOD)


def standing_by() -> psutil.Process:
    [found] = [one for one in psutil.Process().children() if MODULE in one.cmdline()]
    return found


def why_not(content: bytes, limits: Limits) -> Ended:
    with pytest.raises(NoAnswerError) as found:
        run_within(limits, MODULE, content)
    return found.value.why


def test_one_process_stands_by_and_each_file_has_a_fork_of_its_own() -> None:
    read()
    first = standing_by()
    assert read() == read()
    assert standing_by() == first
    assert first.num_threads() == 1
    assert wait_for(lambda: first.children() == [], seconds=PATIENCE)


def test_it_is_told_nothing_of_our_settings_and_holds_nothing_of_ours_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COMMENDO_SECRET_KEY", "x")
    read()
    standing_by().kill()
    read()
    assert set(standing_by().environ()) == {"PYTHONPATH"}
    opened = Path(f"/proc/{standing_by().pid}/fd")
    assert {int(one.name) for one in opened.iterdir()} == {0, 1, 2}


def test_what_is_killed_is_replaced_and_nobody_notices() -> None:
    expected = read()
    for _ in range(3):
        before = standing_by()
        before.kill()
        assert read() == expected
        assert standing_by() != before


def test_what_takes_no_orders_is_ended_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read()
    # Long enough for the next to open its libraries on a busy machine.
    monkeypatch.setattr(limited, "_PATIENCE", 8.0)
    before = standing_by()
    before.suspend()
    assert read() == expected
    assert not before.is_running()


def test_a_fork_that_hangs_holds_nobody_up_and_its_end_is_its_own() -> None:
    expected = read()
    first = standing_by()
    # What has just answered may be on its way out still: it would be taken for the one that hangs.
    assert wait_for(lambda: first.children() == [], seconds=PATIENCE)
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(why_not, ENDLESS, Limits(cpu_seconds=1000, wall_seconds=1000))
        assert wait_for(lambda: first.children() != [], seconds=PATIENCE)
        [fork] = first.children()
        assert [one.result() for one in [pool.submit(read) for _ in range(4)]] == [expected] * 4
        assert not hanging.done()
        fork.send_signal(signal.SIGKILL)
        assert hanging.result() is Ended.CPU
    assert read() == expected
    assert standing_by() == first


def test_a_fork_is_ended_by_its_own_limits_where_nobody_is_left_who_asked() -> None:
    orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    job, given = socket.socketpair()
    with orders, job:
        job.settimeout(PATIENCE)
        with theirs, given:
            process = subprocess.Popen([sys.executable, "-P", "-m", MODULE], stdin=theirs.fileno())
            socket.send_fds(orders, [ORDER.pack(5, 2**30, 1)], [given.fileno()])
        try:
            assert job.recv(1) == BEGUN
            # Nobody writes and nobody closes: only its own alarm ends it, and says nothing.
            assert job.recv(1) == b""
            assert process.poll() is None
            orders.close()
            assert process.wait(timeout=PATIENCE) == 0
        finally:
            process.kill()
            process.wait()


def test_an_answer_that_breaks_off_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, "_told", lambda *_: b"=" + (9).to_bytes(8, "big") + b"too few")
    assert why_not(GOOD, LIMITS) is Ended.CPU


def test_without_any_process_it_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match=r"No process takes orders for workflow\.nothing"):
        run_within(LIMITS, "workflow.nothing", GOOD)


def test_a_fork_of_who_had_it_started_has_its_own() -> None:
    script = f"""
import os, sys
from workflow.limited import Limits, run_within
given = sys.stdin.buffer.read()
def read(): return run_within(Limits(), {MODULE!r}, given)
expected = read()
child = os.fork()
assert read() == expected
if child:
    assert os.waitpid(child, 0)[1] == 0
    assert read() == expected
print("done", flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        check=False,
        input=GOOD,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert done.stdout.split() == [b"done", b"done"], done.stderr
    assert done.stderr == b""
