"""Whom a rung means when it fires: from `holder` or `next_level` to the accounts that sit there today."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    session: Session, asked: Mapping[int, tuple[Facts, Collection[Recipient]]], *, today: date
) -> dict[int, dict[Recipient, RungRecipients]]:
    """Return for each nomination, by id, the people that each word of its ladder means today.

    Nobody where all chairs are empty. The subject of a nomination is never asked to hurry it. Beyond the
    holder the first staffed seat is told whose people do not hold the late work themselves: where the head is
    the holder, the next level.
    """
    places = {
        number: (facts.owner_key, facts.seats.council, set(wanted) - _HOLDS_THE_WORK)
        for number, (facts, wanted) in asked.items()
        if facts.owner_key is not None
    }
    chains = _chains(session, places, today)
    keys = {owner_key for owner_key, _, _ in places.values()}
    keys |= {key for chain in chains.values() for each in chain.values() for key in each}
    holders = load_holders(session, keys, today=today)
    active = _active(session, {facts.assignee_id for facts, _ in asked.values()})
    return {
        number: _told(facts, chains[number], holders, active) if number in places else {}
        for number, (facts, _) in asked.items()
    }


def _told(
    facts: Facts,
    chains: Mapping[Recipient, Sequence[str]],
    holders: Mapping[str, Sequence[Holder]],
    active: Collection[int],
) -> dict[Recipient, RungRecipients]:
    owner_key = facts.owner_key or ""
    people = [holder for key in {owner_key, *(key for chain in chains.values() for key in chain)}
              for holder in holders.get(key, ())]  # fmt: skip
    subject = {
        holder.account_id
        for holder in people
        if holder.person_id is not None and holder.person_id == facts.subject_person_id
    }
    group = RungRecipients(owner_key, tuple(_accounts(holders.get(owner_key, ())) - subject))
    # Whoever took the work, unless that account was disabled since: then it is the group's again.
    taker = facts.assignee_id
    holder = RungRecipients(None, (taker,)) if taker is not None and taker in active else group
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
    [chains] = _chains(session, {0: (owner_key, None, set(wanted) - _HOLDS_THE_WORK)}, today).values()
    keys = {owner_key, *(key for chain in chains.values() for key in chain)}
    holders = load_holders(session, keys, today=today)
    group = RungRecipients(owner_key, tuple(sorted(_accounts(holders.get(owner_key, ())))))
    if not group.account_ids and (active := _active(session, [accountable_id])):
        group = RungRecipients(None, tuple(active))
    taken = frozenset(group.account_ids)
    told = {Recipient.GROUP: group, Recipient.HOLDER: group}
    return told | {word: _above(chain, holders, taken) for word, chain in chains.items()}


def _chains(
    session: Session, places: Mapping[int, tuple[str, str | None, Collection[Recipient]]], today: date
) -> dict[int, dict[Recipient, tuple[str, ...]]]:
    """List for each place, a seat and its council, the seats to try for each word, nearest first."""
    homes = {key: unit_of(split_key(key)[1]) for key, _, words in places.values() if words}
    ancestors = (
        load_ancestors(session, {home for home in homes.values() if home}, today=today) if homes else {}
    )
    return {
        number: {
            word: _chain(word, owner_key, council, ancestors.get(homes[owner_key] or "", ()))
            for word in words
        }
        for number, (owner_key, council, words) in places.items()
    }


def _chain(word: Recipient, owner_key: str, council: str | None, ancestors: Sequence[str]) -> tuple[str, ...]:
    """List the seats to try for a word, nearest first; all end with the supervisors on the way up."""
    above = escalation_keys(owner_key, ancestors, above_head=word is Recipient.NEXT_LEVEL)
    if word is not Recipient.STANDING_BODY or council is None:
        return above
    seat = f"council:{council}"
    return (f"{Role.APPRAISER}@{seat}", f"{Role.COUNCIL_SECRETARY}@{seat}", *above)


def _active(session: Session, account_ids: Iterable[int | None]) -> frozenset[int]:
    """Return those of the accounts that can sign in."""
    ids = [one for one in account_ids if one is not None]
    if not ids:
        return frozenset()
    return frozenset(session.scalars(select(Account.id).where(Account.id.in_(ids), is_active(Account))))


def _above(
    chain: Sequence[str], holders: Mapping[str, Sequence[Holder]], taken: frozenset[int]
) -> RungRecipients:
    found = first_staffed(chain, holders, told_already=taken)
    return RungRecipients(found[0], tuple(sorted(_accounts(found[1])))) if found else RungRecipients(None, ())


def _accounts(people: Iterable[Holder]) -> set[int]:
    return {holder.account_id for holder in people}
