"""Papers of a nomination, a submission or a unit's answer: the rows; the bytes lie in the data folder."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base


class Attachment(Base):
    """One paper: a file under a random name, or the stub of a secret one that stays in its safe.

    A file has size, media type and SHA-256; a stub has `secret_number` and `secret_place` instead. Whoever
    uploads a file confirms that nothing in it is a state secret. Removed papers keep their row. One file may
    lie at many, such as the scan of a decision on many lists: it is kept once, under one `storage_name`.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(nomination_id, submission_id, expected_return_id) = 1",
            name="one_root",
        ),
        CheckConstraint(
            "(storage_name IS NULL) = (secret_number IS NOT NULL)"
            " AND (storage_name IS NULL) = (sha256 IS NULL)"
            " AND (storage_name IS NULL) = (byte_count IS NULL)",
            name="file_or_stub",
        ),
        Index("ix_attachment_nomination", "nomination_id"),
        Index("ix_attachment_submission", "submission_id"),
        Index("ix_attachment_expected_return", "expected_return_id"),
        Index("ix_attachment_uploaded_by", "uploaded_by", "uploaded_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    nomination_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    expected_return_id: Mapped[int | None] = mapped_column(ForeignKey("expected_return.id"))
    kind: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str | None]
    byte_count: Mapped[int | None]
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    storage_name: Mapped[str | None] = mapped_column(index=True)
    secret_number: Mapped[str | None]
    secret_place: Mapped[str | None]
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
