"""A progress bar for long work: on a terminal it moves, in a pipe it is silent."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

import click

Advance: TypeAlias = Callable[[int, int], None]


def bar(label: str) -> AbstractContextManager[Advance]:
    """Give what is called with (done, total) as the work goes on."""
    if not sys.stderr.isatty():
        return nullcontext(lambda _done, _total: None)
    return _Bar(label)


def steps(advance: Advance) -> Callable[[int], None]:
    """Return what is told how much more is done; how much there is nobody knows before its end."""
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        advance(done, done + 1)

    return step


class _Bar:
    """A bar that learns with every step how long it is."""

    def __init__(self, label: str) -> None:
        self._bar = click.progressbar(length=1, label=label, file=sys.stderr)

    def __enter__(self) -> Advance:
        self._bar.__enter__()
        return self._advance

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(*error)  # type: ignore[arg-type]  # click's own three arguments, passed on

    def _advance(self, done: int, total: int) -> None:
        self._bar.length = total
        self._bar.update(done - self._bar.pos)
