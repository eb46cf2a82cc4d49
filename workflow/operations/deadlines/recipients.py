"""Whom a rung means when it fires: from `holder` or `next_level` to the accounts that sit there today."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from workflow.domain.facts import Facts
from workflow.domain.rights.routing import (
    Holder,
    SetAside,
    acting,
    deputy_keys,
    escalation_keys,
    first_staffed,
    set_aside_of,
    split_key,
    top_keys,
    unit_of,
)
from workflow.domain.vocabulary import Recipient, Role
from workflow.store.people import load_ancestors, load_holders
from workflow.store.takers import Taken, load_takers

Root = TypeVar("Root", bound=Hashable)

_NOBODY: Final = SetAside()
_HOLDS_THE_WORK: Final = frozenset({Recipient.HOLDER, Recipient.GROUP})


@dataclass(frozen=True, slots=True)
class RungRecipients:
    """The accounts a rung tells; `key` is the seat they are told in, None for whoever took the work.

    `unreached` are those who were meant and whom no letter reaches; `is_around`: others, who do not hold the
    work, are told in their place.
    """

    key: str | None
    account_ids: tuple[int, ...]
    unreached: tuple[int, ...] = ()
    is_around: bool = False


@dataclass(frozen=True, slots=True)
class OwedWork:
    """The open work of an expected return, who answers for it, and to whom it was handed."""

    id: UUID
    owner_key: str
    accountable_id: int | None
    assignee_id: int | None = None

    @property
    def answering(self) -> Taken:
        """Whoever answers for it and the seat of the head, in which they do."""
        return self.accountable_id, f"{Role.HEAD}@{split_key(self.owner_key)[1]}"


def resolve_recipients(
    session: Session, asked: Mapping[Root, tuple[Facts, Collection[Recipient]]], *, today: date
) -> dict[Root, dict[Recipient, RungRecipients]]:
    """Return for each nomination, by whatever it is asked by, the people its ladder's words mean today.

    Nobody where all chairs are empty. The subject of a nomination is never asked to hurry it; for whoever is
    away it is who stands in for them there. Beyond the holder the first staffed seat is told whose people do
    not hold the late work themselves: where the head is the holder, the next level of that house. Whom no
    letter reaches is passed over: for others of the seat, the deputy, who sits above; where letters reach
    nobody at all, those who are meant are written to all the same.
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
    taken = {(facts.assignee_id, facts.owner_key) for facts, _ in asked.values()}
    takers = load_takers(session, taken, today=today)
    found = {
        number: _told(facts, chains[number], holders, takers) if number in places else {}
        for number, (facts, _) in asked.items()
    }
    lost = {number: asked[number][0] for number, told in found.items() if _is_lost(told, asked[number][1])}
    return found | _around(session, lost, found, today)


def _told(
    facts: Facts,
    chains: Mapping[Recipient, Sequence[str]],
    holders: Mapping[str, Sequence[Holder]],
    takers: Mapping[Taken, Sequence[Holder]],
) -> dict[Recipient, RungRecipients]:
    owner_key, aside = facts.owner_key or "", set_aside_of(facts)
    keys = {owner_key, *(key for chain in chains.values() for key in chain)}
    # Who stands in for somebody does so for nothing from which either of them is set aside.
    holders = {key: acting(holders.get(key, ()), aside) for key in keys}
    subject = _subject_among([holder for people in holders.values() for holder in people], facts)
    sitting = [one for one in holders[owner_key] if one.account_id not in subject]
    group = _reached(owner_key, sitting)
    # Whoever took the work, unless that account was disabled since: then it is the group's again.
    taking = acting(takers.get((facts.assignee_id, owner_key), ()), aside)
    takers_ids = _ids(taking)
    holder = RungRecipients(None, takers_ids) if taking else group
    taken = frozenset(subject | (set(holder.account_ids) if taking else _accounts(sitting)))
    if taking and not any(one.is_reachable for one in taking):
        others = _ids(one for one in sitting if one.account_id not in takers_ids and one.is_reachable)
        holder = RungRecipients(owner_key if others else None, others or takers_ids, takers_ids)
    told = {Recipient.GROUP: group, Recipient.HOLDER: holder}
    return told | {word: _above(chain, holders, taken) for word, chain in chains.items()}


