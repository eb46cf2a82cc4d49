"""Idempotency keys: inserted first, so that a concurrent twin waits and then gets the same answer."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import KeyReused
from workflow.domain.rights.policy import Actor
from workflow.store.base import table_of
from workflow.store.history import RequestKey
from workflow.store.statements import Statement


@dataclass(frozen=True, slots=True)
class Claim:
    """An Idempotency-Key with what it was used for: the route and a MAC of the body, never the body."""

    key: str
    route: str
    mac: bytes


_KEYS = table_of(RequestKey)
_INSERT = Statement(insert(_KEYS).on_conflict_do_nothing())
_SETTLE = Statement(
    update(_KEYS)
    .where(_KEYS.c.actor_id == bindparam("who"), _KEYS.c.key == bindparam("which"))
    .values(result=bindparam("answer"))
)


def claim_key(
    session: Session, claim: Claim | None, *, actor: Actor | None, now: datetime
) -> dict[str, object] | None:
    """Take the key for this request, or return the answer it already got.

    Raises `KeyReused` when the key was used for another request. The row lives and dies with the caller's
    transaction, so refusals are not kept. The command line, which speaks without an actor, has no key.
    """
    if claim is None or actor is None:
        return None
    taken = _INSERT.run(
        session,
        {
            "actor_id": actor.account_id,
            "key": claim.key,
            "route": claim.route,
            "mac": claim.mac,
            "created_at": now,
        },
    )
    if taken == 1:
        return None
    seen = session.execute(
        select(RequestKey.route, RequestKey.mac, RequestKey.result).where(
            RequestKey.actor_id == actor.account_id, RequestKey.key == claim.key
        )
    ).one()
    if seen.route != claim.route or not compare_digest(seen.mac, claim.mac):
        raise KeyReused("This Idempotency-Key came before with another request; use a new key.")
    result: dict[str, object] = seen.result
    return result


def settle_key(
    session: Session, claim: Claim | None, *, actor: Actor | None, result: dict[str, object]
) -> None:
    """Remember where the answer to this request can be read again."""
    if claim is not None and actor is not None:
        _SETTLE.run(session, {"who": actor.account_id, "which": claim.key, "answer": result})
