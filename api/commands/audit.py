"""`commendo audit`: whether history is as it was written, and a part of it to check elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.commands.desk import at_desk
from api.commands.output import CommandRefused, as_json, progress, tell
from workflow.domain.vocabulary import Via
from workflow.operations.history.checkpoints import note_checkpoint
from workflow.queries.history.audit import MOST_PROBLEMS, Verification, export_stream, verify_chains
from workflow.queries.history.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from workflow.store.paper_files import PaperFolder
from workflow.store.reads import end_read, reading_at_one_instant


@click.group(help="History: verify its chains, export one stream of it.")
def audit() -> None:
    """Hold the commands about history."""


@audit.command(name="verify")
@click.option("--checkpoint", type=click.File(encoding="utf-8"), help="Compare with what this file saw.")
@click.option("--key", metavar="HEX", help="The public key that signed it, if it is not this installation's.")
@as_json
def verify(*, checkpoint: IO[str] | None, key: str | None, as_json: bool) -> None:
    """Read all of history and every paper; name what is not as it was written, and exit 1 if anything is."""
    with at_desk() as desk:
        settings = desk.reach.settings
        trusted = key or _public(settings.audit_key)
        seen = _trusted(checkpoint.read(), trusted) if checkpoint else None
        progress("Reading history and papers ...")
        folder = PaperFolder(settings.attachments_dir)
        end_read(desk.session)
        sessions = desk.reach.sessions()
        try:
            with reading_at_one_instant(sessions) as session:
                result = verify_chains(session, folder=folder, checkpoint=seen)
        finally:
            sessions.kw["bind"].dispose()
    tell(result, lambda: _described(result), json_wanted=as_json)
    if not result.is_whole:
        more = [f"There are more; only {MOST_PROBLEMS} are listed."] if result.is_cut_short else []
        raise CommandRefused([*map(str, result.problems), *more])


@audit.command(name="checkpoint")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; else stdout."
)
def checkpoint(out: Path | None) -> None:
    """Write where every stream of history ends, signed. Keep it on another machine, and its key with it.

    `audit verify --checkpoint FILE` then finds what was cut off since, or deleted whole.
    """
    with at_desk() as desk:
        key = Ed25519PrivateKey.from_private_bytes(desk.reach.settings.audit_key)
        text = "\n".join([*write_checkpoint(desk.session, key, now=desk.now), ""])
        end_read(desk.session)
        note_checkpoint(desk.session, text, actor=None, via=Via.CLI, now=desk.now)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise CommandRefused([f"{out} cannot be written: {problem.strerror}."]) from problem
    click.echo(f"Written to {out}. Keep the key elsewhere too: {_public(desk.reach.settings.audit_key)}")


def _trusted(text: str, key: str) -> Checkpoint:
    found = read_checkpoint(text)
    if found.public_key != key.lower():
        raise CommandRefused(
            [f"The checkpoint was signed by another key: {found.public_key}. Trust it with --key."]
        )
    return found


def _public(secret: bytes) -> str:
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw().hex()


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
