"""Papers on the disk and in the record: half-way, killed in between, at once, gone, changed."""

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import Office, furnish
from tests.support.papers import minimal_pdf
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, FileTooLarge, Forbidden, NotFound, UnknownFileType
from workflow.domain.facts import OfflineStep, SignedDocument
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.papers.attach import Archive, Filed, NewPaper, attach
from workflow.operations.papers.remove import remove
from workflow.operations.papers.tidy import tidy_papers
from workflow.queries.history.audit import verify_chains
from workflow.queries.papers import find_paper, papers_of
from workflow.store.attachments import Attachment
from workflow.store.database import Sessions
from workflow.store.nominations import Nomination
from workflow.store.paper_files import PaperFolder

LIMIT = 1024 * 1024
PDF = minimal_pdf()


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


@pytest.fixture
def folder(tmp_path: Path) -> PaperFolder:
    return PaperFolder(tmp_path / "data" / "attachments")


@pytest.fixture
def target(office: Office, clock: FixedClock) -> Target:
    return Target(PaperRoot.NOMINATION, office.draft(clock.now()).nomination_id)


@dataclass(frozen=True)
class Cabinet:
    """A folder of papers with one nomination to file them to."""

    office: Office
    folder: PaperFolder
    target: Target
    clock: FixedClock

    def file(self, session: Session, content: bytes = PDF) -> Filed:
        """Have the nominator attach a report."""
        with self.folder.receive(BytesIO(content), most_bytes=LIMIT) as incoming:
            return attach(
                session,
                actor=Office(self.office.ids, session).actor("nominator", self.clock.now()),
                target=self.target,
                paper=NewPaper(
                    PaperKind.ACHIEVEMENT_REPORT, "báo cáo.pdf", confirms_not_secret=True, file=incoming
                ),
                archive=Archive(self.folder, PaperQuota()),
                via=Via.API,
                now=self.clock.now(),
            )

    def tidy(self, sessions: Sessions) -> int:
        return tidy_papers(sessions, folder=self.folder, clock=self.clock)

    def age(self, path: Path) -> None:
        """Let a file be as old as the clock says."""
        os.utime(path, (self.clock.now().timestamp(),) * 2)


@pytest.fixture
def cabinet(office: Office, folder: PaperFolder, target: Target, clock: FixedClock) -> Cabinet:
    return Cabinet(office, folder, target, clock)


def kept(folder: PaperFolder) -> list[Path]:
    return [path for path in folder.root.rglob("*") if path.is_file()]


def test_a_file_lies_under_a_random_name_for_its_owner_alone(session, cabinet, folder) -> None:
    filed = cabinet.file(session)
    (path,) = kept(folder)
    row = session.get_one(Attachment, filed.attachment_id)
    assert path.name == row.storage_name
    assert "báo" not in str(path.relative_to(folder.root))
    assert path.parent.parent.parent == folder.root
    assert path.stat().st_mode & 0o777 == 0o600
    assert all(parent.stat().st_mode & 0o077 == 0 for parent in (path.parent, folder.root))
    assert row.sha256 == sha256(minimal_pdf()).digest() == folder.digest(row.storage_name)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [(minimal_pdf() + b" " * LIMIT, FileTooLarge), (minimal_pdf()[:200], UnknownFileType)],
)
def test_a_file_that_is_not_taken_leaves_nothing(folder, content, refusal) -> None:
    with pytest.raises(refusal), folder.receive(BytesIO(content), most_bytes=LIMIT):
        pass
    assert kept(folder) == []


