"""`commendo import`: files of rows, all or nothing, with a look before and one step back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click
from sqlalchemy import select

from api.commands.desk import Desk, at_desk
from api.commands.output import CommandRefused, as_json, refusals, tell
from api.commands.up.data import start_afresh
from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import InstallationKind, Via
from workflow.imports.reading.columns import ImportKind, template
from workflow.imports.reading.sheet import Sheet, read_file
from workflow.imports.run import Imported, import_sheet, preview_import
from workflow.imports.undo import Undone, preview_undo, undo_last_import
from workflow.queries.imports import ImportView, list_imports
from workflow.queries.installation import installation_kind
from workflow.settings import load
from workflow.store.access import Account
from workflow.store.database import local_day
from workflow.store.people import load_actor

_SHOWN: Final = 20
_HELP: Final = {
    ImportKind.ORG: "Units with parent, officer and telephone; what changes is a new edition.",
    ImportKind.PEOPLE: "Members of staff; another unit means that they moved.",
    ImportKind.ACCOUNTS: "People who sign in, with their grants; prints how many links are to be sent.",
    ImportKind.CLUSTERS: "Clusters and blocks of a year, a row for each member, head and deputy among them.",
    ImportKind.AWARDS: "Awards; what changes is a new edition.",
    ImportKind.CALENDAR: "Days off, and weekend days worked in their place, over the calendar that ships.",
    ImportKind.HOURS: "Office hours from a day on, everywhere or in one unit, with the break at noon.",
    ImportKind.HISTORY: "Awards of earlier years: to whom, by which decision, in which unit then.",
    ImportKind.FACTS: "What is known of people by year: grade, months away, discipline, initiatives.",
    ImportKind.SUBMISSION: "Units' papers with their lists, a row for each name.",
}
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would change.")


@click.group(name="import", help="Files of rows, CSV or XLSX: all or nothing, with --dry-run and undo.")
def imports() -> None:
    """Hold the commands about imports."""


def _command(kind: ImportKind) -> click.Command:
    """Return the command that imports one kind of file."""

    def run(
        file: Path | None,
        account: str | None = None,
        *,
        dry_run: bool,
        as_json: bool,
        locale: str | None,
        title: str | None,
    ) -> None:
        if locale is not None:
            click.echo(template(kind, locale or _locale()))
        elif file is None:
            raise click.UsageError("Missing argument 'FILE'.")
        elif kind is ImportKind.SUBMISSION and account is None:
            raise click.UsageError("Missing option '--as': whose rights apply.")
        else:
            _import(kind, file, account, title, dry_run=dry_run, json_wanted=as_json)

    options: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
        click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        _dry_run,
        click.option("--sheet", "title", metavar="TITLE", help="Which sheet of a workbook is meant."),
        click.option(
            "--template",
            "locale",
            # The flag without a word means the language of the installation.
            type=click.Choice(["vi", "en", ""]),
            metavar="[vi|en]",
            is_flag=False,
            flag_value="",
            help="Only print the header row of such a file, in the installation's language or this one.",
        ),
        as_json,
    ]
    if kind is ImportKind.SUBMISSION:
        options.append(click.option("--as", "account", metavar="EMAIL", help="Whose rights apply."))
    for option in reversed(options):
        run = option(run)
    return click.command(name=str(kind), help=_HELP[kind])(run)


for _kind in ImportKind:
    imports.add_command(_command(_kind))


@imports.command(name="undo")
@_dry_run
@as_json
def undo(*, dry_run: bool, as_json: bool) -> None:
    """Take the last import back, as long as nobody changed or built on what it wrote."""
    with at_desk() as desk:
        _demand_live(desk)
        take_back = preview_undo if dry_run else undo_last_import
        undone = take_back(desk.session, actor=None, via=Via.CLI, now=desk.now)
    tell(undone, lambda: _undone(undone), json_wanted=as_json)


@imports.command(name="list")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="How many at most.")
@as_json
def list_all(limit: int, *, as_json: bool) -> None:
    """List what was imported, newest first."""
    with at_desk() as desk:
        found = list_imports(desk.session, limit=limit)
    tell(found, lambda: _listed(found), json_wanted=as_json)


def _locale() -> str:
    with refusals():
        return load().locale


def _import(
    kind: ImportKind,
    file: Path,
    account: str | None,
    title: str | None,
    *,
    dry_run: bool,
    json_wanted: bool,
) -> None:
    with refusals():
        # Before anything is opened: no transaction waits while a workbook is read.
        sheet = read_file(file, kind, title)
    with at_desk() as desk:
        _demand_live(desk)
        done = _carry_out(desk, kind, sheet, account, dry_run=dry_run)
    tell(done, lambda: _described(done), json_wanted=json_wanted)


def _carry_out(desk: Desk, kind: ImportKind, sheet: Sheet, account: str | None, *, dry_run: bool) -> Imported:
    actor = _actor(desk, account) if account is not None else None
    if dry_run:
        return preview_import(desk.session, actor=actor, kind=kind, sheet=sheet, now=desk.now)
    return import_sheet(desk.session, actor=actor, kind=kind, sheet=sheet, via=Via.IMPORT, now=desk.now)


def _actor(desk: Desk, email: str) -> Actor:
    account_id = desk.session.scalar(select(Account.id).where(Account.email == email.strip().lower()))
    today = local_day(desk.session, desk.now)
    actor = load_actor(desk.session, account_id, today=today) if account_id is not None else None
    if actor is None:
        raise NotFound(f"There is no account {email}, or it is disabled.")
    return actor


def _demand_live(desk: Desk) -> None:
    """Refuse a demo with the command that starts without one."""
    if installation_kind(desk.session) == InstallationKind.DEMO:
        afresh = start_afresh(desk.reach.settings)
        raise CommandRefused(
            [f"This database holds the demo, which takes no imports. To start afresh: {afresh}"]
        )


def _described(done: Imported) -> Iterator[str]:
    yield f"{done.filename}: {done.row_count} rows, {done.form}."
    counts = f"new {len(done.new)}, changed {len(done.changed)}, unchanged {done.unchanged_count}"
    if not done.new and not done.changed:
        yield f"Nothing changes: {counts}."
    elif done.is_dry_run:
        yield f"Would be: {counts}. Nothing was written."
        yield from _first("new", done.new)
    else:
        yield f"Imported as number {done.batch_id}: {counts}."
    lines = [
        f"{one.name}: {change.field}: {change.old or '(none)'} -> {change.new or '(none)'}"
        for one in done.changed
        for change in one.fields
    ]
    yield from _first("changed", lines)
    yield from done.notes
    if done.batch_id is not None:
        yield "To take it back, while nobody has built on it: commendo import undo"


def _first(word: str, lines: list[str] | tuple[str, ...]) -> Iterator[str]:
    for line in lines[:_SHOWN]:
        yield f"    {word} {line}"
    if len(lines) > _SHOWN:
        yield f"    ... and {len(lines) - _SHOWN} more; --json lists them all"


def _undone(undone: Undone) -> Iterator[str]:
    counts = f"{undone.removed_count} rows removed, {undone.restored_count} set back"
    if undone.withdrawn_count:
        counts = f"{undone.withdrawn_count} drafts withdrawn"
    verb = "Could be undone" if undone.is_dry_run else "Undone"
    yield f"{verb}: import {undone.batch_id} ({undone.kind}, {undone.filename}): {counts}."


def _listed(found: list[ImportView]) -> Iterator[str]:
    if not found:
        yield "Nothing was imported yet."
    for one in found:
        fate = f", undone {one.undone_at:%Y-%m-%d %H:%M} UTC" if one.undone_at else ""
        when = f"{one.imported_at:%Y-%m-%d %H:%M} UTC{fate}"
        yield f"{one.id}: {one.kind}, {one.filename}, {one.row_count} rows, {when}"
