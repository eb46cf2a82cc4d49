"""The forms that offices write their lists in, every version with its bytes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.papers.office_forms import FormFormat, FormPurpose
from workflow.store.base import Base, BigKey, known


class UnitForm(Base):
    """A form of one unit, for a purpose and a kind of file; in force until `ended_at`.

    The next version ends the one before, and none is ever changed or removed: what was written in a form can
    be traced to it.
    """

    __tablename__ = "unit_form"
    __table_args__ = (
        known("purpose", FormPurpose),
        known("kind", FormFormat),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 2097152", name="content_size"),
        CheckConstraint("ended_at >= kept_at", name="days_in_order"),
        CheckConstraint("version > 0", name="version_counted"),
        UniqueConstraint("unit_id", "purpose", "kind", "version"),
        Index(
            "uq_unit_form_in_force",
            "unit_id",
            "purpose",
            "kind",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
    )

    id: Mapped[BigKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    purpose: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int]
    filename: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    kept_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
