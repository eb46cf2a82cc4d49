"""Going back to where each file has one row, and on again: no file is left without its paper."""

from datetime import date
from io import BytesIO
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.council import on_the_heads_desk, people, rows_of
from tests.support.papers import minimal_pdf
from tests.support.yearly import furnish_yearly
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.nominations.commands import Command
from workflow.operations.papers.attach import Archive, NewPaper
from workflow.operations.papers.sign import sign_names
from workflow.store.attachments import Attachment
from workflow.store.paper_files import PaperFolder
from workflow.store.schema import _config, role_of, upgrade

LISTS = 3


def test_going_back_keeps_a_paper_that_lies_there_and_not_one_that_was_taken_away(
    database: Database, session: Session, tmp_path: Path
) -> None:
    office = furnish_yearly(session, now=MONDAY)
    codes = people(office, [f"Người {number}" for number in range(LISTS)])
    ids = [
        one
        for each in on_the_heads_desk(office, [rows_of([code], "CSTDCS") for code in codes], MONDAY)
        for one in each
    ]
    request = MoveRequest("approve", decision=SignedDocument("125/QĐ", date(2026, 3, 2), "Nguyễn Minh Trí"))
    folder = PaperFolder(tmp_path)
    with folder.receive(BytesIO(minimal_pdf()), most_bytes=1024 * 1024) as incoming:
        sign_names(
            session,
            actor=office.actor("head", MONDAY),
            items=[Command(one, None, request, Via.WEB) for one in ids],
            scan=NewPaper(PaperKind.DECISION, "qd.pdf", confirms_not_secret=True, file=incoming),
            archive=Archive(folder, PaperQuota()),
            via=Via.WEB,
            now=MONDAY,
        )
    is_shared = Attachment.storage_name == incoming.storage_name
    first, second, third = session.scalars(select(Attachment.id).where(is_shared).order_by(Attachment.id))
    session.execute(update(Attachment).where(Attachment.id == first).values(removed_at=MONDAY))
    session.commit()
    session.close()
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0040")
        connection.commit()
    engine.dispose()
    upgrade(database.migration_url, application_role=role_of(database.url))
    assert session.scalars(select(Attachment.id).where(is_shared)).all() == [second]
    assert third != second
