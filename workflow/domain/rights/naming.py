"""Who may be told of a comment that names them: who reads it and sees the nomination, never the nominee."""

from dataclasses import dataclass

from workflow.domain.facts import Facts
from workflow.domain.remarks import Audience
from workflow.domain.rights.comments import reads_comment, standpoint
from workflow.domain.rights.routing import split_key
from workflow.domain.rights.scope import (
    SUBTREE_ROLES,
    Depth,
    Tree,
    keys_over,
    place_of,
    scope_of,
    sees,
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with a seat that may have to do with a nomination, and the keys they hold there."""

    account_id: int
    name: str
    email: str
    person_id: int | None
    keys: frozenset[str]


def sees_file(one: Colleague, facts: Facts, tree: Tree) -> bool:
    """Return whether a colleague sees the nomination and is not its nominee."""
    is_nominee = one.person_id is not None and one.person_id == facts.subject_person_id
    scope = scope_of(one.account_id, one.keys, tree)
    return not is_nominee and sees(scope, Depth.NAME, place_of(facts))


def hears_as(
    one: Colleague, facts: Facts, tree: Tree, *, starter: str, audience: Audience, seat: str | None
) -> str | None:
    """Return with which of their keys a colleague reads what is for these readers, None where with none.

    `starter` is the role that drafts on the route; `seat` the one that the author writes in.
    """
    if not sees_file(one, facts, tree):
        return None
    scope = scope_of(one.account_id, one.keys, tree)
    keys = keys_over(one.keys, scope, unit_id=facts.unit_id, audience=facts.audience)
    for key in sorted(keys):
        role, place = split_key(key)
        # Who sits elsewhere reads nothing here by that seat, not even what is for everybody.
        if place not in facts.audience and role not in SUBTREE_ROLES:
            continue
        # Asked of each key alone: while they hold that one they read it, whatever else they lose.
        alone = standpoint(one.account_id, {key}, audience=facts.audience, starter=starter, is_nominee=False)
        if reads_comment(alone, audience, seat, None):
            return key
    return None
