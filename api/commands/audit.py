"""`commendo audit`: whether history is as it was written, and a part of it to check elsewhere."""

import json
from collections.abc import Iterator

import click

from api.commands.desk import at_desk
from api.commands.output import Refused, as_json, progress, tell
from workflow.queries.audit import MOST_PROBLEMS, Verification, export_stream, verify_chains
from workflow.store.paper_files import PaperFolder


@click.group(help="History: verify its chains, export one stream of it.")
def audit() -> None:
    """Hold the commands about history."""


@audit.command(name="verify")
@as_json
def verify(*, as_json: bool) -> None:
    """Read all of history and every paper; name what is not as it was written, and exit 1 if anything is."""
    with at_desk() as desk:
        progress("Reading history and papers ...")
        folder = PaperFolder(desk.reach.settings.attachments_dir)
        result = verify_chains(desk.session, folder=folder)
    tell(result, lambda: _described(result), json_wanted=as_json)
    if not result.is_whole:
        more = [f"There are more; only {MOST_PROBLEMS} are listed."] if result.is_cut_short else []
        raise Refused([*map(str, result.problems), *more])


@audit.command(name="export")
@click.argument("name", metavar="ID")
@as_json
def export(name: str, *, as_json: bool) -> None:  # noqa: ARG001 - it is JSON, asked for or not
    """Write one stream as JSON, with all that is needed to check it elsewhere.

    ID is the number of a nomination, or a stream such as round:7.
    """
    with at_desk() as desk:
        stream = export_stream(desk.session, name)
    click.echo(json.dumps(stream, ensure_ascii=False, indent=2))


def _described(result: Verification) -> Iterator[str]:
    yield f"{result.events} events in {result.streams} streams, {result.texts} with words."
    if result.erased_texts:
        yield f"{result.erased_texts} texts were erased; their digests are still part of the chains."
    yield f"{result.papers} papers."
    if result.is_whole:
        yield "Every chain is whole."
    yield result.unsealed
