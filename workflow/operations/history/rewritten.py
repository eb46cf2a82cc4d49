"""What an edit of a dossier's words changes, and the words that stood there before, kept with its entry."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.history.attested import canonical
from workflow.domain.text import normalise
from workflow.store.nominations import Nomination


def cleaned(achievement: str | None, proposer: str | None) -> dict[str, str]:
    """Return the words to write by the name of their field, without those that stay."""
    values = {}
    if achievement is not None:
        values["achievement"] = normalise(achievement, field="achievement")
    if proposer is not None:
        values["proposer"] = normalise(proposer, field="proposer", single_line=True)
    return values


def words_before(session: Session, nomination_id: int, values: Mapping[str, str]) -> str:
    """Return the words that are about to be written over, as the JSON text that the entry keeps.

    They are words of the event: the chain covers a salted digest, so that they can be erased.
    """
    columns = [getattr(Nomination, name) for name in values]
    row = session.execute(select(*columns).where(Nomination.id == nomination_id)).mappings().one()
    return canonical({name: row[name] or "" for name in values})
