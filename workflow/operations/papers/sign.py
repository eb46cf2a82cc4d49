"""One document signed for names of many lists at once, with its scan put to each list it covers.

Each name is weighed and answered as in any list. The scan is one file: it is kept once, and a row at each
list names it. Lists are locked before their names, as everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import Forbidden, NotFound
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.rules import demand_attachable
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import DecisionKind, PaperKind, Via
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.answers import ItemResult, ListOutcome
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_list, demand_size
from workflow.operations.papers.attach import Archive, NewPaper, paper_values, put
from workflow.operations.papers.roots import Held, lock_root
from workflow.store.base import among
from workflow.store.nominations import Decision, Nomination


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of each name, at how many places the scan lies now, and which signed names have none."""

    names: ListOutcome
    scans: int = 0
    without_scan: tuple[int, ...] = ()

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {**self.names.as_result(), "scans": self.scans, "without_scan": list(self.without_scan)}

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the outcome a request key remembered."""
        return cls(ListOutcome.again(result), result["scans"], tuple(result["without_scan"]))


@dataclass(frozen=True, slots=True)
class _Filing:
    """What the scan needs at each place: its columns, how papers are kept here, by which way it came."""

    session: Session
    actor: Actor
    values: Mapping[str, object]
    confirms_not_secret: bool
    archive: Archive
    via: Via
    now: datetime

    def hold(self, target: Target) -> tuple[Held, Actor] | None:
        """Lock a place; None where the actor may put no paper, as at the list with their own name."""
        try:
            held = lock_root(self.session, self.actor, target, version=None, now=self.now)
            return held, demand_attachable(self.actor, held.root.desk, self.kind)
        except (Forbidden, NotFound):
            return None

    @property
    def kind(self) -> Any:  # noqa: ANN401 - a column's value
        """What kind of paper it is."""
        return self.values["kind"]

    def put(self, place: tuple[Held, Actor]) -> bool:
        """Put the scan there; tell whether it is new at that place."""
        held, actor = place
        filed = put(
            self.session,
            held,
            self.values,
            actor=actor,
            quota=self.archive.quota,
            confirms_not_secret=self.confirms_not_secret,
            via=self.via,
            now=self.now,
        )
        return filed.is_new


def sign_names(
    session: Session,
    *,
    actor: Actor,
    items: Sequence[Command],
    scan: NewPaper | None,
    archive: Archive,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> Signed:
    """Sign what may be signed, put the scan to each list with a signed name, and commit.

    A name without a list, or on one to which the actor may put nothing, gets the scan itself. Raises
    `InvalidField` for none or too many names, `RequirementsMissing` without the confirmation that a scan
    needs, `PapersFull`.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return Signed.again(answered)
    demand_size(len(items))
    filing = None
    if scan is not None:
        values = paper_values(scan, asks_secrecy=archive.asks_secrecy)
        filing = _Filing(session, actor, values, scan.confirms_not_secret, archive, via, now)
    lists = _lists_of(session, [one.nomination_id for one in items]) if filing else {}
    held = (
        {each: filing.hold(Target(PaperRoot.SUBMISSION, each)) for each in sorted(set(lists.values()))}
        if filing
        else {}
    )
    names = decide_list(session, actor=actor, commands=items, now=now)
    signed = Signed(ListOutcome(tuple(names)))
    if filing is not None:
        signed = _file(filing, names, lists, held)
    settle_key(session, claim, actor=actor, result=signed.as_result())
    if signed.scans and scan is not None and scan.file is not None:
        archive.folder.keep(scan.file)
    session.commit()
    return signed


def _as_signed(filing: _Filing, done: Sequence[int]) -> _Filing:
    """Return how the scan is filed: what goes up with these names decides on nobody, and is another paper."""
    rows = select(Decision.kind).join(Nomination, Nomination.decision_id == Decision.id)
    kinds = set(filing.session.scalars(rows.where(among(Nomination.id, done)).distinct()))
    if kinds <= {DecisionKind.DECISION}:
        return filing
    return replace(filing, values={**filing.values, "kind": PaperKind.OTHER})


def _lists_of(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Return by nomination the list that it is on."""
    on_a_list = among(Nomination.id, ids), Nomination.submission_id.is_not(None)
    rows = session.execute(select(Nomination.id, Nomination.submission_id).where(*on_a_list))
    return {row.id: row.submission_id for row in rows}


def _file(
    filing: _Filing,
    names: Sequence[ItemResult],
    lists: Mapping[int, int],
    held: Mapping[int, tuple[Held, Actor] | None],
) -> Signed:
    """Put the scan where the signed names are; each place once."""
    done = [one.nomination_id for one in names if one.refused is None]
    filing = _as_signed(filing, done)
    places = {each: held[each] for each in sorted({lists[one] for one in done if one in lists})}
    scans = sum(filing.put(place) for place in places.values() if place is not None)
    without = []
    for nomination_id in done:
        if places.get(lists.get(nomination_id, 0)) is not None:
            continue
        place = filing.hold(Target(PaperRoot.NOMINATION, nomination_id))
        if place is None:
            without.append(nomination_id)
        else:
            scans += filing.put(place)
    return Signed(ListOutcome(tuple(names)), scans, tuple(without))
