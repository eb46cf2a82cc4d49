"""A group of commands that are loaded when they are called: `--help` must not pay for a database driver."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

import click


@dataclass(frozen=True, slots=True)
class Later:
    """Where a command is defined, as `module:name`, and the line that `--help` shows for it."""

    place: str
    help: str
    hidden: bool = False


class LazyGroup(click.Group):
    """A group whose commands are listed in a table and imported on their first call."""

    def __init__(self, *args: object, later: Mapping[str, Later], **others: object) -> None:
        super().__init__(*args, **others)  # type: ignore[arg-type]  # click's own arguments, passed on
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table, which is the order in which one needs them."""
        return [*self._later, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command of the table."""
        entry = self._later.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        module, _, name = entry.place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from the table, without importing anything."""
        rows = [(name, entry.help) for name, entry in self._later.items() if not entry.hidden]
        for name in super().list_commands(ctx):
            command = super().get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str()))
        with formatter.section("Commands"):
            formatter.write_dl(rows)
