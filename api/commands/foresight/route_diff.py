"""`commendo workflow diff`: what differs between two versions of a route, and what that would change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from api.commands.bar import bar, steps
from api.commands.desk import Desk, at_desk
from api.commands.output import CommandRefused, as_json, tell
from workflow.clock import DatabaseClock
from workflow.domain.checking.checking import load
from workflow.domain.reading import decoded
from workflow.domain.route.definition import MOST_VERSIONS, Definition
from workflow.domain.route.differences import Difference, DifferenceKind, differences
from workflow.operations.foresight.impact import Impact, Versions, impact_of
from workflow.store.definitions import definition_id_of, load_definition
from workflow.store.reads import end_read

_COUNTING: Final = "Counting what would change"


@click.command(name="diff")
@click.argument("before", metavar="KEY@VERSION")
@click.argument("after", metavar="KEY@VERSION|FILE")
@click.option("--impact", is_flag=True, help="Count it for open work and for the stays of the last 365 days.")
@click.option("--map", "renamed", multiple=True, metavar="OLD=NEW", help="A step that is called otherwise.")
@as_json
def diff_routes(before: str, after: str, renamed: tuple[str, ...], *, impact: bool, as_json: bool) -> None:
    """Tell what differs between two versions of a route; with --impact which dates and reminders move.

    Nothing is written: open work stays on the version that it began on until it is migrated.
    """
    names = dict(renaming(one) for one in renamed)
    with at_desk() as desk:
        before_id = _named(desk, before)
        one = load_definition(desk.session, before_id)
        other = _read(desk, after)
        end_read(desk.session)
        found = _impact(desk, Versions(before_id, other, names)) if impact else None
    lines = [_line(each) for each in differences(one, other, names)]
    result: dict[str, object] = {"differences": lines}
    if found is not None:
        result |= {"steps": list(found.steps.values()), "examples": found.examples}
    tell(
        result,
        lambda: [*(lines or ["Nothing differs."]), *(_told(found) if found else ())],
        json_wanted=as_json,
    )
    if found is not None and found.stranded:
        raise CommandRefused(
            [f"{found.stranded} open nominations stand in steps without a counterpart: name it with --map."]
        )


def _impact(desk: Desk, versions: Versions) -> Impact:
    sessions = desk.reach.sessions()
    try:
        with bar(_COUNTING) as advance:
            return impact_of(sessions, versions, clock=DatabaseClock(), on_step=steps(advance))
    finally:
        sessions.kw["bind"].dispose()


def renaming(text: str) -> tuple[str, str]:
    """Read OLD=NEW."""
    old, _, new = text.partition("=")
    if not old or not new:
        raise click.UsageError(f"--map {text}: write OLD=NEW.")
    return old, new


def versions_named(before: str, after: str) -> tuple[str, int, int]:
    """Read two versions of one route, each as KEY@VERSION."""
    (key, one), (other_key, other) = _version(before), _version(after)
    if key != other_key:
        raise click.UsageError(f"'{before}' and '{after}' are versions of two routes.")
    return key, one, other


def _version(text: str) -> tuple[str, int]:
    key, _, version = text.partition("@")
    if not version.isascii() or not version.isdigit() or len(version) > len(str(MOST_VERSIONS)):
        raise click.UsageError(f"'{text}' names no published version: write KEY@VERSION.")
    return key, int(version)


def _named(desk: Desk, text: str) -> int:
    return definition_id_of(desk.session, *_version(text))


def _read(desk: Desk, text: str) -> Definition:
    path = Path(text)
    if "@" in text and not path.exists():
        return load_definition(desk.session, _named(desk, text))
    try:
        return load(decoded(path.read_bytes()), text)
    except OSError as error:
        raise CommandRefused([f"{text}: cannot be read: {error.strerror}"]) from error


def _line(one: Difference) -> str:
    """Say in a line what differs."""
    match one.kind:
        case DifferenceKind.STEP_GONE:
            return f"{one.name}: the step is gone"
        case DifferenceKind.STEP_NEW:
            return f"{one.name}: the step is new"
        case DifferenceKind.MOVE_GONE:
            return f"{one.name}: the move is gone"
        case DifferenceKind.MOVE_NEW:
            return f"{one.name}: the move is new"
        case DifferenceKind.CALENDAR:
            return f"calendar {one.was} -> {one.now}"
        case _:
            return f"{one.name}: {one.kind.replace('_', ' ')} {one.was or 'none'} -> {one.now or 'none'}"


def _told(found: Impact) -> Iterator[str]:
    for one in found.steps.values():
        if one.is_gone:
            yield f"{one.step}: {one.open} open nominations have no counterpart"
        elif one.open:
            yield (
                f"{one.step}: {one.open} open, {one.later} later, {one.earlier} earlier, {one.overdue} "
                f"overdue at once, {one.held} on hold; {one.rungs_gone} reminders vanish, "
                f"{one.rungs_new} appear"
            )
        if one.stays:
            unclear = f" ({one.unclear} not counted)" if one.unclear else ""
            yield (
                f"    last season: of {one.stays} stays {one.were_late} were late, "
                f"{one.would_be_late} would have been{unclear}"
            )
    for work in found.examples:
        was, due = (f"{at:%Y-%m-%d}" if at else "none" for at in (work.was_at, work.due_at))
        yield f"    nomination {work.nomination_id} ({work.step}): {was} -> {due}"
