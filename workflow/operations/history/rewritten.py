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


def rewritten(session: Session, nomination_id: int, said: Mapping[str, str]) -> tuple[Mapping[str, str], str]:
    """Return the words that will read otherwise, and those written over, as the JSON text the entry keeps.

    They are words of the event: the chain covers a salted digest, so that they can be erased.
    """
    columns = [getattr(Nomination, name) for name in said]
    row = session.execute(select(*columns).where(Nomination.id == nomination_id)).mappings().one()
    values = {name: words for name, words in said.items() if words != (row[name] or "")}
    return values, canonical({name: row[name] or "" for name in values})
