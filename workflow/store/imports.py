"""Files that were imported, with what each changed, so that the last one can be taken back in one step."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base, BigKey


class ImportBatch(Base):
    """One imported file. `changes` lists each row written: table, key, the values before and after."""

    __tablename__ = "import_batch"

    id: Mapped[BigKey]
    kind: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    row_count: Mapped[int]
    changes: Mapped[dict[str, object]]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    imported_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
