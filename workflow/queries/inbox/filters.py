"""What an inbox is narrowed to, in the words of addresses, and the values that a statement is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.names import name_search
from workflow.domain.numerals import number_in
from workflow.domain.vocabulary import Stage
from workflow.queries.inbox.narrow import UNDATED, HolderWord
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.codes import Codes, folded, meant_code, spellings
from workflow.store.conditions import TODAY, named_edition
from workflow.store.database import local_day, timezone_of
from workflow.store.definitions import published_routes
from workflow.store.organisation import Cluster, ClusterMember, Unit, UnitEdition
from workflow.store.sightings import few_names
from workflow.store.submissions import Submission


class DueGroup(StrEnum):
    """When work is due: before now, in what is left of today or of this week, later, or never."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    UNDATED = "undated"


class InboxFlag(StrEnum):
    """What can be true of work beside where it stands."""

    HELD = "held"
    RETURNED = "returned"
    LATE = "late"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class InboxFilters:
    """What to leave out of an inbox; None leaves nothing out.

    `level` is how far up a nomination stands; unit, cluster, round and award are codes; `age` are the days of
    the wall calendar that it has been here at least; `holder` is `me`, `nobody`, `other` or the number of an
    account. `q` is searched in names, numbers and units, without marks or case.
    """

    level: Stage | None = None
    unit: str | None = None
    cluster: str | None = None
    due: DueGroup | None = None
    age: int | None = None
    state: str | None = None
    holder: str | None = None
    round: str | None = None
    award: str | None = None
    flag: InboxFlag | None = None
    q: str | None = None


NO_FILTERS: Final = InboxFilters()
_CODES: Final[Mapping[str, Codes]] = {
    "unit": Unit.code,
    "cluster": Cluster.code,
    "round": Round.code,
    "award": Award.code,
}
_MOST_PAPERS: Final = 20_000
_FIGURES: Final = frozenset("0123456789")
_ESCAPED: Final = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


def due_of(due_at: datetime | None, now: datetime, zone: ZoneInfo) -> DueGroup:
    """Return when something is due, seen from now by the clock of a zone."""
    if due_at is None:
        return DueGroup.UNDATED
    bounds = _bounds(now, zone)
    return next(one for one, (_, before) in bounds.items() if before is None or due_at < before)


