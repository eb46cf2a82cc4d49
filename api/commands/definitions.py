"""`commendo workflow`: definitions, checked, shown, drawn and published."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.commands.desk import at_desk
from api.commands.foresight.route_diff import diff_routes
from api.commands.foresight.route_migrate import migrate_route
from api.commands.output import CommandRefused, as_json, tell
from workflow.domain.checking.checking import DefinitionProblem, check, load, read_in_full
from workflow.domain.checking.explaining import explained
from workflow.domain.errors import NotFound
from workflow.domain.reading import NotText, decoded
from workflow.domain.route.definition import Definition
from workflow.domain.route.diagram import mermaid
from workflow.domain.route.schema import definition_schema
from workflow.domain.vocabulary import Via
from workflow.operations.setup.publish import publish_definition, shipped_definitions
from workflow.store.awards import WorkflowDefinition
from workflow.store.definitions import latest_definition_id, load_definition

LARGEST_BYTES: Final = 1024 * 1024
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_version = click.option("--version", type=click.IntRange(min=1), help="Another version than the newest.")
_locale = click.option("--locale", type=click.Choice(["vi", "en"]), default="en", show_default=True)


@click.group(help="Definitions: check a file, publish it, show or draw what is published.")
def workflow() -> None:
    """Hold the commands about definitions."""


@workflow.command(name="check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option(
    "--explain", is_flag=True, help="Show each file that is fine with its ladders and defaults in full."
)
@as_json
def check_files(files: tuple[Path, ...], *, explain: bool, as_json: bool) -> None:
    """Name every problem of definition files with its line; exit 1 when there is one. Needs no database."""
    found = {path: _problems(path) for path in files}
    for path, problem in _other_content([path for path, group in found.items() if not group]):
        found[path] = [problem]
    problems = [problem for group in found.values() for problem in group]
    fine = [path for path, group in found.items() if not group]
    result: dict[str, object] = {"problems": problems}
    if explain:
        result["explained"] = {str(path): read_in_full(_read(path)).data for path in fine}
    lines = (explained(_read(path), str(path)) if explain else f"{path}: fine" for path in fine)
    tell(result, lambda: lines, json_wanted=as_json)
    if problems:
        raise CommandRefused([str(problem) for problem in problems])


@workflow.command(name="publish")
@click.argument("file", metavar="FILE", type=_FILE)
@as_json
def publish_file(file: Path, *, as_json: bool) -> None:
    """Publish a definition: new nominations start on it, those under way keep the one they started on."""
    problems = _problems(file)
    if problems:
        raise CommandRefused([str(problem) for problem in problems])
    with at_desk() as desk:
        published = publish_definition(
            desk.session, text=_read(file), filename=str(file), actor=None, via=Via.CLI, now=desk.now
        )
    words = "Published" if published.is_new else "Nothing to do, this very content is published"
    line = f"{words}: {published.key}, version {published.version} ({published.content_hash[:12]})."
    tell(published, lambda: [line], json_wanted=as_json)


@workflow.command(name="show")
@click.argument("key", metavar="KEY")
@_version
@_locale
@as_json
def show_published(key: str, version: int | None, locale: str, *, as_json: bool) -> None:
    """Show a published definition: its steps with who and until when, and its moves."""
    with at_desk() as desk:
        definition = _published(desk.session, key, version)
    tell(definition.content(), lambda: _described(definition, locale), json_wanted=as_json)


@workflow.command(name="schema")
@as_json
def print_schema(*, as_json: bool) -> None:
    """Print the JSON Schema of definition files, for an editor that completes and checks them."""
    schema = definition_schema()
    tell(schema, lambda: [json.dumps(schema, ensure_ascii=False, indent=2)], json_wanted=as_json)


@workflow.command(name="diagram")
@click.argument("key", metavar="KEY")
@_version
@_locale
def draw_published(key: str, version: int | None, locale: str) -> None:
    """Draw a published definition as a Mermaid state diagram."""
    with at_desk() as desk:
        definition = _published(desk.session, key, version)
    click.echo(mermaid(definition, locale))


workflow.add_command(diff_routes)
workflow.add_command(migrate_route)


def _problems(path: Path) -> list[DefinitionProblem]:
    """Check a file; that it is too long, or no text, is a problem of it as well."""
    if path.stat().st_size > LARGEST_BYTES:
        return [
            DefinitionProblem(str(path), 1, f"is larger than {LARGEST_BYTES // 1024} KB; no definition is")
        ]
    try:
        return check(_read(path), str(path))
    except NotText as error:
        return [DefinitionProblem(str(path), error.line, str(error))]


def _other_content(paths: Sequence[Path]) -> Iterator[tuple[Path, DefinitionProblem]]:
    """Find files that give a version other content than what ships, or than a file before them, gives it."""
    known = {(one.key, one.version): (one.content_hash, "what ships") for one in shipped_definitions()}
    for path in paths:
        one = load(_read(path), str(path))
        there, where = known.setdefault((one.key, one.version), (one.content_hash, str(path)))
        if there != one.content_hash:
            message = f"version {one.version} of '{one.key}' has other content in {where}; raise the version"
            yield path, DefinitionProblem(str(path), 1, message)


def _read(path: Path) -> str:
    try:
        return decoded(path.read_bytes())
    except OSError as error:
        raise CommandRefused([f"{path}: cannot be read: {error.strerror}"]) from error


def _published(session: Session, key: str, version: int | None) -> Definition:
    if version is None:
        return load_definition(session, latest_definition_id(session, key))
    wanted = select(WorkflowDefinition.id).where(
        WorkflowDefinition.key == key, WorkflowDefinition.version == version
    )
    definition_id = session.scalar(wanted)
    if definition_id is None:
        raise NotFound(f"Version {version} of the definition '{key}' is not published.")
    return load_definition(session, definition_id)


def _described(definition: Definition, locale: str) -> Iterator[str]:
    yield f"{definition.key}, version {definition.version}: {definition.title.text(locale)}"
    yield f"calendar {definition.calendar}, content {definition.content_hash}"
    yield ""
    for step in definition.steps:
        due = f", due in {step.due}" if step.due else ""
        owner = f", {step.owner}" if step.owner else ""
        yield f"{step.name}: {step.label.text(locale)} ({step.stage}{owner}{due})"
        for rung in step.rungs:
            yield f"    {rung.at}: {rung.do} {rung.to}"
        for move in definition.moves_from(step.name):
            guards = f" [{', '.join(move.guards)}]" if move.guards else ""
            dests = ", ".join(move.dests_from(step.name))
            by = definition.by_of(move, step.name)
            yield f"    {move.name} -> {dests}: {move.label.text(locale)}, by {by}{guards}"
