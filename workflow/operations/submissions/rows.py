"""The rows of a unit's list, checked one by one against what exists, set-wise where they ask the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy.orm import Session

from workflow.domain.errors import Forbidden, InvalidField, NotFound, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.text import normalise
from workflow.domain.vocabulary import SubjectKind
from workflow.operations.nominations.answers import reason_again, reason_result
from workflow.operations.nominations.nominate import Draft, prepare
from workflow.operations.submissions.proposals import LooseName, Proposal, loose_names, proposed_already
from workflow.store.awards import Award, Round
from workflow.store.codes import spellings, stored_code
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.drafts import Choices, Roster, load_roster, near_codes
from workflow.store.organisation import Unit


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of a list: a person by code, or None for the unit itself, and every award proposed."""

    person_code: str | None
    award_codes: Sequence[str]
    achievement: str = ""
    proposer: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one field of a row."""

    field: str
    reason: Reason

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {"field": self.field, "reason": reason_result(self.reason)}

    @classmethod
    def again(cls, result: Mapping[str, Any]) -> Self:
        """Return the problem a request key remembered."""
        return cls(result["field"], reason_again(result["reason"]))


@dataclass(frozen=True, slots=True)
class RowEntry:
    """One nomination that a row asks for: the row's number, the award, and the row of the table to insert.

    Of one that is there already, and on no list, `nomination_id` says which.
    """

    number: int
    award_code: str
    values: Mapping[str, object]
    definition: Definition
    nomination_id: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A list after it was checked: what can be drafted, and by row number what is wrong."""

    entries: tuple[RowEntry, ...]
    problems: Mapping[int, tuple[RowProblem, ...]]


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a list belongs: codes of round and unit."""

    round_code: str
    unit_code: str


@dataclass(frozen=True, slots=True)
class RowsToCheck:
    """A list laid out to be checked: its rows with clean codes, what the codes name, who brings it, when.

    `unreadable` holds the rows whose words cannot be read, by number; `near` what was probably meant by codes
    that name nothing.
    """

    actor: Actor
    place: ListPlace
    rows: Sequence[ListRow]
    unreadable: Mapping[int, RowProblem]
    roster: Roster
    near: Mapping[str, str]
    now: datetime


def place_of(session: Session, round_code: str, unit_code: str) -> ListPlace:
    """Return where a list belongs by the codes as they are stored; others stay as they were typed."""
    return ListPlace(stored_code(session, Round.code, round_code), stored_code(session, Unit.code, unit_code))


def lay_out(
    session: Session, rows: Sequence[ListRow], *, actor: Actor, place: ListPlace, now: datetime
) -> RowsToCheck:
    """Read what every code of the rows names, in a number of statements that no row adds to."""
    clean: list[ListRow] = []
    unreadable: dict[int, RowProblem] = {}
    for number, row in enumerate(rows, 1):
        try:
            clean.append(_clean(row))
        except InvalidField as refused:
            clean.append(ListRow(None, ()))
            unreadable[number] = _unreadable(refused)
    stored = spellings(session, Award.code, {code for row in clean for code in row.award_codes})
    clean = [
        replace(row, award_codes=tuple(stored.get(code, code) for code in row.award_codes)) for row in clean
    ]
    award_codes = {code for row in clean for code in row.award_codes}
    person_codes = {row.person_code for row in clean if row.person_code is not None}
    roster = load_roster(
        session,
        round_code=place.round_code,
        unit_code=place.unit_code,
        award_codes=award_codes,
        person_codes=person_codes,
        today=local_day(session, now),
    )
    near = near_codes(session, roster, award_codes=sorted(award_codes), person_codes=sorted(person_codes))
    return RowsToCheck(actor, place, clean, unreadable, roster, near, now)


def check_rows(session: Session, desk: RowsToCheck) -> Checked:
    """Check every row and prepare what it asks for; a row with one mistake is left out whole."""
    loose = loose_names(session, desk.roster, actor=desk.actor)
    taken: dict[Proposal, int | None] = dict.fromkeys(
        set(proposed_already(session, desk.roster)) - set(loose)
    )
    entries: list[RowEntry] = []
    found: dict[int, tuple[RowProblem, ...]] = {
        number: (problem,) for number, problem in desk.unreadable.items()
    }
    for number, row in enumerate(desk.rows, 1):
        if number in found:
            continue
        wrong = tuple(_row_problems(desk, number, row, taken))
        asked = () if wrong else _prepared(session, desk, number, row, loose)
        wrong += tuple(one for one in asked if isinstance(one, RowProblem))
        if wrong:
            found[number] = wrong
            continue
        for one in asked:
            if isinstance(one, RowEntry):
                entries.append(one)
                taken[one.award_code, _subject(desk.roster.choices(one.award_code, row.person_code))] = number
    return Checked(tuple(entries), found)


def _clean(row: ListRow) -> ListRow:
    person = row.person_code
    return ListRow(
        person_code=None if not person else normalise(person, field="person", single_line=True) or None,
        award_codes=tuple(normalise(code, field="awards", single_line=True) for code in row.award_codes),
        achievement=normalise(row.achievement, field="achievement"),
        proposer=normalise(row.proposer, field="proposer", single_line=True),
    )


def _unreadable(refused: InvalidField) -> RowProblem:
    field = refused.errors[0].field if refused.errors else "row"
    return RowProblem(field, Reason("row_unreadable", refused.detail))


def _subject(choices: Choices) -> int | None:
    is_person = choices.award is not None and choices.award.subject_kind is SubjectKind.PERSON
    return choices.person_id if is_person else None


def _row_problems(
    desk: RowsToCheck, number: int, row: ListRow, taken: Mapping[Proposal, int | None]
) -> Iterator[RowProblem]:
    """Yield every problem of a row: of its person, then of each award in its columns."""
    yield from _person_problems(row, desk)
    if not row.award_codes:
        yield RowProblem("awards", Reason("row_award_missing", "The row names no award."))
    for column, code in enumerate(row.award_codes):
        if code in row.award_codes[:column]:
            yield RowProblem(f"awards.{column}", _twice(code, number))
            continue
        choices = desk.roster.choices(code, row.person_code)
        yield from (
            RowProblem(f"awards.{column}" if field == "award" else field, reason)
            for field, reason in _award_problems(row, code, choices, taken, desk.near)
        )


def _person_problems(row: ListRow, desk: RowsToCheck) -> Iterator[RowProblem]:
    if row.person_code is None:
        return
    person, unit = desk.roster.people.get(row.person_code), desk.place.unit_code
    if person is None:
        message = f"Nobody has the code '{row.person_code}'."
        params = {"person": row.person_code}
        yield RowProblem("person", _with_near(Reason("row_person_unknown", message, params), desk.near))
    elif person.unit_id != desk.roster.unit_id:
        params = {"person": row.person_code, "unit": unit}
        message = f"'{row.person_code}' belongs to another unit than '{unit}'."
        yield RowProblem("person", Reason("row_person_elsewhere", message, params))


def _award_problems(
    row: ListRow,
    code: str,
    choices: Choices,
    taken: Mapping[Proposal, int | None],
    near: Mapping[str, str],
) -> Iterator[tuple[str, Reason]]:
    params, award = {"award": code}, choices.award
    if award is None:
        unknown = Reason("row_award_unknown", f"No award '{code}' is in force.", params)
        yield "award", _with_near(unknown, near)
        return
    if not choices.is_award_covered:
        yield "award", Reason("row_award_not_in_round", f"'{code}' is not an award of this round.", params)
    if award.definition_id is None:
        yield "award", Reason("row_award_without_route", f"No route of '{code}' is published.", params)
    is_for_a_person = award.subject_kind is SubjectKind.PERSON
    if is_for_a_person and row.person_code is None:
        yield "person", Reason("row_person_missing", f"'{code}' honours a person; say whom.", params)
    elif not is_for_a_person and row.person_code is not None:
        yield "person", Reason("row_person_not_asked", f"'{code}' honours the unit, not a person.", params)
    elif (code, _subject(choices)) in taken and (choices.person_id is not None or not is_for_a_person):
        yield "award", _twice(code, taken[code, _subject(choices)])


def _with_near(unknown: Reason, near: Mapping[str, str]) -> Reason:
    """Return why a code that names nothing is refused, with the one that was probably meant."""
    (word,) = unknown.params.values()
    if (meant := near.get(word)) is None:
        return unknown
    message = f"{unknown.message} Did you mean '{meant}'?"
    return replace(unknown, message=message, params={**unknown.params, "meant": meant})


def _twice(code: str, first: int | None) -> Reason:
    params = {"award": code}
    if first is None:
        return Reason("row_already_proposed", f"Already proposed for '{code}' in this round.", params)
    message = f"Row {first} of this list proposes the same for '{code}'."
    return Reason("row_twice", message, {**params, "first": str(first)})


def _prepared(
    session: Session, desk: RowsToCheck, number: int, row: ListRow, loose: Mapping[Proposal, LooseName]
) -> list[RowEntry | RowProblem]:
    """Return what each award of a row asks to be inserted or put on the list, or what speaks against it."""
    found: list[RowEntry | RowProblem] = []
    place = desk.place
    for column, code in enumerate(row.award_codes):
        there = loose.get((code, _subject(desk.roster.choices(code, row.person_code))))
        if there is not None:
            values = {"decider": there.decider, "definition_id": there.definition_id}
            route = load_definition(session, there.definition_id)
            found.append(RowEntry(number, code, values, route, there.nomination_id))
            continue
        draft = Draft(place.round_code, code, place.unit_code, row.person_code, row.achievement, row.proposer)
        choices = desk.roster.choices(code, row.person_code)
        try:
            values, definition = prepare(session, desk.actor, draft, choices, desk.now)
        except InvalidField as refused:
            found.append(_unreadable(refused))
        except (Forbidden, NotFound) as refused:
            reason = Reason("row_not_yours", refused.detail, {"award": code})
            found.append(RowProblem(f"awards.{column}", reason))
        else:
            found.append(RowEntry(number, code, values, definition))
    is_new = any(isinstance(one, RowEntry) and one.nomination_id is None for one in found)
    if found and row.achievement and not is_new:
        message = "It is drafted already, with words of its own; leave these empty."
        found.append(RowProblem("achievement", Reason("row_has_its_own_words", message)))
    return found