def _bounds(now: datetime, zone: ZoneInfo) -> dict[DueGroup, tuple[datetime | None, datetime | None]]:
    """Return from when on and before when each is due."""
    today = now.astimezone(zone).date()
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    monday = datetime.combine(today + timedelta(days=7 - today.weekday()), time(), zone)
    return {
        DueGroup.OVERDUE: (None, now),
        DueGroup.TODAY: (now, tomorrow),
        DueGroup.WEEK: (tomorrow, monday),
        DueGroup.LATER: (monday, None),
    }


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What filters come to, in the words of `narrow_values`; `is_named`: few nominations can be meant."""

    told: Mapping[str, object]
    is_narrowed: bool = False
    is_named: bool = False


def narrowing(session: Session, filters: InboxFilters, *, now: datetime) -> Narrowing:
    """Return what the statements of an inbox are told of its filters, however their codes were typed.

    Raises `InvalidField` naming each that names nothing: an empty list would say that nothing waits there.
    """
    if filters == NO_FILTERS:
        return Narrowing({})
    codes, errors = _stored(session, filters)
    if filters.state is not None and filters.state not in _states(session):
        errors.append(FieldError("state", f"there is no step '{filters.state}'"))
    holder, number = _holder(filters.holder, errors)
    if errors:
        message = "; ".join(f"{error.field}: {error.message}" for error in errors)
        raise InvalidField(message, errors=errors)
    values = {
        "level": filters.level,
        "state": filters.state,
        "holder": holder,
        "holder_id": number,
        "flag": filters.flag,
        "returned": _returned(session) if filters.flag is InboxFlag.RETURNED else None,
        "opened_until": now - timedelta(days=filters.age) if filters.age is not None else None,
        **_due(session, filters.due, now),
        **_rows(session, codes),
    }
    sought = _sought(session, filters.q, local_day(session, now)) if filters.q is not None else None
    is_named = sought is not None and sought.is_named
    told = values | (dict(sought.values) if sought else {})
    return Narrowing(told, is_narrowed=True, is_named=is_named)


def _stored(session: Session, filters: InboxFilters) -> tuple[dict[str, str], list[FieldError]]:
    found, errors = {}, []
    for name, column in _CODES.items():
        word = getattr(filters, name)
        if word is None:
            continue
        if code := spellings(session, column, [word]).get(word):
            found[name] = code
        else:
            problem = f"there is no {name} '{word}'{meant_code(session, column, word)}"
            errors.append(FieldError(name, problem))
    return found, errors


def _holder(word: str | None, errors: list[FieldError]) -> tuple[str | None, int | None]:
    if word is None or word in set(HolderWord):
        return word, None
    if (number := number_in(word)) is not None:
        return HolderWord.ONE, number
    choices = ", ".join(one for one in HolderWord if one is not HolderWord.ONE)
    errors.append(FieldError("holder", f"is not one of {choices}, nor the number of an account"))
    return None, None


def _due(session: Session, due: DueGroup | None, now: datetime) -> dict[str, object]:
    if due is None or due is DueGroup.UNDATED:
        return {UNDATED: due is DueGroup.UNDATED or None}
    since, until = _bounds(now, ZoneInfo(timezone_of(session)))[due]
    return {
        "due_since": since.isoformat() if since else "-infinity",
        "due_before": until.isoformat() if until else "infinity",
    }


def _rows(session: Session, codes: Mapping[str, str]) -> dict[str, object]:
    """Return the rows that the codes name."""
    values: dict[str, object] = {}
    if unit := codes.get("unit"):
        values["units"] = session.scalars(select(Unit.id).where(Unit.code == unit)).all()
    if code := codes.get("round"):
        values["rounds"] = session.scalars(select(Round.id).where(Round.code == code)).all()
    if award := codes.get("award"):
        editions = select(AwardEdition.id).join(Award, Award.id == AwardEdition.award_id)
        values["editions"] = session.scalars(editions.where(Award.code == award)).all()
    if cluster := codes.get("cluster"):
        members = select(ClusterMember.unit_id).join(Cluster, Cluster.id == ClusterMember.cluster_id)
        of_year = (Round.year == Cluster.year) & (Round.owner_unit_id == Cluster.owner_unit_id)
        rounds = select(Round.id).join(Cluster, of_year)
        values["members"] = session.scalars(members.where(Cluster.code == cluster)).all()
        values["cluster_rounds"] = session.scalars(rounds.where(Cluster.code == cluster)).all()
    return values


def _states(session: Session) -> frozenset[str]:
    """Return the steps of all routes that were ever published."""
    return frozenset(step.name for route in published_routes(session).values() for step in route.steps)


def _returned(session: Session) -> list[str]:
    """Return for each route between which steps a nomination came back, as `is_narrow` writes them."""
    pairs = []
    for number, route in published_routes(session).items():
        names = [step.name for step in route.steps]
        pairs += [
            f"{number}:{here}:{there}" for here in names for there in names if route.came_back(here, there)
        ]
    return pairs


@dataclass(frozen=True, slots=True)
class _Sought:
    values: Mapping[str, object]
    is_named: bool


def _sought(session: Session, words: str, today: date) -> _Sought:
    """Return where words stand: in few names, which are told, else in any; in units; figures in numbers."""
    sought = name_search(words)
    pattern = f"%{sought.translate(_ESCAPED)}%"
    units = session.scalars(
        select(Unit.id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .where(or_(UnitEdition.name_search.like(pattern), folded(Unit.code).like(pattern))),
        {"today": today},
    ).all()
    names = few_names(session, sought)
    has_figures = not _FIGURES.isdisjoint(sought)
    papers = _papers(session, pattern) if has_figures else []
    return _Sought(
        {
            "q_units": units,
            "q_names": list(names or ()),
            "q_like": pattern if names is None else None,
            "q_papers": papers,
            "q_paper": pattern if papers is None else None,
            "q_number": number_in(sought.removeprefix("#")),
        },
        is_named=names is not None and not units and not has_figures,
    )


def _papers(session: Session, pattern: str) -> Sequence[int] | None:
    """Return the submissions in whose number the words stand, None where each is to be asked: too many do."""
    statement = select(Submission.id).where(folded(Submission.number).like(pattern)).limit(_MOST_PAPERS + 1)
    found = session.scalars(statement).all()
    return found if len(found) <= _MOST_PAPERS else None
