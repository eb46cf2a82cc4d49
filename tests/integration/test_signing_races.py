"""A head at two screens: two presses at one instant sign once, and keep one scan."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.council import on_the_heads_desk, people, rows_of
from tests.support.papers import minimal_pdf
from tests.support.patience import PATIENCE
from tests.support.yearly import furnish_yearly
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.nominations.commands import Command
from workflow.operations.papers.attach import Archive, NewPaper
from workflow.operations.papers.sign import Signed, sign_names
from workflow.store.attachments import Attachment
from workflow.store.history import Event
from workflow.store.nominations import Decision, Nomination
from workflow.store.paper_files import PaperFolder

LISTS, NAMES = 4, 12
DOCUMENT = SignedDocument("125/QĐ-VKSTC", date(2026, 3, 2), "Nguyễn Minh Trí")
MOST = 1024 * 1024


def test_two_presses_at_once_sign_once_and_keep_one_scan(
    database: Database, session: Session, tmp_path: Path
) -> None:
    office = furnish_yearly(session, now=MONDAY)
    codes = people(office, [f"Người {number}" for number in range(NAMES)])
    lists = [rows_of(codes[place::LISTS], "CSTDCS") for place in range(LISTS)]
    ids = [one for each in on_the_heads_desk(office, lists, MONDAY) for one in each]
    version = session.get_one(Nomination, ids[0], populate_existing=True).version
    actor, barrier, folder = office.actor("head", MONDAY), Barrier(2), PaperFolder(tmp_path)

    def press(order: list[int]) -> Signed:
        request = MoveRequest("approve", decision=DOCUMENT)
        items = [Command(one, version, request, Via.WEB) for one in order]
        with (
            database.sessions() as own,
            folder.receive(BytesIO(minimal_pdf()), most_bytes=MOST) as incoming,
        ):
            own.connection()
            barrier.wait(timeout=PATIENCE)
            scan = NewPaper(PaperKind.DECISION, "qd.pdf", confirms_not_secret=True, file=incoming)
            return sign_names(
                own,
                actor=actor,
                items=items,
                scan=scan,
                archive=Archive(folder, PaperQuota()),
                via=Via.WEB,
                now=MONDAY,
            )

    with ThreadPoolExecutor(2) as threads:
        ends = list(threads.map(press, [ids, ids[::-1]]))
    assert sorted((len(one.names.done), one.scans) for one in ends) == [(0, 0), (NAMES, LISTS)]
    assert session.scalar(select(func.count()).where(Event.dest == "approved")) == NAMES
    assert session.scalar(select(func.count()).where(Decision.kind == "decision")) == 1
    names = session.scalars(select(Attachment.storage_name).where(Attachment.kind == "decision")).all()
    assert (len(names), len(set(names))) == (LISTS, 1)
    # Of the other press nothing is left on the disk.
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [names[0]]


def test_a_scan_on_many_lists_counts_once_for_whoever_brought_it(session: Session, tmp_path: Path) -> None:
    office = furnish_yearly(session, now=MONDAY)
    codes = people(office, [f"Người {number}" for number in range(NAMES)])
    lists = [rows_of(codes[place::LISTS], "CSTDCS") for place in range(LISTS)]
    ids = [one for each in on_the_heads_desk(office, lists, MONDAY) for one in each]
    version = session.get_one(Nomination, ids[0], populate_existing=True).version
    folder = PaperFolder(tmp_path)
    # A megabyte a day: as much as one such scan, and not as much as four.
    content = minimal_pdf() + b"%" + b"x" * (600 * 1024) + b"\n%%EOF\n"
    with folder.receive(BytesIO(content), most_bytes=MOST) as incoming:
        signed = sign_names(
            session,
            actor=office.actor("head", MONDAY),
            items=[Command(one, version, MoveRequest("approve", decision=DOCUMENT), Via.WEB) for one in ids],
            scan=NewPaper(PaperKind.DECISION, "qd.pdf", confirms_not_secret=True, file=incoming),
            archive=Archive(folder, PaperQuota(account_megabytes=1)),
            via=Via.WEB,
            now=MONDAY,
        )
    assert (len(signed.names.done), signed.scans) == (NAMES, LISTS)
