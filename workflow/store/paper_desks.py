"""Where papers lie, as their rules are told: a nomination, a submission, what a unit owes a round."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Select, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import NotFound
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.rules import PaperPlace, Phase
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import WITH_THE_UNIT
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import FINAL_STAGES, Stage
from workflow.store.awards import Round
from workflow.store.codes import is_named
from workflow.store.conditions import open_work_of
from workflow.store.locked import Locked, read_nominations
from workflow.store.locked_submissions import submission_visible_to_any
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Council, Unit
from workflow.store.statements import Statement
from workflow.store.submissions import ExpectedReturn, Submission
from workflow.store.visible import is_run_by_any, scope_values, units_seen_by_any

_owner = aliased(Unit, name="paper_owner")
_adviser = aliased(Unit, name="paper_adviser")


@dataclass(frozen=True, slots=True)
class PaperHome:
    """What papers belong to: its kind and id, its version (0 where it has none), its round, and its desk."""

    kind: PaperRoot
    id: int
    version: int
    round_id: int
    desk: PaperPlace

    @property
    def stream(self) -> str:
        """The stream that tells of its papers; a unit's answer is told in its round's."""
        if self.kind is PaperRoot.EXPECTED_RETURN:
            return f"round:{self.round_id}"
        return f"{self.kind}:{self.id}"


def nomination_root(locked: Locked, definition: Definition) -> PaperHome:
    """Return a nomination as its papers' root."""
    facts = locked.facts
    stage = definition.stage_of(facts.state)
    desk = PaperPlace(
        root=PaperRoot.NOMINATION,
        unit=facts.seats.unit,
        council=facts.seats.council,
        round_owner=facts.seats.round_owner,
        holders=frozenset({facts.owner_key} if facts.owner_key else ()),
        assignees=frozenset({facts.assignee_id} if facts.assignee_id is not None else ()),
        phase=Phase.ASKED if facts.is_asked else _phase([stage]),
        decided_on=facts.voted_on,
        is_own=facts.actor_is_subject,
        nominees=frozenset(() if facts.subject_person_id is None else (facts.subject_person_id,)),
    )
    return PaperHome(PaperRoot.NOMINATION, facts.nomination_id, facts.version, locked.round_id, desk)


def submission_root(session: Session, actor: Actor, submission_id: int, *, now: datetime) -> PaperHome | None:
    """Return a submission that the actor sees as its papers' root, None for any other."""
    found = _SEEN.fetch(session, {"submission_id": submission_id, **scope_values(actor.scope)})
    if not found:
        return None
    [row] = found
    listed = _LISTED.fetch(session, {"submission_id": submission_id})
    desk = PaperPlace(
        root=PaperRoot.SUBMISSION,
        unit=row.unit,
        council=row.council,
        round_owner=row.round_owner,
        holders=frozenset(line.owner_key for line in listed if line.owner_key),
        assignees=_assignees(
            session, actor, [line.id for line in listed if line.assignee_id == actor.account_id], now
        ),
        phase=_phase([Stage(line.stage) for line in listed]),
        decided_on=max((line.voted_on for line in listed if line.voted_on), default=None),
        is_own=actor.person_id is not None
        and any(line.person_id == actor.person_id and not line.is_closed for line in listed),
        nominees=frozenset(line.person_id for line in listed if line.person_id and not line.is_closed),
    )
    return PaperHome(PaperRoot.SUBMISSION, row.id, row.version, row.round_id, desk)


def _assignees(session: Session, actor: Actor, taken: list[int], now: datetime) -> frozenset[int]:
    """Return the actor where they took any of these names and could still take it today."""
    read = read_nominations(session, taken, actor=actor, now=now) if taken else {}
    return frozenset(one.facts.assignee_id for one in read.values() if one.facts.assignee_id is not None)


def return_root(session: Session, actor: Actor, *, round_code: str, unit_code: str) -> PaperHome | None:
    """Return what a unit owes a round as its papers' root, None unless the actor sees it."""
    row = session.execute(
        _places(ExpectedReturn, ExpectedReturn.id, ExpectedReturn.round_id).where(
            is_named(session, Round.code, round_code),
            is_named(session, Unit.code, unit_code),
            or_(is_run_by_any(), units_seen_by_any()),
        ),
        scope_values(actor.scope),
    ).one_or_none()
    if row is None:
        return None
    desk = PaperPlace(PaperRoot.EXPECTED_RETURN, row.unit, row.council, row.round_owner)
    return PaperHome(PaperRoot.EXPECTED_RETURN, row.id, 0, row.round_id, desk)


def return_codes(session: Session, return_id: int) -> tuple[str, str] | None:
    """Return the codes of the round and the unit of an expected return, None where there is none."""
    row = session.execute(_CODES.where(ExpectedReturn.id == return_id)).one_or_none()
    return row and (row.round, row.unit)


def read_root(session: Session, actor: Actor, target: Target, *, now: datetime) -> PaperHome:
    """Return a submission or an expected return as its papers' root, or raise `NotFound`."""
    if target.kind is PaperRoot.SUBMISSION:
        root = submission_root(session, actor, target.id, now=now)
    else:
        codes = return_codes(session, target.id)
        root = codes and return_root(session, actor, round_code=codes[0], unit_code=codes[1])
    if root is None:
        raise NotFound(f"There is no {target.kind.replace('_', ' ')} {target.id} among those you may see.")
    return root


def _places(
    root: type[Submission] | type[ExpectedReturn],
    *columns: Any,  # noqa: ANN401 - columns of either table
) -> Select[*tuple[Any, ...]]:
    """Select of a root, with the codes of its unit and of its round's owner and council."""
    codes = (Unit.code.label("unit"), _owner.code.label("round_owner"), _adviser.code.label("council"))
    return (
        select(*columns, *codes)
        .select_from(root)
        .join(Round, Round.id == root.round_id)
        .join(Unit, Unit.id == root.unit_id)
        .join(_owner, _owner.id == Round.owner_unit_id)
        .outerjoin(Council, Council.id == Round.council_id)
        .outerjoin(_adviser, _adviser.id == Council.unit_id)
    )


def _phase(stages: list[Stage]) -> Phase:
    if stages and all(stage in FINAL_STAGES for stage in stages):
        return Phase.CLOSED
    if all(stage in WITH_THE_UNIT for stage in stages):
        return Phase.WITH_UNIT
    return Phase.UNDER_WAY


_SEEN: Final = Statement(
    _places(Submission, Submission.id, Submission.version, Submission.round_id).where(
        Submission.id == bindparam("submission_id", type_=BigInteger()), submission_visible_to_any()
    )
)

_LISTED: Final = Statement(
    select(
        Nomination.id,
        Nomination.stage,
        Nomination.person_id,
        Nomination.voted_on,
        Nomination.closed_at.is_not(None).label("is_closed"),
        WorkItem.owner_key,
        WorkItem.assignee_id,
    )
    .outerjoin(WorkItem, open_work_of(Nomination))
    .where(Nomination.submission_id == bindparam("submission_id"))
    .order_by(Nomination.id)
)

_CODES: Final = (
    select(ExpectedReturn.id, Round.code.label("round"), Unit.code.label("unit"))
    .join(Round, Round.id == ExpectedReturn.round_id)
    .join(Unit, Unit.id == ExpectedReturn.unit_id)
)
