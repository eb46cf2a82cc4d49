"""What is known of those whom a unit may put forward: what they stand proposed for, what they had before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import SubjectKind
from workflow.queries.choices import MOST_PEOPLE
from workflow.queries.shapes import AWARD_COLUMNS, Titled, Words, award_of_row, state_words
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.base import among
from workflow.store.clusters import in_cluster_of_round
from workflow.store.database import undo_window
from workflow.store.definitions import shown_definition
from workflow.store.given import given_to, newest_titles
from workflow.store.nominations import Nomination
from workflow.store.organisation import Cluster, ClusterMember, Person, Unit
from workflow.store.proposed import is_on_no_list, is_proposed
from workflow.store.visible import visible

UNIT_ITSELF: Final = ""
_MOST_EARLIER: Final = 5


@dataclass(frozen=True, slots=True)
class ProposedAward:
    """An award that a subject stands proposed for in the round, and where that is.

    `label` is null to whom it is about while what was decided of it can still be undone. What is on no list
    comes on the one that proposes it.
    """

    award: Titled
    label: Words | None
    nomination_id: int
    is_on_no_list: bool = False


@dataclass(frozen=True, slots=True)
class EarlierAward:
    """An award of a year."""

    year: int
    award: Titled


@dataclass(frozen=True, slots=True)
class Candidacy:
    """What is known of one who may be put forward; of earlier awards the newest, `earlier_count` in all."""

    proposed: tuple[ProposedAward, ...] = ()
    earlier: tuple[EarlierAward, ...] = ()
    earlier_count: int = 0

    @property
    def codes(self) -> frozenset[str]:
        """The awards that cannot be proposed once more."""
        return frozenset(one.award.code for one in self.proposed if not one.is_on_no_list)

    @property
    def loose(self) -> frozenset[str]:
        """The awards that are proposed by a nomination on no list."""
        return frozenset(one.award.code for one in self.proposed if one.is_on_no_list)


def candidacies(
    session: Session, *, actor: Actor, round_code: str, unit_code: str, now: datetime, person_code: str = ""
) -> Mapping[str, Candidacy]:
    """Return by person's code what is known of a unit's people in a round, of the unit itself by `""`.

    Of nominations those that the actor sees. There is nobody for somebody who does not sit in the unit:
    whoever does reads the records of its people (docs/adr/0070). Of a unit with more people than are offered
    `person_code` is among those that are read.
    """
    if f"unit:{unit_code}" not in actor.scope.seats:
        return {}
    unit_id = session.scalar(select(Unit.id).where(Unit.code == unit_code))
    rows = session.execute(
        select(Person.id, Person.code)
        .where(Person.unit_id == unit_id)
        .order_by(Person.code != person_code, Person.name_sort, Person.code)
        .limit(MOST_PEOPLE)
    )
    codes: dict[int | None, str] = {row.id: row.code for row in rows}
    codes[None] = UNIT_ITSELF
    found = dict.fromkeys(codes.values(), Candidacy())
    for row in _proposed(session, actor, round_code, codes, unit_id):
        code = codes[row.person_id]
        had = found[code]
        label = _label(session, actor, row, now)
        one = ProposedAward(award_of_row(row), label, row.id, row.is_loose)
        found[code] = replace(had, proposed=(*had.proposed, one))
    for given in _given_apart(session, actor, codes, unit_id, now):
        for row in _earlier(session, given):
            code = codes[row.person_id]
            had = found[code]
            award = EarlierAward(row.year, Titled(row.code, Words(row.name_vi, row.name_en)))
            found[code] = replace(had, earlier=(*had.earlier, award), earlier_count=row.of)
    return found


def _proposed(
    session: Session, actor: Actor, round_code: str, people: Iterable[int | None], unit_id: int | None
) -> Iterable[Any]:
    ids = [person_id for person_id in people if person_id is not None]
    is_of_unit = and_(Nomination.subject_kind == SubjectKind.COLLECTIVE, Nomination.unit_id == unit_id)
    return session.execute(
        select(
            Nomination.id,
            Nomination.person_id,
            Nomination.state,
            Nomination.definition_id,
            Nomination.closed_at,
            Cluster.kind.label("cluster_kind"),
            and_(is_on_no_list(), Nomination.unit_id == unit_id).label("is_loose"),
            *AWARD_COLUMNS,
        )
        .join(Round, Round.id == Nomination.round_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .outerjoin(ClusterMember, in_cluster_of_round())
        .outerjoin(Cluster, Cluster.id == ClusterMember.cluster_id)
        .where(
            Round.code == round_code,
            is_proposed(),
            or_(among(Nomination.person_id, ids), is_of_unit),
            visible(actor.scope),
        )
        .order_by(Nomination.id)
    ).all()


def _label(session: Session, actor: Actor, row: Row[Any], now: datetime) -> Words | None:
    is_own = row.person_id is not None and row.person_id == actor.person_id
    if is_own and row.closed_at is not None and row.closed_at > now - undo_window(session):
        return None
    return state_words(shown_definition(session, row.definition_id), row.state, row.cluster_kind)


def _given_apart(
    session: Session, actor: Actor, people: Iterable[int | None], unit_id: int | None, now: datetime
) -> Iterable[Subquery]:
    """Yield what was given to a unit and to its people; apart what the reader is told of their own."""
    ids = {person_id for person_id in people if person_id is not None}
    own = ids & {actor.person_id}
    yield given_to(ids - own, unit_id=unit_id)
    if own:
        yield given_to(own, told_by=now - undo_window(session))


def _earlier(session: Session, given: Subquery) -> Iterable[Any]:
    titles = newest_titles()
    newest_first = (given.c.year.desc(), given.c.decided_on.desc().nulls_last(), Award.code)
    numbered = (
        select(
            given.c.person_id,
            given.c.year,
            Award.code,
            titles.c.name_vi,
            titles.c.name_en,
            func.row_number().over(partition_by=given.c.person_id, order_by=newest_first).label("number"),
            func.count().over(partition_by=given.c.person_id).label("of"),
        )
        .join(Award, Award.id == given.c.award_id)
        .join(titles, titles.c.award_id == given.c.award_id)
        .subquery("numbered")
    )
    return session.execute(
        select(numbered)
        .where(numbered.c.number <= _MOST_EARLIER)
        .order_by(numbered.c.person_id, numbered.c.number)
    ).all()