def _reached(key: str, people: Sequence[Holder]) -> RungRecipients:
    """Return those of a seat whom letters reach, or all where they reach nobody."""
    unreached = _ids(one for one in people if not one.is_reachable)
    reached = _ids(one for one in people if one.is_reachable)
    return RungRecipients(key, reached or unreached, unreached)


def _is_lost(told: Mapping[Recipient, RungRecipients], wanted: Collection[Recipient]) -> bool:
    """Whether a word that means who holds the work means nobody whom letters reach."""
    meant = [told[word] for word in _HOLDS_THE_WORK & set(wanted) if word in told]
    return any(one.account_ids and _is_in_vain(one) for one in meant)


def _is_in_vain(meant: RungRecipients) -> bool:
    return set(meant.account_ids) <= set(meant.unreached)


def _around(
    session: Session,
    lost: Mapping[Root, Facts],
    found: Mapping[Root, Mapping[Recipient, RungRecipients]],
    today: date,
) -> dict[Root, dict[Recipient, RungRecipients]]:
    """Return for work whose holders no letter reaches whom to tell instead: the deputy, or who sits above."""
    ways = _ways(session, {number: facts.owner_key or "" for number, facts in lost.items()}, today)
    return {
        number: {
            word: _instead(one, *ways[number], facts) if word in _HOLDS_THE_WORK else one
            for word, one in found[number].items()
        }
        for number, facts in lost.items()
    }


def _ways(
    session: Session, owner_keys: Mapping[Root, str], today: date
) -> dict[Root, tuple[Sequence[str], Mapping[str, Sequence[Holder]]]]:
    if not owner_keys:
        return {}
    homes = {number: unit_of(split_key(key)[1]) for number, key in owner_keys.items()}
    ancestors = load_ancestors(session, {home for home in homes.values() if home}, today=today)
    ways = {
        number: (
            *deputy_keys(key),
            *escalation_keys(key, ancestors.get(homes[number] or "", ()), above_head=False),
        )
        for number, key in owner_keys.items()
    }
    holders = load_holders(session, {key for way in ways.values() for key in way}, today=today)
    return {number: (way, holders) for number, way in ways.items()}


def _instead(
    meant: RungRecipients,
    way: Sequence[str],
    holders: Mapping[str, Sequence[Holder]],
    facts: Facts | None,
) -> RungRecipients:
    if not _is_in_vain(meant):
        return meant
    aside = set_aside_of(facts) if facts is not None else _NOBODY
    holders = {key: acting(holders.get(key, ()), aside) for key in way}
    people = [holder for key in way for holder in holders[key]]
    barred = {*meant.account_ids, *(one.account_id for one in people if not one.is_reachable)}
    barred |= _subject_among(people, facts) if facts is not None else set()
    found = first_staffed(way, holders, told_already=frozenset(barred))
    if found is None:
        return meant
    return RungRecipients(found[0], _ids(found[1]), meant.unreached, is_around=True)


def _subject_among(people: Iterable[Holder], facts: Facts) -> set[int]:
    return {
        holder.account_id
        for holder in people
        if holder.person_id is not None and holder.person_id == facts.subject_person_id
    }


