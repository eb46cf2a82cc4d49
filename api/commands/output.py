"""What a command says: results on stdout, progress on a terminal, problems on stderr, one line each."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import IO, Any

import click

from workflow.domain.errors import Refusal
from workflow.settings import SettingsError

as_json = click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")


class CommandRefused(click.ClickException):
    """The command was understood and could not be done, or found problems: exit code 1."""

    exit_code = 1

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write each problem as one line of stderr."""
        for problem in self.problems:
            click.echo(" ".join(problem.splitlines()), file=file, err=file is None)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the rules and the settings refuse into lines of stderr and exit code 1."""
    try:
        yield
    except Refusal as refusal:
        raise CommandRefused(lines_of(refusal)) from refusal
    except SettingsError as error:
        raise CommandRefused(error.problems) from error
    except PermissionError as error:
        # Most of all whoever calls a command as themselves, beside services that run as somebody else.
        who = "Whoever runs this may not use it; run it as whom the services run as."
        raise CommandRefused([f"{error.filename or 'A file'}: {error.strerror}. {who}"]) from error


def lines_of(refusal: Refusal) -> list[str]:
    """Return a refusal as lines: each wrong field, else each unmet rule, else its one sentence."""
    if refusal.errors:
        return [f"{error.field}: {error.message}" for error in refusal.errors]
    return [reason.message for reason in refusal.reasons] or refusal.detail.splitlines()


def tell(result: object, words: Callable[[], Iterable[str]], *, json_wanted: bool) -> None:
    """Write a result: as JSON where that was asked for, else the given lines."""
    if json_wanted:
        click.echo(json.dumps(_plain(result), ensure_ascii=False, indent=2, default=_word))
        return
    for line in words():
        click.echo(line)


def say(line: str, *, err: bool = True) -> None:
    """Say what goes on, in a process that keeps others alive: it must not end for want of room in a log."""
    with suppress(OSError):
        click.echo(line, err=err)


def progress(line: str) -> None:
    """Say on a terminal what takes its time; in a pipe nobody waits for words."""
    if sys.stderr.isatty():
        click.echo(line, err=True)


def _word(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _plain(result: Any) -> Any:  # noqa: ANN401 - whatever a command found, on its way to JSON
    if is_dataclass(result) and not isinstance(result, type):
        return asdict(result)
    if isinstance(result, list | tuple):
        return [_plain(item) for item in result]
    if isinstance(result, dict):
        return {name: _plain(value) for name, value in result.items()}
    return result
