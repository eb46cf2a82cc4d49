"""Taking away what uploads left behind that died between their file and their row."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from workflow.clock import Clock
from workflow.store.attachments import Attachment
from workflow.store.database import Sessions
from workflow.store.paper_files import PaperFolder
from workflow.store.reads import reading

# No request lives so long; a file that is younger may still get its row.
_GRACE: Final = timedelta(days=1)
_MOST: Final = 200


def tidy_papers(sessions: Sessions, *, folder: PaperFolder, clock: Clock) -> int:
    """Remove the files of uploads that began over a day ago and never got their row; return how many.

    Only uploads that left their mark are looked at, so that a folder shared with another database by mistake
    loses nothing that was kept.
    """
    begun = folder.pending()
    if not begun:
        return 0
    with reading(sessions) as session:
        before = (clock.now(session) - _GRACE).timestamp()
        names = sorted(name for name, begun_at in begun.items() if begun_at < before)[:_MOST]
        kept = session.scalars(
            select(Attachment.storage_name)
            .where(Attachment.storage_name.in_(names))
            .order_by(Attachment.storage_name)
        ).all()
    return folder.forget(names, kept=frozenset(name for name in kept if name))
