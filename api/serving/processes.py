"""How a process of ours is started: apart from the terminal, and told by the kernel when its parent dies.

Light on purpose: `up` begins the web before it loads anything else.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

WHEN_TOLD = "--when-told"
"""The option of a command that loads everything it needs and then waits for `Begun.tell`."""
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Begun:
    """A process that loads what it needs and waits for its environment before it does anything."""

    argv: Sequence[str]
    process: subprocess.Popen[bytes]

    def tell(self, environment: Mapping[str, str]) -> None:
        """Give it the environment it shall work in; one that died meanwhile hears nothing."""
        if self.process.stdin is not None:
            with suppress(BrokenPipeError), self.process.stdin as line:
                line.write(json.dumps(dict(environment)).encode() + b"\n")


def command(*words: str) -> tuple[str, ...]:
    """Answer the command line that runs `commendo` with these words in a process of its own.

    `-P` keeps the working directory out of the import path: a stranger's `api` or `tasks` there is not ours.
    """
    return (sys.executable, "-P", "-m", "api.cli", *words)


def start(
    argv: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own; without a folder or environment it has ours.

    It must be called with no other thread running.
    """
    return subprocess.Popen(  # noqa: S603 - our own programs, without a shell
        list(argv),
        cwd=folder,
        env=environment,
        stdin=stdin,
        start_new_session=True,
        preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509 - this process has one thread
    )


@contextmanager
def begun(*words: str) -> Iterator[Begun]:
    """Begin `commendo` with these words before anything else is; at the end of the block it is gone.

    The command must know WHEN_TOLD. What is yielded has the `argv` that starts the same again at once.
    """
    process = start(command(*words, WHEN_TOLD), stdin=subprocess.PIPE)
    try:
        yield Begun(command(*words), process)
    finally:
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()


def hear(line: IO[str]) -> dict[str, str] | None:
    """Wait for the environment that `Begun.tell` gives; None when whoever began us has gone."""
    said = line.readline()
    if not said:
        return None
    environment: dict[str, str] = json.loads(said)
    return environment


def _end_with(parent: int) -> Callable[[], None] | None:
    """Answer what a child does before its program: ask the kernel for a SIGTERM when its parent dies."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died before the request, and then no signal comes.
        if os.getppid() != parent:
            os._exit(1)

    return arrange
