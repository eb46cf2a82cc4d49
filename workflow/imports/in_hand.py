"""What imports do to work in somebody's hands: it goes back to its group where it may be theirs no more."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, any_, literal, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.imports.ledger import Write
from workflow.operations.deadlines.claims import release_claims_of
from workflow.store.access import Account
from workflow.store.base import among
from workflow.store.conditions import is_open
from workflow.store.nominations import WorkItem


def give_back(
    session: Session, account_ids: Collection[int], *, actor: Actor | None, via: Via, now: datetime
) -> None:
    """Give back what these accounts have in hand and could not take today."""
    for account_id in _with_work(session, account_ids):
        release_claims_of(session, account_id, actor=actor, via=via, now=now)


def give_back_of_movers(
    session: Session, kept: Iterable[Write], *, actor: Actor | None, via: Via, now: datetime
) -> None:
    """Give back what is about the unit that somebody moved to: where clusters compare, its people do not."""
    moved = {
        int(str(one.key["id"]))
        for one in kept
        if one.table == "person" and one.before and one.after and "unit_id" in one.after
    }
    if moved:
        theirs = session.scalars(select(Account.id).where(among(Account.person_id, moved)))
        give_back(session, theirs.all(), actor=actor, via=via, now=now)


def _with_work(session: Session, account_ids: Collection[int]) -> Sequence[int]:
    """Return in order those of the accounts that took work which is open."""
    ids = literal(sorted(account_ids), ARRAY(BigInteger))
    taken = (
        select(WorkItem.assignee_id).where(WorkItem.assignee_id == any_(ids), is_open(WorkItem)).distinct()
    )
    return sorted(one for one in session.scalars(taken) if one is not None)
