"""`commendo workflow migrate`: what is open on one version of a route goes over to another."""

from collections.abc import Iterator
from typing import Final

import click

from api.commands.bar import bar, steps
from api.commands.desk import at_desk
from api.commands.foresight.route_diff import renaming, versions_named
from api.commands.output import CommandRefused, as_json, tell
from workflow.clock import DatabaseClock
from workflow.domain.vocabulary import Via
from workflow.operations.routes.asked import Going, GoingAsked
from workflow.operations.routes.go_over import go_over, preview_going
from workflow.operations.routes.plan import GoneOver
from workflow.store.reads import end_read

_GOING: Final = "Going over"


@click.command(name="migrate")
@click.option("--from", "before", required=True, metavar="KEY@VERSION", help="The version they are on.")
@click.option("--to", "after", required=True, metavar="KEY@VERSION", help="The version they go over to.")
@click.option("--map", "renamed", multiple=True, metavar="OLD=NEW", help="A step that is called otherwise.")
@click.option("--replan", "replans", is_flag=True, help="Count dates and reminders by the other version too.")
@click.option("--reason", default="", help="Why; it stands in the history of each nomination.")
@click.option("--dry-run", is_flag=True, help="Only show what would go over.")
@as_json
def migrate_route(
    before: str,
    after: str,
    renamed: tuple[str, ...],
    reason: str,
    *,
    replans: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Have all open nominations of one version of a route go over to another; refused as long as one cannot.

    The same stay goes on. Without --replan dates and reminders stay as they are; with it they are counted by
    the other version, and none that has passed by then fires. Cut off half way, it goes on where it was. To
    take it back, go over the other way.
    """
    key, one, other = versions_named(before, after)
    asked = GoingAsked(key, one, other, dict(renaming(text) for text in renamed), replans)
    with at_desk() as desk:
        end_read(desk.session)
        sessions, clock = desk.reach.sessions(), DatabaseClock()
        try:
            with bar(_GOING) as advance:
                going, shown = preview_going(sessions, asked, actor=None, clock=clock, on_step=steps(advance))
            if stuck := [step for step in going.steps if step.problem]:
                raise CommandRefused(
                    [f"{step.step} -> {step.to}: {step.count} stay ({step.problem})" for step in stuck]
                )
            done = shown
            if not dry_run:
                with bar(_GOING) as advance:
                    done = go_over(
                        sessions,
                        asked,
                        actor=None,
                        reason=reason,
                        via=Via.CLI,
                        clock=clock,
                        on_step=steps(advance),
                    )
        finally:
            sessions.kw["bind"].dispose()
    result = {"moved": not dry_run, "steps": list(going.steps), "counts": done.counts()}
    tell(result, lambda: _told(going, done, dry_run=dry_run), json_wanted=as_json)


def _told(going: Going, done: GoneOver, *, dry_run: bool) -> Iterator[str]:
    for step in going.steps:
        yield f"{step.step} -> {step.to}: {step.count} open"
    dates = done.dates
    if going.asked.replans:
        yield (
            f"{dates.later} due later, {dates.earlier} earlier, {dates.kept} kept; {dates.rungs_moved} "
            f"reminders move, {dates.rungs_gone} vanish, {dates.rungs_new} appear; {len(dates.people)} told."
        )
    left = f" {done.left} are in somebody's hands or decided just now: run it again." if done.left else ""
    yield f"{'Would go over' if dry_run else 'Went over'}: {done.moved}.{left}"
