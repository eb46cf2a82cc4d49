"""Kept elsewhere and compared with history as it stands: a checkpoint, an export read by its own script."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_audit import forger, found
from tests.support.office import PAPER, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import InvalidField
from workflow.queries.history.audit import export_stream, verify_chains
from workflow.queries.history.checkpoint import read_checkpoint, write_checkpoint

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = Path(__file__).parents[2] / "docs" / "verify.py"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


@pytest.fixture
def awarded(session: Session, clock: FixedClock, office: Office) -> int:
    """Have somebody awarded: reviewed, voted on and signed."""
    now = clock.now()
    nomination_id = office.draft(now).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act("reviewer", nomination_id, "approve", now)
    office.act("secretary", nomination_id, "approve", now)
    office.act("head", nomination_id, "approve", now, decision=PAPER)
    return nomination_id


def test_a_checkpoint_finds_what_was_cut_off_and_what_is_gone(
    database: Database, session: Session, clock: FixedClock, awarded: int
) -> None:
    seen = read_checkpoint("\n".join(write_checkpoint(session, KEY, now=clock.now())))
    assert verify_chains(session, checkpoint=seen).problems == ()
    session.rollback()
    with forger(database) as connection:
        connection.execute("UPDATE outbox SET event_id = NULL")
        connection.execute("DELETE FROM event_text")
        connection.execute("DELETE FROM event WHERE stream = 'nomination:1' AND seq = 5")
        # Everything that would tell of the cut is set back as well.
        connection.execute(
            "UPDATE nomination SET state = 'decision', stage = 'council', version = 4, decision_id = NULL"
        )
        connection.execute("DELETE FROM decision")
        connection.execute("DELETE FROM event WHERE stream = 'definition:declaration'")
    assert found(database) == []
    with database.sessions() as fresh:
        problems = [str(problem) for problem in verify_chains(fresh, checkpoint=seen).problems]
    assert problems == [
        "definition:declaration: it is cut off: the checkpoint saw 1 events of it",
        "nomination:1: it is cut off: the checkpoint saw 5 events of it",
    ]


def test_a_checkpoint_that_was_edited_is_refused(session: Session, clock: FixedClock, awarded: int) -> None:
    text = "\n".join(write_checkpoint(session, KEY, now=clock.now()))
    for edited, said in (
        (text.replace("nomination:1 5", "nomination:1 4"), "changed after it was signed"),
        ("\n".join(text.splitlines()[:5]), "cut short"),
        ("", "no checkpoint"),
        (text.replace("signature ", "signature zz"), "cut short"),
    ):
        with pytest.raises(InvalidField, match=said):
            read_checkpoint(edited)


def test_an_export_is_verified_by_a_script_of_its_own(session: Session, awarded: int, tmp_path: Path) -> None:
    exported = json.loads(json.dumps(export_stream(session, str(awarded)), ensure_ascii=False))
    assert verified(exported, tmp_path) == (0, "nomination:1: 5 events, whole.")
    exported["events"][4]["data"]["signed"]["signer"] = "Ai đó"
    code, said = verified(exported, tmp_path)
    assert (code, said) == (
        1,
        "nomination:1 #5: its hash does not follow from the event and the one before it",
    )
    exported["events"].pop()
    exported["events"][0]["names"] = exported["events"][0]["names"].replace("Nguyễn", "Trần")
    exported["events"][0]["names"] += " "
    assert verified(exported, tmp_path) == (
        1,
        "nomination:1 #1: the names it tells are not those that were written",
    )
    assert verified({"stream": "x"}, tmp_path)[0] == 2


def verified(exported: dict[str, object], folder: Path) -> tuple[int, str]:
    """Run the verifier as a stranger would: without our packages on its path."""
    file = folder / "export.json"
    file.write_text(json.dumps(exported, ensure_ascii=False), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(VERIFIER), str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    return done.returncode, done.stdout.strip()
