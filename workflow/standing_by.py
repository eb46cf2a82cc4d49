"""What stands by with its libraries open, and has each stranger's file worked on by a fork of itself.

It is started by name, has one thread and no secret, and reads nothing of any file itself: each of its forks
begins as clean as the first, works on one file within its limits, and is gone. Nobody's end stops it but
that of the process that had it started, or some quiet minutes.
"""

import os
import resource
import signal
import socket
import struct
from collections.abc import Callable
from typing import Final, NoReturn

from workflow.forking import keep_shared

ORDER: Final = struct.Struct("!QQQ")
"""Seconds of a processor, bytes of memory, seconds by the clock."""
BEGUN: Final = b"+"
DONE: Final = b"="
LENGTH: Final = struct.Struct("!Q")
"""How long the answer is that follows `DONE`: one that breaks off is none."""
OUT_OF_MEMORY: Final = b"M"
FAILED: Final = b"!"

_QUIET_SECONDS: Final = 600


def stand_by(answer: Callable[[bytes], bytes]) -> int:
    """Work on what comes by the socket that is standard input, until nobody is left there; return 0.

    Each order is a line of limits with a socket of its own, on which the file comes and the answer goes.
    """
    orders = socket.socket(fileno=0)
    orders.settimeout(_QUIET_SECONDS)
    # Who forks here waits for nobody: the kernel buries them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    keep_shared()
    while True:
        try:
            order, sockets, _, _ = socket.recv_fds(orders, ORDER.size, 1)
        except TimeoutError:
            return 0
        if not order:
            return 0
        with socket.socket(fileno=sockets[0]) as job:
            if os.fork() == 0:
                orders.close()
                _work(job, answer, *ORDER.unpack(order))


def _work(job: socket.socket, answer: Callable[[bytes], bytes], cpu: int, memory: int, wall: int) -> NoReturn:
    """Answer one order within its limits; whatever comes of it ends the process."""
    try:
        job.sendall(BEGUN)
        # Also where whoever asked is gone: the alarm ends what waits, the limit what computes.
        signal.alarm(wall)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with job.makefile("rb") as given:
            answered = answer(given.read())
        job.sendall(DONE + LENGTH.pack(len(answered)))
        job.sendall(answered)
    except MemoryError:
        job.sendall(OUT_OF_MEMORY)
    except Exception:  # noqa: BLE001 - an error of any library ends this process, and is told as that
        job.sendall(FAILED)
    finally:
        os._exit(0)
