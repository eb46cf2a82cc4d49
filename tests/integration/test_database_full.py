"""The disk of the database is full, really: a small one under a private PostgreSQL, filled to the brim."""

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.readiness import Readiness
from tests.conftest import MONDAY, TIMEZONE
from tests.support.interface import DRAFT, Interface, interface_to, settings_for_tests
from tests.support.pages import BASE, browser, give_passwords
from tests.support.servers import places
from workflow import embedded
from workflow.clock import FixedClock
from workflow.operations.setup.publish import publish_shipped
from workflow.operations.sweep.heartbeat import WRITE
from workflow.queries.health import Check
from workflow.queries.history.audit import verify_chains
from workflow.store.database import Sessions, make_engine, make_sessions
from workflow.store.schema import role_of, upgrade

MEGABYTES = 300


@pytest.fixture
def disk() -> Iterator[Path]:
    """Mount a small disk and return it."""
    place = Path(tempfile.mkdtemp(prefix="disk-"))
    mount = ["/usr/bin/env", "mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0711", "tmpfs"]
    if subprocess.run([*mount, str(place)], check=False, capture_output=True).returncode:
        place.rmdir()
        pytest.skip("needs a disk of its own, and this account may not mount one")
    yield place
    subprocess.run(["/usr/bin/env", "umount", str(place)], check=True)
    place.rmdir()


@pytest.fixture
def sessions(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sessions]:
    # Where root's throwaway servers lie.
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    with embedded.start(tmp_path, redis=False, durable=False) as services:
        assert places(tmp_path).home.is_relative_to(disk)
        upgrade(services.migration_url, application_role=role_of(services.database_url))
        engine = make_engine(services.database_url)
        made = make_sessions(engine, timezone=TIMEZONE)
        with made() as session:
            publish_shipped(session, now=MONDAY)
        yield made
        engine.dispose()


def fill(disk: Path) -> Path:
    """Take all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)):
                pass
        except OSError:
            os.fsync(file.fileno())
    return filler


def written(sessions: Sessions) -> Check:
    [check] = [one for one in Readiness(sessions, []).checks() if one.name == WRITE]
    return check


def drafts(office: Interface, people: list[str]) -> list[tuple[int, str]]:
    """Draft with a long text that cannot be packed until the database takes no more."""
    answers = []
    for person in people:
        body = {**DRAFT, "person": person, "achievement": secrets.token_hex(9_000)}
        answer = office.post("nominator", "/nominations", body)
        answers.append((answer.status_code, answer.json.get("code", "")))
    return answers


def test_a_full_disk_of_the_database_is_said_with_its_remedy_and_over_when_there_is_room(
    disk: Path, sessions: Sessions, tmp_path: Path, clock: FixedClock
) -> None:
    with sessions() as session:
        office = interface_to(session, sessions, clock, settings_for_tests(tmp_path / "edge"))
        give_passwords(session)
        office.token("nominator")
        seated = browser(sessions, clock, data_dir=tmp_path / "edge")
        assert seated.sign_in("nv01@example.vn").status_code == 303
        assert written(sessions).is_ok
        filler = fill(disk)

        red = written(sessions)
        assert (red.is_ok, red.detail) == (False, "the database's disk is full")
        assert red.since is not None
        assert "Make room" in (red.remedy or "")

        answers = drafts(office, ["NV02", "NV03", "NV04", "NV05"])
        assert answers[-1] == (503, "database-full"), answers
        body = {**DRAFT, "person": "NV05", "achievement": secrets.token_hex(9_000)}
        said = office.post("nominator", "/nominations", body, headers={"Accept-Language": "vi"}).json
        assert (said["title"], "PostgreSQL" in said["detail"]) == ("Ổ đĩa của cơ sở dữ liệu đã đầy", True)
        # What was there is still read.
        assert seated.client.get("/nominations", base_url=BASE).status_code == 200

        filler.unlink()
        assert written(sessions).is_ok
        assert drafts(office, ["NV05"]) == [(201, "")]
        assert verify_chains(session).is_whole