def test_a_sender_who_breaks_off_half_way_leaves_nothing(folder) -> None:
    class Broken(BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(100)

    with pytest.raises(ConnectionResetError), folder.receive(Broken(minimal_pdf()), most_bytes=LIMIT):
        pass
    assert kept(folder) == []


def test_a_refused_paper_leaves_neither_row_nor_file(session, office, folder, target, clock) -> None:
    now = clock.now()
    paper = NewPaper(PaperKind.OTHER, "x.pdf", confirms_not_secret=True)
    for part, refusal in (("stranger", NotFound), ("admin", Forbidden)):
        with (
            pytest.raises(refusal),
            folder.receive(BytesIO(minimal_pdf()), most_bytes=LIMIT) as incoming,
        ):
            attach(
                session,
                actor=office.actor(part, now),
                target=target,
                paper=replace(paper, file=incoming),
                archive=Archive(folder, PaperQuota()),
                via=Via.API,
                now=now,
            )
        session.rollback()
    assert kept(folder) == []
    assert session.scalar(select(func.count()).select_from(Attachment)) == 0


_DIE = """
import os, sys
from pathlib import Path
from workflow.store.paper_files import PaperFolder
folder = PaperFolder(Path(sys.argv[1]))
with folder.receive(sys.stdin.buffer, most_bytes=10**6) as incoming:
    if sys.argv[2] == "kept":
        folder.keep(incoming)
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("moment", ["received", "kept"])
def test_what_a_killed_upload_left_is_tidied_after_a_day_and_nothing_else(
    database: Database, session, cabinet, folder, moment
) -> None:
    cabinet.file(session)
    (honest,) = kept(folder)
    died = subprocess.run(
        [sys.executable, "-c", _DIE, str(folder.root), moment], input=minimal_pdf("khác"), check=False
    )
    assert died.returncode == -9
    left = [path for path in kept(folder) if path != honest]
    assert len(left) == (2 if moment == "kept" else 1)
    for path in left:
        cabinet.age(path)
    assert cabinet.tidy(database.sessions) == 0
    cabinet.clock.advance(timedelta(hours=25))
    assert cabinet.tidy(database.sessions) == 1
    assert kept(folder) == [honest]
    assert cabinet.tidy(database.sessions) == 0


def test_a_commit_that_came_through_unheard_keeps_its_file(
    database: Database, session, cabinet, folder
) -> None:
    filed = cabinet.file(session)
    name = session.get_one(Attachment, filed.attachment_id).storage_name
    (path,) = kept(folder)
    mark = folder.root / "pending" / name
    os.link(path, mark)
    cabinet.age(mark)
    cabinet.clock.advance(timedelta(hours=25))
    cabinet.tidy(database.sessions)
    assert kept(folder) == [path]


def test_two_at_once_file_one_row(database: Database, session, cabinet, folder) -> None:
    start, found = Barrier(2), []

    def run() -> None:
        with database.sessions() as own:
            start.wait()
            found.append(cabinet.file(own))

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filed.is_new for filed in found) == [False, True]
    assert len({filed.attachment_id for filed in found}) == 1
    assert len(kept(folder)) == 1
    session.expire_all()
    assert session.get_one(Nomination, cabinet.target.id).version == 2


def test_verify_finds_a_file_that_is_gone_or_another_one(session, cabinet, folder) -> None:
    filed = cabinet.file(session)
    whole = verify_chains(session, folder=folder)
    assert (whole.is_whole, whole.papers) == (True, 1)
    (path,) = kept(folder)
    path.write_bytes(minimal_pdf("khác"))
    found = [str(problem) for problem in verify_chains(session, folder=folder).problems]
    assert found == [f"paper:{filed.attachment_id}: its file is not the one that was attached"]
    path.unlink()
    found = [str(problem) for problem in verify_chains(session, folder=folder).problems]
    assert found == [f"paper:{filed.attachment_id}: its file is not there or cannot be read"]


def test_the_nominee_reads_the_minutes_with_the_result(session, office, folder, clock) -> None:
    now = clock.now()
    own = Target(PaperRoot.NOMINATION, office.draft(now, person_code="NV01").nomination_id)
    office.act("nominator", own.id, "submit", now)
    with folder.receive(BytesIO(minimal_pdf()), most_bytes=LIMIT) as incoming:
        filed = attach(
            session,
            actor=office.actor("reviewer", now),
            target=own,
            paper=NewPaper(
                PaperKind.MEETING_MINUTES, "biên bản.pdf", confirms_not_secret=True, file=incoming
            ),
            archive=Archive(folder, PaperQuota()),
            via=Via.API,
            now=now,
        )
    nominee, reviewer = office.actor("nominator", now), office.actor("reviewer", now)
    (seen,) = papers_of(session, actor=nominee, target=own, now=now).items
    assert (seen.is_withheld, seen.filename, seen.uploaded_by) == (True, "", None)
    with pytest.raises(NotFound):
        find_paper(session, actor=nominee, attachment_id=filed.attachment_id, now=now)
    assert find_paper(session, actor=reviewer, attachment_id=filed.attachment_id, now=now).byte_count


def test_the_scan_of_a_step_done_on_paper_stays(session, cabinet) -> None:
    now, office = cabinet.clock.now(), cabinet.office
    filed = cabinet.file(session)
    office.act("nominator", cabinet.target.id, "submit", now)
    paper = SignedDocument("12/BB", now.date(), "Nguyễn Văn An")
    step = OfflineStep("unit_reviewer@unit:VKS-AG", paper, filed.attachment_id)
    office.act("nominator", cabinet.target.id, "approve", now, on_paper=step, occurred_on=now.date())
    with pytest.raises(Conflict) as refused:
        remove(
            session,
            actor=office.actor("secretary", now),
            attachment_id=filed.attachment_id,
            reason="Nhầm tệp",
            via=Via.API,
            now=now,
        )
    assert [reason.code for reason in refused.value.reasons] == ["paper_in_use"]
