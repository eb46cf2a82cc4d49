"""Files that were imported with what each changed; the days that came that way, and what calendars were."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.time.workdays import CalendarName
from workflow.store.base import Base, BigKey, known


def _in_order() -> tuple[CheckConstraint, ...]:
    """Return what a row of hours holds to, as `OfficeHours` does."""
    noon = (
        "num_nulls(noon_from, noon_to) = 2 OR num_nulls(noon_from, noon_to) = 0"
        " AND opens < noon_from AND noon_from < noon_to AND noon_to < closes"
    )
    minutes = (
        "extract(second FROM opens) + extract(second FROM closes) = 0 AND"
        " extract(second FROM coalesce(noon_from, opens)) + extract(second FROM coalesce(noon_to, opens)) = 0"
    )
    return (
        CheckConstraint("closes > opens", name="closes_later"),
        CheckConstraint(noon, name="noon_inside"),
        CheckConstraint(minutes, name="whole_minutes"),
        CheckConstraint("name <> ''", name="named"),
    )


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


class ImportUpload(Base):
    """The file that somebody looked at in the browser and has not imported yet: one for each account."""

    __tablename__ = "import_upload"
    __table_args__ = (CheckConstraint("octet_length(content) <= 8388608", name="content_size"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str]
    filename: Mapped[str]
    sheet: Mapped[str | None]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_at: Mapped[datetime]


class ImportedDay(Base):
    """A day off, or a weekend day that is worked, on top of the calendar that ships (docs/adr/0024)."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_off: Mapped[bool]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")


class UnitClosure(Base):
    """A day on which one unit differs from the rest: closed, or at work where the others are not."""

    __tablename__ = "unit_closure"
    __table_args__ = (CheckConstraint("name <> ''", name="named"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    is_off: Mapped[bool]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")


class ImportedHours(Base):
    """The hours of every office from a day on, until the next row."""

    __tablename__ = "office_hours"
    __table_args__ = _in_order()

    from_day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[time]
    closes: Mapped[time]
    noon_from: Mapped[time | None]
    noon_to: Mapped[time | None]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")


class UnitHours(Base):
    """The hours of one unit from a day on, in the place of everybody's."""

    __tablename__ = "unit_hours"
    __table_args__ = _in_order()

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    from_day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[time]
    closes: Mapped[time]
    noon_from: Mapped[time | None]
    noon_to: Mapped[time | None]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")


class CalendarVersion(Base):
    """What a calendar held while it had a version, kept for ever: it explains the due dates counted by it.

    `days` lists each day with `is_off`, `name` and `source`; only weekends are known outside the years from
    `first_day` to `last_day`. `hours` lists those of offices, each with the day from which they count.
    """

    __tablename__ = "calendar_version"
    __table_args__ = (
        known("calendar", [name for name in CalendarName if name is not CalendarName.LOCAL]),
        CheckConstraint("last_day >= first_day", name="years_in_order"),
        CheckConstraint("jsonb_typeof(days) = 'array'", name="days_listed"),
        CheckConstraint("jsonb_typeof(hours) = 'array'", name="hours_listed"),
    )

    version: Mapped[str] = mapped_column(primary_key=True)
    calendar: Mapped[str]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    days: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    noted_at: Mapped[datetime]
    hours: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]")


class CalendarRevision(Base):
    """What the tables of days and hours hold now, in one word: who read them under it need not read again."""

    __tablename__ = "calendar_revision"

    calendar: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[str]
