"""Files that were imported with what each changed, and the days of the calendar that came that way."""

from datetime import date, datetime

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


class ImportedDay(Base):
    """A day off, or a weekend day that is worked, on top of the calendar that ships (docs/adr/0024)."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_off: Mapped[bool]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")


class CalendarRevision(Base):
    """Which days `calendar_day` holds now, in one word: who has read them under it need not read again."""

    __tablename__ = "calendar_revision"

    calendar: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[str]
