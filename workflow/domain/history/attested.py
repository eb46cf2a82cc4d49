"""What history says of the row it is about: the facts an award rests on, folded from a stream's events.

An event carries the facts that it made or changed (`data["facts"]`, or the counts, the paper and the seat of
a move), so whoever rewrites a row behind the product's back leaves a row that its history contradicts. Names
of people are not in `data`: only the salted digest of `names`, kept beside an event's words, is chained, so
that somebody's name can be erased and the chain stays whole.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow.domain.history.chain import ChainedEvent
from workflow.domain.papers.rules import PaperAction
from workflow.domain.rights.routing import split_key
from workflow.domain.vocabulary import ATTEST, BuiltIn, RungKind, Via

FACTS, NAMES, REACHED, SIGNED, ANNULLED = "facts", "names", "reached", "signed", "annulled"


@dataclass(slots=True)
class StreamFacts:
    """What a stream has said so far of its row: `values` by name of fact, the papers that came and went.

    `state` is where the last event left it. `names` is the JSON that the newest digest stands for, None once
    it was erased. `is_told` says whether any event told facts at all; `is_taken_back` that the last one was
    an import's undoing.
    """

    values: dict[str, object] = field(default_factory=dict)
    names: str | None = None
    papers: dict[str, str | None] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    signed: dict[int, Mapping[str, object]] = field(default_factory=dict)
    state: str | None = None
    is_told: bool = False
    is_taken_back: bool = False


def canonical(names: Mapping[str, str]) -> str:
    """Return names as the one JSON text whose digest is chained."""
    return json.dumps(names, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_names(salt: bytes, names: str) -> str:
    """Return the salted SHA-256, in hex, of an event's names; told apart from the digest of its words."""
    return hashlib.sha256(b"names" + salt + names.encode()).hexdigest()


def fold(told: StreamFacts, event: ChainedEvent, names: str | None) -> None:
    """Add what one event says; `event` has the columns of history, `names` is None where there are none."""
    data: Mapping[str, Any] = event.data
    told.is_taken_back = event.action == "undo_import"
    if (facts := data.get(FACTS)) is not None:
        told.is_told = True
        told.values |= facts
    if NAMES in data:
        told.names = names
    _fold_paper(told, event.action, data)
    if event.stream.startswith("nomination:"):
        _fold_move(told, event, data)


def _fold_paper(told: StreamFacts, action: str, data: Mapping[str, Any]) -> None:
    if "attachment" not in data:
        return
    if action == PaperAction.ATTACH:
        told.papers[data["attachment"]] = data.get("sha256")
    elif action == PaperAction.REMOVE:
        told.removed.add(data["attachment"])


def _fold_move(told: StreamFacts, event: ChainedEvent, data: Mapping[str, Any]) -> None:
    values = told.values
    if event.seq == 1:
        values["created_by"] = event.actor_id
    if event.dest is not None:
        told.state = event.dest
    if event.via != Via.TIMER and event.action != ATTEST:
        values["is_held"] = event.action == BuiltIn.HOLD or (
            bool(values.get("is_held"))
            and event.source == event.dest
            and event.action != BuiltIn.RELEASE_HOLD
        )
    if reached := [*data.get(REACHED, ()), *_escalated_to(event)]:
        seats: Any = values.get("audience", ())
        values["audience"] = sorted({*seats, *reached})
    if (vote := data.get("vote")) is not None:
        counts = ("members", "in_favour", "against", "blank", "percent")
        values["vote"] = {name: vote[name] for name in counts}
        values |= {"recommendation": vote["result"], "voted_on": vote["voted_on"]}
    if "submission" in data:
        values["submission"] = data["submission"]
    _fold_decision(told, data)


def _escalated_to(event: ChainedEvent) -> list[str]:
    """Return the seat that an escalation, or word of an empty seat, showed the file to."""
    data: Mapping[str, Any] = event.data
    key, told = data.get("key"), data.get("accounts")
    shows = event.action == RungKind.ESCALATE or "unstaffed" in data
    return [split_key(key)[1]] if shows and key and told else []


def _fold_decision(told: StreamFacts, data: Mapping[str, Any]) -> None:
    decision = data.get("decision")
    if ANNULLED in data:
        told.values["annulment"] = decision
    elif "outcome" in data:
        told.values |= {"upper_outcome": data["outcome"], "upper_decision": decision}
    elif decision is not None:
        told.values["decision"] = decision
    if decision is not None and SIGNED in data:
        told.signed[decision] = data[SIGNED]
    for known, signed in data.get("decisions", {}).items():
        told.signed[int(known)] = signed


def differences(told: StreamFacts, facts: Mapping[str, object], names: Mapping[str, str]) -> Sequence[str]:
    """Return the facts in which a row of today is not what its history says, in the order of their names."""
    found = [name for name in sorted(facts) if told.values.get(name) != facts[name]]
    if told.names is not None:
        written: Mapping[str, str] = json.loads(told.names)
        found += [name for name in sorted(names) if written.get(name) != names[name]]
    return found
