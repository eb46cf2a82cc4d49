"""Work on a stranger's file in a process of its own: a hostile one costs seconds, and nothing else stops.

The process is given no secret (no setting reaches it). What comes in and what goes out are bytes.
"""

import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

# All that the process is told of its surroundings: where our packages lie. Settings hold secrets.
_ENVIRONMENT: Final = {"PYTHONPATH": str(Path(__file__).parents[1])}
_OUT_OF_MEMORY: Final = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may take: seconds of a processor, bytes of memory, seconds by the clock."""

    cpu_seconds: int = 20
    memory_bytes: int = 1024 * 2**20
    wall_seconds: int = 120


class Ended(StrEnum):
    """Why a process came to no answer: one of the limits, or an error of its own."""

    WALL = "wall"
    MEMORY = "memory"
    CPU = "cpu"
    ERROR = "error"


class NoAnswerError(Exception):
    """Work that came to no answer; `why` says what ended it."""

    def __init__(self, why: Ended) -> None:
        """Keep what ended it."""
        super().__init__(why)
        self.why = why


def run_within(limits: Limits, module: str, given: bytes) -> bytes:
    """Give bytes to a module of ours that ends in `answer_within`, and return its answer.

    Raises `NoAnswerError`.
    """
    argv = [
        sys.executable, "-P", "-m", module,
        str(limits.cpu_seconds), str(limits.memory_bytes), str(limits.wall_seconds),
    ]  # fmt: skip
    try:
        # Not a fork: whoever asks may be a server with threads. `run` kills and reaps whatever happens.
        done = subprocess.run(  # noqa: S603 - our own module, with numbers
            argv, input=given, capture_output=True, check=False,
            timeout=limits.wall_seconds, env=_ENVIRONMENT,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise NoAnswerError(Ended.WALL) from late
    if done.returncode == _OUT_OF_MEMORY:
        raise NoAnswerError(Ended.MEMORY)
    if done.returncode:
        raise NoAnswerError(Ended.CPU if done.returncode < 0 else Ended.ERROR)
    return done.stdout


def answer_within(answer: Callable[[bytes], bytes]) -> int:
    """Answer what comes by standard input, within the limits of the command line; return the exit code."""
    cpu_seconds, memory_bytes, wall_seconds = map(int, sys.argv[1:4])
    # Also where whoever started it is gone: the alarm ends what waits, the limit what computes.
    signal.alarm(wall_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answered = answer(sys.stdin.buffer.read())
    except MemoryError:
        return _OUT_OF_MEMORY
    sys.stdout.buffer.write(answered)
    return 0