def resolve_return_recipients(
    session: Session, asked: Mapping[Root, tuple[OwedWork, Collection[Recipient]]], *, today: date
) -> dict[Root, dict[Recipient, RungRecipients]]:
    """Return whom each word means for the papers that units owe: who writes one, its head, the level above.

    Where it was handed to one of those who write for the unit it is that one, as long as letters reach them
    and they sit there. Where nobody writes for the unit, or no letter reaches who does, whoever answers for
    it is reminded instead, and where none reaches them either, the deputy or who sits above.
    """
    chains = _chains(
        session,
        {root: (owed.owner_key, None, set(words) - _HOLDS_THE_WORK) for root, (owed, words) in asked.items()},
        today,
    )
    keys = {owed.owner_key for owed, _ in asked.values()}
    keys |= {key for chain in chains.values() for each in chain.values() for key in each}
    seated = load_holders(session, keys, today=today)
    holders = {key: acting(people, _NOBODY) for key, people in seated.items()}
    in_vain = {
        owed.answering
        for owed, _ in asked.values()
        if _is_in_vain(_reached(owed.owner_key, holders.get(owed.owner_key, ())))
    }
    takers = load_takers(session, in_vain, today=today)
    found = {root: _told_of_return(owed, chains[root], holders, takers) for root, (owed, _) in asked.items()}
    lost = {root: owed.owner_key for root, (owed, words) in asked.items() if _is_lost(found[root], words)}
    for root, way in _ways(session, lost, today).items():
        found[root] |= {word: _instead(found[root][word], *way, None) for word in _HOLDS_THE_WORK}
    return found


def _told_of_return(
    owed: OwedWork,
    chains: Mapping[Recipient, Sequence[str]],
    holders: Mapping[str, Sequence[Holder]],
    takers: Mapping[Taken, Sequence[Holder]],
) -> dict[Recipient, RungRecipients]:
    everybody = holders.get(owed.owner_key, ())
    handed = [one for one in everybody if (one.absent or one).account_id == owed.assignee_id]
    # Of who has it and is not there, or is reached by no letter, it is everybody's again.
    writers = handed if any(one.is_reachable for one in handed) else everybody
    group = _reached(owed.owner_key, writers)
    answering = acting(takers.get(owed.answering, ()), _NOBODY) if _is_in_vain(group) else ()
    taken = frozenset(_accounts(writers) or _accounts(answering))
    if any(one.is_reachable for one in answering) or not writers:
        lost = _ids(one for one in answering if not one.is_reachable)
        group = RungRecipients(None, _ids(answering), group.unreached or lost)
    told = {Recipient.GROUP: group, Recipient.HOLDER: group}
    return told | {word: _above(chain, holders, taken) for word, chain in chains.items()}


def _chains(
    session: Session, places: Mapping[Root, tuple[str, str | None, Collection[Recipient]]], today: date
) -> dict[Root, dict[Recipient, tuple[str, ...]]]:
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
    """List the seats to try for a word, nearest first; all end with who supervises everything."""
    if word is Recipient.TOP:
        return top_keys(owner_key, ancestors)
    above = escalation_keys(owner_key, ancestors, above_head=word is Recipient.NEXT_LEVEL)
    if word is not Recipient.STANDING_BODY or council is None:
        return above
    seat = f"council:{council}"
    return tuple(dict.fromkeys((f"{Role.APPRAISER}@{seat}", f"{Role.COUNCIL_SECRETARY}@{seat}", *above)))


def _above(
    chain: Sequence[str], holders: Mapping[str, Sequence[Holder]], taken: frozenset[int]
) -> RungRecipients:
    """Return the first staffed seat; of it and further up those whom letters reach, if there are any."""
    meant = first_staffed(chain, holders, told_already=taken)
    if meant is None:
        return RungRecipients(None, ())
    lost = frozenset(one.account_id for key in chain for one in holders.get(key, ()) if not one.is_reachable)
    key, people = first_staffed(chain, holders, told_already=taken | lost) or meant
    return RungRecipients(key, _ids(people), tuple(sorted(_accounts(meant[1]) & lost)))


def _accounts(people: Iterable[Holder]) -> set[int]:
    return {holder.account_id for holder in people}


def _ids(people: Iterable[Holder]) -> tuple[int, ...]:
    return tuple(sorted(_accounts(people)))
