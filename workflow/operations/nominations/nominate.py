"""Drafting a nomination and mending its draft."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound
from workflow.domain.facts import MoveRequest
from workflow.domain.names import name_search, name_sort, title_sort
from workflow.domain.near import did_you_mean
from workflow.domain.rights.policy import Actor, in_place_of
from workflow.domain.route.definition import Definition
from workflow.domain.text import normalise
from workflow.domain.vocabulary import BuiltIn, SubjectKind, Via
from workflow.operations.history.rewritten import cleaned, rewritten
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.apply import apply_moves
from workflow.operations.nominations.built_ins import open_attempt
from workflow.operations.nominations.commands import Attempt, Command, Outcome, write_attempt
from workflow.operations.nominations.plans import Founding, MovePlan
from workflow.operations.nominations.versions import as_of_now, take_nomination
from workflow.operations.rounds.answers import demand_unanswered
from workflow.store.awards import Award, Round
from workflow.store.codes import stored_code
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.drafts import AwardChoice, Choices, load_choices
from workflow.store.locked import lock_for_each
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit
from workflow.store.seats import known_starters


@dataclass(frozen=True, slots=True)
class Draft:
    """Whom to propose for what: codes of round, award and unit, a person's code for an individual award."""

    round_code: str
    award_code: str
    unit_code: str
    person_code: str | None = None
    achievement: str = ""
    proposer: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """What to change in a draft; None leaves a field as it is."""

    achievement: str | None = None
    proposer: str | None = None


_INSERT = insert(Nomination).returning(Nomination.id, sort_by_parameter_order=True)
_UNIQUE = frozenset({"uq_nomination_person_award_round", "uq_nomination_unit_award_round"})


def create(
    session: Session, *, actor: Actor, draft: Draft, via: Via, now: datetime, claim: Claim | None = None
) -> Outcome:
    """Open a nomination as a draft in its author's hands and commit.

    Raises `InvalidField` naming every code that fits nothing, `Forbidden` when the actor drafts for another
    unit, `Conflict` when the same subject is already proposed for this award in this round.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return Outcome.again(answered)
    said = _with_clean_codes(draft)
    draft = _as_stored(session, said)
    actor = _demand_drafter(actor, draft, known_starters(session), said=said.unit_code)
    choices = load_choices(
        session,
        round_code=draft.round_code,
        award_code=draft.award_code,
        unit_code=draft.unit_code,
        person_code=draft.person_code,
        today=local_day(session, now),
    )
    row, definition = prepare(session, actor, draft, choices, now)
    demand_unanswered(session, choices.round_id, choices.unit_id, unit_code=draft.unit_code)
    outcome = insert_drafts(session, [(row, actor)], definition, via=via)[0]
    settle_key(session, claim, actor=actor, result=outcome.as_result())
    session.commit()
    return outcome


def _demand_drafter(actor: Actor, draft: Draft, roles: Collection[str], *, said: str) -> Actor:
    """Return as whom the actor drafts; raise `Forbidden` unless they do for the unit, in the words `said`.

    Nobody else learns whether there is a unit of that code, however it is stored.
    """
    keys = {f"{role}@unit:{draft.unit_code}" for role in roles}
    if (acting := in_place_of(actor, keys)).keys.isdisjoint(keys):
        raise Forbidden(f"You may not draft nominations for unit {said}.")
    return acting


def _as_stored(session: Session, draft: Draft) -> Draft:
    """Return a draft with its codes as they are stored; those that name nothing stay as they were typed."""
    return replace(
        draft,
        round_code=stored_code(session, Round.code, draft.round_code),
        award_code=stored_code(session, Award.code, draft.award_code),
        unit_code=stored_code(session, Unit.code, draft.unit_code),
    )


def _with_clean_codes(draft: Draft) -> Draft:
    codes = {
        "round_code": draft.round_code,
        "award_code": draft.award_code,
        "unit_code": draft.unit_code,
        "person_code": draft.person_code,
    }
    clean = {
        name: normalise(code, field=name.removesuffix("_code"), single_line=True)
        for name, code in codes.items()
        if code is not None
    }
    return replace(draft, **clean)


def prepare(
    session: Session, actor: Actor, draft: Draft, choices: Choices, now: datetime
) -> tuple[dict[str, object], Definition]:
    """Check a draft against what exists and return its row and the definition it will run on."""
    award = _check(session, draft, choices)
    if award.definition_id is None:
        key = award.workflow_key
        raise NotFound(f"No version of the definition '{key}' is published.", key=key)
    definition = load_definition(session, award.definition_id)
    if f"{definition.initial_step.owner.role}@unit:{draft.unit_code}" not in actor.keys:  # type: ignore[union-attr]  # a first step has an owner
        raise Forbidden(f"You may not draft nominations for unit {draft.unit_code}.")
    name = choices.person_name if award.subject_kind is SubjectKind.PERSON else choices.unit_name
    row: dict[str, object] = {
        "round_id": choices.round_id,
        "award_edition_id": award.edition_id,
        "definition_id": award.definition_id,
        "unit_id": choices.unit_id,
        "subject_kind": award.subject_kind,
        "person_id": choices.person_id if award.subject_kind is SubjectKind.PERSON else None,
        "subject_name": name,
        "subject_position": choices.person_position,
        "name_search": name_search(name),
        "name_sort": name_sort(name) if award.subject_kind is SubjectKind.PERSON else title_sort(name),
        "achievement": normalise(draft.achievement, field="achievement"),
        "proposer": normalise(draft.proposer, field="proposer", single_line=True),
        "state": definition.initial,
        "stage": definition.initial_step.stage,
        "decider": choices.decider,
        "version": 0,
        "audience": [f"unit:{draft.unit_code}"],
        "created_by": actor.account_id,
        "created_at": now,
    }
    return row, definition


def _check(session: Session, draft: Draft, choices: Choices) -> AwardChoice:
    errors = [
        FieldError(field, message)
        for field, message, wrong in (
            ("round", f"no open round '{draft.round_code}'", choices.round_id is None),
            ("award", f"no award '{draft.award_code}' in force", choices.award is None),
            (
                "award",
                f"'{draft.award_code}' is not among the awards of the round",
                choices.award is not None and not choices.is_award_covered,
            ),
            ("unit", f"no unit '{draft.unit_code}'", choices.unit_id is None),
            *_person_problems(draft, choices),
        )
        if wrong
    ]
    if errors or choices.award is None:
        errors = [_with_near(session, error, draft, choices) for error in errors]
        raise InvalidField("The draft names something that does not fit.", errors=errors)
    return choices.award


def _with_near(session: Session, error: FieldError, draft: Draft, choices: Choices) -> FieldError:
    """Return the problem with the code that was probably meant; of people only the unit's own."""
    unknown = {
        "round": (choices.round_id is None, draft.round_code, select(Round.code)),
        "award": (choices.award is None, draft.award_code, select(Award.code)),
        "unit": (choices.unit_id is None, draft.unit_code, select(Unit.code)),
        "person": (
            choices.person_id is None and draft.person_code is not None,
            draft.person_code or "",
            select(Person.code).where(Person.unit_id == choices.unit_id),
        ),
    }
    is_unknown, word, codes = unknown[error.field]
    return (
        replace(error, message=error.message + did_you_mean(word, session.scalars(codes)))
        if is_unknown
        else error
    )


