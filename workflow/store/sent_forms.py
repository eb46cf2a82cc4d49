"""Forms whose answer is a page, kept for some days: the page has an address, which needs no form."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.sent_forms import MOST_BYTES
from workflow.store.base import Base, object_in


class SentForm(Base):
    """What somebody typed and ticked in one form, nobody else's: `fields` are its names and texts in order.

    `noted` is what its answer says of the moment at which it was sent and nothing tells afterwards. What a
    decision came to is told by `request_key`, under the same key and the same address (docs/adr/0103).
    """

    __tablename__ = "sent_form"
    __table_args__ = (
        CheckConstraint(f"octet_length(fields::text) <= {MOST_BYTES}", name="fields_size"),
        CheckConstraint("jsonb_typeof(fields) = 'array'", name="fields_listed"),
        object_in("noted"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    fields: Mapped[list[list[str]]] = mapped_column(JSONB)
    noted: Mapped[dict[str, object]]
    sent_at: Mapped[datetime]
