"""Whoever may mend what went wrong, with the sight that this right gives: as far as it reaches."""

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor, mending_keys
from workflow.domain.rights.scope import needs_tree, scope_of
from workflow.store.people import load_actor, load_tree


def load_mender(session: Session, account_id: int, *, today: date) -> Actor | None:
    """Return an account as it may mend today, None where it may not."""
    actor = load_actor(session, account_id, today=today)
    return None if actor is None else as_mender(session, actor, today=today)


def as_mender(session: Session, actor: Actor, *, today: date) -> Actor | None:
    """Return the actor with the sight of their supervising and administering alone, None where they do not.

    Who may also look elsewhere, as an auditor, mends nothing there.
    """
    keys = mending_keys(actor)
    if not keys:
        return None
    tree = load_tree(session, today=today) if needs_tree(keys) else {}
    return replace(actor, scope=scope_of(actor.account_id, keys, tree))
