"""The made-up office of a replay: a unit for each case, and one actor for each role the case shows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotYours
from workflow.domain.names import name_search, title_sort
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import scope_of
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import InstallationKind, SubjectKind, Via
from workflow.operations.history.streams import append_event, begin_streams
from workflow.operations.setup.installation import is_untouched, mark_installation
from workflow.replay.log import LogEvent
from workflow.replay.mapping import Mapping
from workflow.store.access import Account, Grant
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.base import table_of
from workflow.store.definitions import latest_definition_id
from workflow.store.installation import Installation
from workflow.store.organisation import Unit, UnitEdition

_LONG_AGO = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class World:
    """What a replay acts in: the row every nomination starts from, and who acts for a case in a role."""

    units: dict[str, int]
    actors: dict[tuple[str, str], Actor]
    round_id: int
    award_edition_id: int
    definition_id: int

    def draft_row(self, case: str, definition: Definition, starter: Actor, at: datetime) -> dict[str, Any]:
        """Return the row of a case's nomination: the case's own unit is proposed, complete from the start."""
        return {
            "round_id": self.round_id,
            "award_edition_id": self.award_edition_id,
            "definition_id": self.definition_id,
            "unit_id": self.units[case],
            "subject_kind": SubjectKind.COLLECTIVE,
            "person_id": None,
            "subject_name": case,
            "subject_position": "",
            "name_search": name_search(case),
            "name_sort": title_sort(case),
            "achievement": case,
            "proposer": case,
            "state": definition.initial,
            "stage": definition.initial_step.stage,
            "version": 0,
            "audience": sorted(starter.scope.seats),
            "created_by": starter.account_id,
            "created_at": at,
        }


def claim_database(session: Session, *, now: datetime) -> None:
    """Mark an empty database as a replay's. Raises `NotYours` when it holds anybody else's work."""
    kind = session.scalar(select(Installation.kind))
    if kind == InstallationKind.REPLAY:
        return
    if not is_untouched(session):
        raise NotYours(
            f"This database is in use ({kind or InstallationKind.LIVE}); a replay needs an empty one. "
            "Set COMMENDO_DATA_DIR to a new folder, or COMMENDO_DATABASE_URL to an empty database."
        )
    mark_installation(session, InstallationKind.REPLAY, now=now)


def build_world(
    session: Session, events: Sequence[LogEvent], mapping: Mapping, definition: Definition
) -> World:
    """Insert units, accounts and grants set-wise, and the round and award that the cases run in."""
    run = 1 + (session.scalar(select(func.count()).select_from(Round)) or 0)
    prefix = f"{mapping.case_prefix}{run}"
    first_at = events[0].at
    cases = list(dict.fromkeys(event.case for event in events))
    codes = {case: f"{prefix}-{number:06}" for number, case in enumerate(cases, 1)}
    units = _insert_units(session, codes)
    actors = _insert_actors(session, _roles(events, mapping, definition), codes, first_at)
    owner_code = codes[cases[0]]
    round_row = Round(
        code=prefix, title=prefix, year=first_at.year, owner_unit_id=units[owner_code], opened_at=first_at
    )
    session.add(round_row)
    edition = _insert_award(session, prefix, definition)
    session.flush()
    append_event(session, f"round:{round_row.id}", "open", actor=None, via=Via.IMPORT, now=first_at)
    return World(
        units={case: units[code] for case, code in codes.items()},
        actors=actors,
        round_id=round_row.id,
        award_edition_id=edition.id,
        definition_id=latest_definition_id(session, definition.key),
    )


def _roles(
    events: Sequence[LogEvent], mapping: Mapping, definition: Definition
) -> dict[str, dict[str, None]]:
    """Return the roles each case needs, in order: its drafter, then whoever the log shows."""
    starter = definition.starter
    roles: dict[str, dict[str, None]] = defaultdict(lambda: {starter.role: None} if starter else {})
    for event in events:
        meant = mapping.move_of(event)
        roles[event.case].update({meant.by: None} if meant else {})
    return roles


def _insert_units(session: Session, codes: dict[str, str]) -> dict[str, int]:
    connection = session.connection()
    inserted = connection.execute(
        insert(table_of(Unit)).returning(Unit.code, Unit.id), [{"code": code} for code in codes.values()]
    )
    ids = {row.code: row.id for row in inserted}
    rows = [
        {
            "unit_id": ids[code],
            "name": case,
            "name_search": name_search(case),
            "parent_id": None,
            "valid_from": _LONG_AGO,
        }
        for case, code in codes.items()
    ]
    connection.execute(insert(table_of(UnitEdition)), rows)
    return ids


def _insert_actors(
    session: Session, roles: dict[str, dict[str, None]], codes: dict[str, str], at: datetime
) -> dict[tuple[str, str], Actor]:
    connection = session.connection()
    places = {
        f"{role}.{codes[case]}@replay.invalid".lower(): (case, role)
        for case, wanted in roles.items()
        for role in wanted
    }
    rows = [{"email": email, "name": role, "created_at": at} for email, (_, role) in places.items()]
    inserted = connection.execute(insert(table_of(Account)).returning(Account.id, Account.email), rows)
    actors = {}
    for row in inserted:
        case, role = places[row.email]
        keys = frozenset({f"{role}@unit:{codes[case]}"})
        scope = scope_of(row.id, keys, {})
        actors[case, role] = Actor(account_id=row.id, name=role, email=row.email, keys=keys, scope=scope)
    grants = [
        {"account_id": actor.account_id, "key": key, "valid_from": _LONG_AGO}
        for actor in actors.values()
        for key in actor.keys
    ]
    connection.execute(insert(table_of(Grant)), grants)
    told: dict[int, dict[str, object]] = {actor.account_id: {} for actor in actors.values()}
    begin_streams(session, "account", told, action="add", actor=None, via=Via.IMPORT, now=at)
    return actors


def _insert_award(session: Session, prefix: str, definition: Definition) -> AwardEdition:
    award = Award(code=f"REPLAY-{prefix}")
    session.add(award)
    session.flush()
    edition = AwardEdition(
        award_id=award.id,
        regime="",
        name_vi=definition.title.vi,
        name_en=definition.title.en,
        subject_kind=SubjectKind.COLLECTIVE,
        workflow_key=definition.key,
        content_hash=definition.content_hash,
        valid_from=_LONG_AGO,
    )
    session.add(edition)
    return edition
