"""Whom a rung means when it fires: from `holder` or `next_level` to the accounts that sit there today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.facts import Facts
from workflow.domain.rights.routing import Holder, escalation_keys, first_staffed, split_key, unit_of
from workflow.domain.vocabulary import Recipient, Role
from workflow.store.access import Account
from workflow.store.conditions import is_active
from workflow.store.people import load_ancestors, load_holders

_HOLDS_THE_WORK = frozenset({Recipient.HOLDER, Recipient.GROUP})


@dataclass(frozen=True, slots=True)
class RungRecipients:
    """The accounts a rung tells; `key` is the seat they are told in, None for whoever took the work."""

    key: str | None
    account_ids: tuple[int, ...]


def resolve_recipients(
    session: Session, facts: Facts, wanted: Iterable[Recipient], *, today: date
) -> dict[Recipient, RungRecipients]:
    """Return for each word of a ladder the people it means today; nobody where all chairs are empty.

    The subject of a nomination is never asked to hurry it. Beyond the holder the first staffed seat is told
    whose people do not hold the late work themselves: where the head is the holder, the next level.
    """
    owner_key = facts.owner_key
    if owner_key is None:
        return {}
    council = facts.seats.council
    chains = {
        word: _chain(session, word, owner_key, council, today) for word in set(wanted) - _HOLDS_THE_WORK
    }
    keys = {owner_key, *(key for chain in chains.values() for key in chain)}
    holders = load_holders(session, keys, today=today)
    subject = {
        holder.account_id
        for people in holders.values()
        for holder in people
        if holder.person_id is not None and holder.person_id == facts.subject_person_id
    }
    group = RungRecipients(owner_key, tuple(_accounts(holders.get(owner_key, ())) - subject))
    holder = _assignee(session, facts) or group
    taken = frozenset(subject | set(holder.account_ids))
    told = {Recipient.GROUP: group, Recipient.HOLDER: holder}
    return told | {word: _above(chain, holders, taken) for word, chain in chains.items()}


def resolve_return_recipients(
    session: Session,
    owner_key: str,
    wanted: Iterable[Recipient],
    *,
    accountable_id: int | None,
    today: date,
) -> dict[Recipient, RungRecipients]:
    """Return whom each word means for the paper that a unit owes: who writes it, its head, the level above.

    Where nobody writes for the unit, whoever answers for it is reminded instead.
    """
    chains = {word: _chain(session, word, owner_key, None, today) for word in set(wanted) - _HOLDS_THE_WORK}
    keys = {owner_key, *(key for chain in chains.values() for key in chain)}
    holders = load_holders(session, keys, today=today)
    group = RungRecipients(owner_key, tuple(sorted(_accounts(holders.get(owner_key, ())))))
    if not group.account_ids and accountable_id is not None:
        group = _active(session, accountable_id) or group
    taken = frozenset(group.account_ids)
    told = {Recipient.GROUP: group, Recipient.HOLDER: group}
    return told | {word: _above(chain, holders, taken) for word, chain in chains.items()}


def _chain(
    session: Session, word: Recipient, owner_key: str, council: str | None, today: date
) -> tuple[str, ...]:
    """List the seats to try for a word, nearest first; all end with the supervisors on the way up."""
    home = unit_of(split_key(owner_key)[1])
    ancestors = load_ancestors(session, [home], today=today)[home] if home else ()
    above = escalation_keys(owner_key, ancestors, above_head=word is Recipient.NEXT_LEVEL)
    if word is not Recipient.STANDING_BODY or council is None:
        return above
    seat = f"council:{council}"
    return (f"{Role.APPRAISER}@{seat}", f"{Role.COUNCIL_SECRETARY}@{seat}", *above)


def _assignee(session: Session, facts: Facts) -> RungRecipients | None:
    """Return whoever took the work, unless that account was disabled since: then it is the group's again."""
    return None if facts.assignee_id is None else _active(session, facts.assignee_id)


def _active(session: Session, account_id: int) -> RungRecipients | None:
    active = session.scalar(select(Account.id).where(Account.id == account_id, is_active(Account)))
    return RungRecipients(None, (active,)) if active is not None else None


def _above(
    chain: Sequence[str], holders: Mapping[str, Sequence[Holder]], taken: frozenset[int]
) -> RungRecipients:
    found = first_staffed(chain, holders, told_already=taken)
    return RungRecipients(found[0], tuple(sorted(_accounts(found[1])))) if found else RungRecipients(None, ())


def _accounts(people: Iterable[Holder]) -> set[int]:
    return {holder.account_id for holder in people}