def _person_problems(draft: Draft, choices: Choices) -> Sequence[tuple[str, str, bool]]:
    kind = choices.award.subject_kind if choices.award else None
    if kind is SubjectKind.COLLECTIVE:
        return [("person", "this award honours a unit, not a person", draft.person_code is not None)]
    if draft.person_code is None:
        return [("person", "this award honours a person; say whom", kind is SubjectKind.PERSON)]
    elsewhere = choices.person_id is not None and choices.person_unit_id != choices.unit_id
    return [
        ("person", f"nobody has the code '{draft.person_code}'", choices.person_id is None),
        ("person", f"'{draft.person_code}' belongs to another unit than '{draft.unit_code}'", elsewhere),
    ]


def insert_drafts(
    session: Session, rows: Sequence[tuple[Mapping[str, Any], Actor]], definition: Definition, *, via: Via
) -> list[Outcome]:
    """Insert prepared rows of one definition, set-wise, each with its first event, visit and work item."""
    try:
        ids = session.scalars(_INSERT, [dict(row) for row, _ in rows]).all()
    except IntegrityError as problem:
        if getattr(getattr(problem.orig, "diag", None), "constraint_name", None) in _UNIQUE:
            raise Conflict("The same subject is already proposed for this award in this round.") from problem
        raise
    drafts = dict(zip(ids, rows, strict=True))
    authors = {nomination_id: author for nomination_id, (_, author) in drafts.items()}
    locked = lock_for_each(session, authors, now=rows[0][0]["created_at"])
    plans = [
        MovePlan(
            locked=locked[nomination_id],
            definition=definition,
            actor=author,
            request=MoveRequest(action=BuiltIn.CREATE),
            via=via,
            at=row["created_at"],
            dest=definition.initial,
            founding=_founding(row),
        )
        for nomination_id, (row, author) in drafts.items()
    ]
    recorded = apply_moves(session, plans)
    return [Outcome(nomination_id, 1, event.seq) for nomination_id, event in zip(ids, recorded, strict=True)]


def _founding(row: Mapping[str, Any]) -> Founding:
    return Founding(
        facts={
            "round": row["round_id"],
            "award_edition": row["award_edition_id"],
            "definition": row["definition_id"],
            "unit": row["unit_id"],
            "kind": row["subject_kind"],
            "person": row["person_id"],
            "decider": row.get("decider", ""),
            "submission": row.get("submission_id"),
            "audience": sorted(row["audience"]),
        },
        names={"subject_name": row["subject_name"], "subject_position": row["subject_position"]},
    )


def edit(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    version: int,
    changes: Edit,
    via: Via,
    now: datetime,
) -> Outcome:
    """Change a draft's words and commit; words that read as before are no change.

    Raises `NotFound`, `StaleNomination`, `Forbidden`, `MoveNotOpen` once it has been sent.
    """
    locked = take_nomination(session, nomination_id, version, actor=actor, now=now)
    definition = load_definition(session, locked.definition_id)
    command = Command(nomination_id, version, MoveRequest(action=BuiltIn.EDIT), via)
    attempt = Attempt.of(locked, definition, as_of_now(actor, locked), command)
    attempt = open_attempt(session, attempt, BuiltIn.EDIT, now=now)
    said = cleaned(changes.achievement, changes.proposer)
    values, before = rewritten(session, nomination_id, said) if said else ({}, "")
    if not values:
        return Outcome(nomination_id, version, locked.last_seq)
    recorded = write_attempt(session, attempt, now=now, data={"fields": sorted(values)}, words=before)
    session.execute(update(Nomination).where(Nomination.id == nomination_id).values(**values))
    session.commit()
    return Outcome(nomination_id, version + 1, recorded.seq)
