"""`commendo round`: opening, closing, and how far it has come."""

from collections.abc import Iterator

import click

from api.commands.desk import at_desk
from api.commands.output import as_json, tell
from workflow.domain.scope import Scope
from workflow.domain.vocabulary import Via
from workflow.operations.rounds import NewRound, close_round, open_round
from workflow.queries.rounds import RoundStatus, round_status


@click.group(name="round", help="Rounds: open and close one, see how far they have come.")
def rounds() -> None:
    """Hold the commands about rounds."""


@rounds.command(name="open")
@click.argument("code", metavar="CODE")
@click.option("--title", required=True, help="The name others read.")
@click.option("--year", required=True, type=click.IntRange(1945, 2200), help="The year whose clusters count.")
@click.option("--owner", required=True, metavar="UNIT", help="The code of the unit that runs and decides it.")
@as_json
def open_one(code: str, title: str, year: int, owner: str, *, as_json: bool) -> None:
    """Open a round: nominations can be drafted in it from now on."""
    with at_desk() as desk:
        new = NewRound(code, title, year, owner)
        round_id = open_round(desk.session, actor=None, new=new, via=Via.CLI, now=desk.now)
    tell({"id": round_id, "code": code}, lambda: [f"Round {code} is open."], json_wanted=as_json)


@rounds.command(name="close")
@click.argument("code", metavar="CODE")
@as_json
def close_one(code: str, *, as_json: bool) -> None:
    """Close a round to new nominations; those under way go on."""
    with at_desk() as desk:
        close_round(desk.session, actor=None, code=code, via=Via.CLI, now=desk.now)
    tell({"code": code}, lambda: [f"Round {code} is closed to new nominations."], json_wanted=as_json)


@rounds.command(name="status")
@click.argument("code", metavar="[CODE]", required=False)
@as_json
def status(code: str | None, *, as_json: bool) -> None:
    """Say how many nominations each round has at each stage, and how many are past due."""
    with at_desk() as desk:
        found = round_status(desk.session, scope=Scope(is_everything=True), now=desk.now, code=code)
    tell(found, lambda: _described(found), json_wanted=as_json)


def _described(found: list[RoundStatus]) -> Iterator[str]:
    if not found:
        yield "There is no round yet. Open one: commendo round open CODE --title T --year Y --owner UNIT"
    for one in found:
        state = f"closed {one.closed_at:%Y-%m-%d}" if one.closed_at else "open"
        yield f"{one.code}: {one.title} ({one.year}, {one.owner}, {state})"
        stages = ", ".join(f"{stage} {count}" for stage, count in one.stages.items())
        yield f"    {one.nominations} nominations{': ' + stages if stages else ''}; past due: {one.overdue}"
