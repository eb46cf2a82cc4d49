"""Drafting the good rows of a list set-wise, on one submission for each body that decides. Never commits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, NothingListed, Reason
from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.nominations.commands import Outcome
from workflow.operations.nominations.nominate import insert_drafts
from workflow.operations.submissions.lists import ComposedList, FilledSubmission, Listed, RowResult
from workflow.operations.submissions.proposals import Hand, lock_loose, write_place
from workflow.operations.submissions.rows import Checked, RowEntry, RowsToCheck, check_rows
from workflow.operations.submissions.versions import bump, is_number_taken, number_taken
from workflow.store.locked import Locked
from workflow.store.submissions import Submission

# Somebody may propose the same name in the moment between our look and our insert; then we look again.
_LOOKS: Final = 3


def draft_list(
    session: Session, desk: RowsToCheck, paper: SignedDocument, via: Via, *, existing: FilledSubmission | None
) -> ComposedList:
    """Check and draft; when somebody proposes one of the names meanwhile, look again at what is left.

    The lists of one unit in one round are drafted one after the other: two that share names in another order
    would wait for each other.
    """
    key = f"lists:{desk.roster.round_id}:{desk.roster.unit_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    for look in range(_LOOKS):
        checked = check_rows(session, desk)
        if not checked.entries:
            raise _nothing_listed(checked)
        try:
            with session.begin_nested():
                return _write(session, desk, checked, paper, via, existing)
        except Conflict:
            if look + 1 == _LOOKS:
                raise
        except IntegrityError as problem:
            if is_number_taken(problem):
                raise number_taken(paper.number) from problem
            raise
    raise RuntimeError("the last look either writes or raises")


def _nothing_listed(checked: Checked) -> NothingListed:
    reasons = [
        Reason(
            problem.reason.code,
            problem.reason.message,
            {**problem.reason.params, "row": str(number), "field": problem.field},
        )
        for number, problems in sorted(checked.problems.items())
        for problem in problems
    ]
    words = "; ".join(f"row {reason.params['row']}: {reason.message}" for reason in reasons[:20])
    return NothingListed(f"No row can be taken: {words}", reasons=reasons)


def _write(  # noqa: PLR0917 - the parts of one list, handed on once
    session: Session,
    desk: RowsToCheck,
    checked: Checked,
    paper: SignedDocument,
    via: Via,
    existing: FilledSubmission | None,
) -> ComposedList:
    loose = [entry.nomination_id for entry in checked.entries if entry.nomination_id is not None]
    # What others may have in hand is locked before anything is written.
    locked = lock_loose(session, loose, actor=desk.actor, now=desk.now)
    papers = _papers(session, desk, checked.entries, paper, existing)
    _put_on(session, Hand(desk.actor, via, desk.now), checked.entries, papers, locked)
    ids = _insert(session, desk, checked.entries, papers, via)
    made = []
    for decider, submission in papers.items():
        names = [
            nomination_id
            for entry, nomination_id in zip(checked.entries, ids, strict=True)
            if _decider(entry) == decider
        ]
        version = _note(session, desk, submission, names, via, is_new=submission is not existing)
        made.append(FilledSubmission(submission.submission_id, decider, version, len(names)))
    listed: dict[int, list[Listed]] = {}
    for entry, nomination_id in zip(checked.entries, ids, strict=True):
        paper_id = papers[_decider(entry)].submission_id
        listed.setdefault(entry.number, []).append(Listed(entry.award_code, nomination_id, paper_id))
    rows = tuple(
        RowResult(number, tuple(listed.get(number, ())), checked.problems.get(number, ()))
        for number in range(1, len(desk.rows) + 1)
    )
    return ComposedList(tuple(made), rows)


def _decider(entry: RowEntry) -> str:
    return str(entry.values.get("decider", ""))


def _papers(
    session: Session,
    desk: RowsToCheck,
    entries: Sequence[RowEntry],
    paper: SignedDocument,
    existing: FilledSubmission | None,
) -> dict[str, FilledSubmission]:
    """Return the submission of each deciding body; the number stands on that with most names alone."""
    counted = Counter(_decider(entry) for entry in entries)
    ordered = [decider for decider, _ in counted.most_common()]
    papers = {existing.decider: existing} if existing and existing.decider in counted else {}
    new = [decider for decider in ordered if decider not in papers]
    if not new:
        return papers
    rows = [
        {
            "round_id": desk.roster.round_id,
            "unit_id": desk.roster.unit_id,
            "decider": decider,
            "number": paper.number if decider == ordered[0] else "",
            "signed_on": paper.signed_on if decider == ordered[0] else None,
            "signer": paper.signer if decider == ordered[0] else "",
            "version": 1,
            "created_by": desk.actor.account_id,
            "created_at": desk.now,
        }
        for decider in new
    ]
    statement = insert(Submission).returning(Submission.id, sort_by_parameter_order=True)
    ids = session.scalars(statement, rows).all()
    return papers | {
        decider: FilledSubmission(submission_id, decider, 1, 0)
        for decider, submission_id in zip(new, ids, strict=True)
    }


def _put_on(
    session: Session,
    hand: Hand,
    entries: Sequence[RowEntry],
    papers: Mapping[str, FilledSubmission],
    locked: Mapping[int, Locked],
) -> None:
    """Put the nominations that are there already on the submission of who decides on them."""
    for decider, paper in papers.items():
        names = [
            locked[entry.nomination_id]
            for entry in entries
            if entry.nomination_id is not None and _decider(entry) == decider
        ]
        if names:
            write_place(session, hand, names, paper.submission_id)


def _insert(
    session: Session,
    desk: RowsToCheck,
    entries: Sequence[RowEntry],
    papers: Mapping[str, FilledSubmission],
    via: Via,
) -> list[int]:
    """Insert the drafts, one set for each route, and return the ids of all in the order of the entries."""
    ids = {place: entry.nomination_id for place, entry in enumerate(entries) if entry.nomination_id}
    new = {place: entry for place, entry in enumerate(entries) if place not in ids}
    for definition_id in sorted({int(str(entry.values["definition_id"])) for entry in new.values()}):
        places = [place for place, entry in new.items() if entry.values["definition_id"] == definition_id]
        rows = [
            ({**entries[p].values, "submission_id": papers[_decider(entries[p])].submission_id}, desk.actor)
            for p in places
        ]
        outcomes: list[Outcome] = insert_drafts(session, rows, entries[places[0]].definition, via=via)
        ids |= {place: outcome.nomination_id for place, outcome in zip(places, outcomes, strict=True)}
    return [ids[place] for place in range(len(entries))]


def _note(
    session: Session,
    desk: RowsToCheck,
    submission: FilledSubmission,
    names: Sequence[int],
    via: Via,
    *,
    is_new: bool,
) -> int:
    """Append the event of the submission and return its version afterwards."""
    data: dict[str, object] = {"nominations": list(names)}
    if is_new:
        data |= {"decider": submission.decider, "unit": desk.place.unit_code, "round": desk.place.round_code}
    append_event(
        session,
        f"submission:{submission.submission_id}",
        "create" if is_new else "add",
        actor=desk.actor,
        via=via,
        now=desk.now,
        data=data,
    )
    return submission.version if is_new else bump(session, submission.submission_id)
