"""Submissions with their lists out of a file: a row for each name, several awards in one row.

Unlike a list over the interface, which is answered row by row, a file is taken whole or not at all. Names
that different bodies decide on go on submissions of their own, as everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, InvalidField, Refusal
from workflow.domain.facts import SignedDocument
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import demand_composer
from workflow.domain.vocabulary import SubjectKind, Via
from workflow.imports.kinds.units import KnownUnit, load_units
from workflow.imports.plan import ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.operations.rounds.answers import demand_unanswered
from workflow.operations.submissions.compose import clean_document
from workflow.operations.submissions.drafts import draft_list
from workflow.operations.submissions.rows import ListPlace, ListRow, RowsToCheck, check_rows, lay_out
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.codes import meant_code, spellings, stored_code
from workflow.store.database import local_day
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person
from workflow.store.proposed import is_proposed
from workflow.store.submissions import Submission

_FIELDS = {"awards": "awards", "person": "person", "achievement": "achievement", "proposer": "proposer"}


@dataclass(slots=True)
class _Paper:
    """One submission of the file: where it belongs, its words, its rows that are not listed yet."""

    round_code: str
    unit: KnownUnit
    words: SignedDocument
    first: Cells
    rows: list[tuple[Cells, ListRow]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadyLists:
    """A file whose lists can be drafted, and what that will change."""

    desks: tuple[tuple[RowsToCheck, SignedDocument], ...]
    plan: ImportPlan


def plan_submissions(
    session: Session, rows: Sequence[Cells], problems: BadCells, *, actor: Actor, now: datetime
) -> ReadyLists:
    """Return the lists ready to be drafted, without what a submission of the unit lists already."""
    units = load_units(session)
    papers: dict[tuple[str, str, str], _Paper] = {}
    for cells in rows:
        _read(cells, papers, units.find(cells, "unit"))
    plan = ImportPlan()
    desks = []
    for paper in papers.values():
        if not _has_right(paper, actor):
            continue
        _leave_out_listed(session, paper, plan)
        if paper.rows and (desk := _check(session, paper, actor, now)) is not None:
            desks.append((desk, paper.words))
            plan.new += [_label(paper, row) for _, row in paper.rows]
    problems.demand_none()
    return ReadyLists(tuple(desks), plan)


def draft_all(session: Session, ready: ReadyLists) -> dict[str, object]:
    """Draft every list and return what came of it: the ids of submissions and nominations."""
    made = [draft_list(session, desk, words, Via.IMPORT, existing=None) for desk, words in ready.desks]
    return {
        "submissions": [one.submission_id for each in made for one in each.submissions],
        "nominations": [
            one.nomination_id for each in made for row in each.rows for one in row.listed
        ],
    }  # fmt: skip


def _read(cells: Cells, papers: dict[tuple[str, str, str], _Paper], unit: KnownUnit | None) -> None:
    found = len(cells.problems.found)
    round_code, number, signer = cells.text("round"), cells.text("number"), cells.text("signer")
    signed_on, awards = cells.day("signed_on"), cells.words("awards")
    row = ListRow(cells.text("person") or None, awards, cells.text("achievement"), cells.text("proposer"))
    # A row with a cell that cannot be read is not judged: without its person it would propose the unit.
    if unit is None or not round_code or len(cells.problems.found) > found:
        return
    key = (round_code, unit.code, number)
    words = SignedDocument(number, signed_on, signer)
    paper = papers.setdefault(key, _Paper(round_code, unit, words, cells))
    for column, given, there in (
        ("signed_on", signed_on, paper.words.signed_on),
        ("signer", signer, paper.words.signer),
    ):
        if given and there and given != there:
            cells.bad(column, f"line {paper.first.line} says '{there}' for the same paper")
    known = paper.words
    paper.words = SignedDocument(number, known.signed_on or signed_on, known.signer or signer)
    paper.rows.append((cells, row))


def _has_right(paper: _Paper, actor: Actor) -> bool:
    try:
        demand_composer(actor, paper.unit.code)
    except Refusal as refused:
        paper.first.bad("unit", refused.detail)
        return False
    return True


def _leave_out_listed(session: Session, paper: _Paper, plan: ImportPlan) -> None:
    """Count what the unit has submitted in this round already as unchanged, and keep the rest."""
    people = [row.person_code for _, row in paper.rows if row.person_code]
    stored = spellings(session, Person.code, people)
    awards_meant = spellings(session, Award.code, [code for _, row in paper.rows for code in row.award_codes])
    paper.rows = [
        (
            cells,
            replace(
                row,
                person_code=stored.get(row.person_code or "", row.person_code),
                award_codes=tuple(awards_meant.get(code, code) for code in row.award_codes),
            ),
        )
        for cells, row in paper.rows
    ]
    paper.round_code = stored_code(session, Round.code, paper.round_code)
    listed = _listed(session, paper)
    numbers = set(listed.values())
    rest: list[tuple[Cells, ListRow]] = []
    for cells, row in paper.rows:
        awards = tuple(code for code in row.award_codes if (code, row.person_code) not in listed)
        plan.unchanged_count += not awards and bool(row.award_codes)
        if awards or not row.award_codes:
            rest.append((cells, replace(row, award_codes=awards)))
    if rest and paper.words.number and paper.words.number in numbers:
        paper.first.bad("number", "this paper is there with other names; put the rest on its list")
    paper.rows = rest


def _listed(session: Session, paper: _Paper) -> Mapping[tuple[str, str | None], str]:
    rows = session.execute(
        select(Award.code, Person.code.label("person"), Nomination.subject_kind, Submission.number)
        .join(Submission, Submission.id == Nomination.submission_id)
        .join(Round, Round.id == Nomination.round_id)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Award, Award.id == AwardEdition.award_id)
        .outerjoin(Person, Person.id == Nomination.person_id)
        .where(
            Round.code == paper.round_code,
            Submission.unit_id == paper.unit.unit_id,
            is_proposed(),
        )
    )
    return {
        (row.code, row.person if row.subject_kind == SubjectKind.PERSON else None): row.number for row in rows
    }


def _check(session: Session, paper: _Paper, actor: Actor, now: datetime) -> RowsToCheck | None:
    """Lay the list out and name every cell that the rules refuse."""
    place = ListPlace(paper.round_code, paper.unit.code)
    desk = lay_out(session, [row for _, row in paper.rows], actor=actor, place=place, now=now)
    if desk.roster.round_id is None:
        near = meant_code(session, Round.code, paper.round_code)
        paper.first.bad("round", f"no open round has this code{near}")
        return None
    try:
        demand_unanswered(session, desk.roster.round_id, desk.roster.unit_id, unit_code=paper.unit.code)
    except Conflict as refused:
        paper.first.bad("unit", refused.detail)
        return None
    try:
        paper.words = clean_document(paper.words, today=local_day(session, now))
    except InvalidField as refused:
        paper.first.bad(refused.errors[0].field, refused.errors[0].message)
    for number, wrong in check_rows(session, desk).problems.items():
        cells = paper.rows[number - 1][0]
        for problem in wrong:
            cells.bad(_FIELDS.get(problem.field.partition(".")[0], "awards"), problem.reason.message)
    return desk


def _label(paper: _Paper, row: ListRow) -> str:
    subject = row.person_code or paper.unit.code
    return f"{paper.round_code} {paper.unit.code} {subject}: {', '.join(row.award_codes)}"
