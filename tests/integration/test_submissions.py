"""A unit's list: composed row by row, put on papers, amended while it is with the unit."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.lists import AWARD, add_colleagues, compose, names_of, row
from tests.support.office import AG, DT, ROUND, Office, furnish
from workflow.domain.errors import (
    Conflict,
    Forbidden,
    InvalidField,
    NotFound,
    NothingListed,
    StaleSubmission,
    SubmissionSent,
)
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim
from workflow.operations.submissions.compose import (
    NewSubmission,
    SubmissionEdit,
    add_rows,
    create_submission,
    edit_submission,
)
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.operations.submissions.rows import ListRow
from workflow.operations.submissions.transfers import A_NEW_SUBMISSION, Transfer, transfer_names
from workflow.queries.history.audit import verify_chains
from workflow.store.awards import Award, Round, RoundAward
from workflow.store.history import Event
from workflow.store.nominations import Nomination
from workflow.store.submissions import Submission

PAPER = SignedDocument("45/TTr-VKS", date(2026, 3, 2), "Nguyễn Văn An")


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


def problems(made) -> dict[int, list[tuple[str, str]]]:
    return {
        line.number: [(problem.field, problem.reason.code) for problem in line.problems]
        for line in made.rows
        if line.problems
    }


def submission(session: Session, submission_id: int) -> Submission:
    session.expire_all()
    return session.get_one(Submission, submission_id)


def test_a_list_becomes_one_paper_with_a_nomination_for_each_award(office: Office, session: Session) -> None:
    codes = add_colleagues(session, 3)
    rows = [row(codes[0]), row(codes[1], AWARD, "LDTT"), row(codes[2]), row(None, "TTLDTT")]
    made = compose(office, rows, MONDAY, paper=PAPER)
    [paper] = made.submissions
    assert paper.names == 5
    assert [len(line.listed) for line in made.rows] == [1, 2, 1, 1]
    kept = submission(session, paper.submission_id)
    assert (kept.number, kept.signed_on, kept.signer, kept.version) == (
        "45/TTr-VKS",
        PAPER.signed_on,
        PAPER.signer,
        1,
    )
    listed = select(Nomination.id).where(Nomination.submission_id == paper.submission_id)
    assert set(session.scalars(listed)) == set(names_of(made))
    assert verify_chains(session).problems == ()


def test_bad_rows_are_refused_one_by_one_and_the_rest_stands(office: Office, session: Session) -> None:
    codes = add_colleagues(session, 2)
    rows = [
        row(codes[0]),
        row("NV11"),
        row("NV99"),
        row(codes[0]),
        row(codes[1], AWARD, AWARD),
        row(codes[1], "KHONG_CO"),
        row(None),
        row(codes[1], "TTLDTT"),
        ListRow(codes[1], ()),
        ListRow(codes[1], (AWARD,), "a\0b"),
        row(codes[1]),
    ]
    made = compose(office, rows, MONDAY)
    assert problems(made) == {
        2: [("person", "row_person_elsewhere")],
        3: [("person", "row_person_unknown")],
        4: [("awards.0", "row_twice")],
        5: [("awards.1", "row_twice")],
        6: [("awards.0", "row_award_unknown")],
        7: [("person", "row_person_missing")],
        8: [("person", "row_person_not_asked")],
        9: [("awards", "row_award_missing")],
        10: [("achievement", "row_unreadable")],
    }
    assert [line.number for line in made.rows if line.listed] == [1, 11]


def test_an_award_that_the_round_is_not_held_for_is_refused(office: Office, session: Session) -> None:
    codes = add_colleagues(session, 2)
    round_id = session.scalars(select(Round.id)).one()
    award_id = session.scalars(select(Award.id).where(Award.code == "LDTT")).one()
    session.add(RoundAward(round_id=round_id, award_id=award_id))
    session.commit()
    made = compose(office, [row(codes[0], "LDTT"), row(codes[1])], MONDAY)
    assert problems(made) == {2: [("awards.0", "row_award_not_in_round")]}


def test_a_row_does_not_tell_whether_another_unit_proposes_somebody(office: Office) -> None:
    office.draft(MONDAY, person_code="NV04")
    made = create_submission(
        office.session,
        actor=office.actor("other_nominator", MONDAY),
        new=NewSubmission(ROUND, DT, [row("NV04"), row("NV05"), row("NV11")]),
        via=Via.API,
        now=MONDAY,
    )
    assert problems(made) == {number: [("person", "row_person_elsewhere")] for number in (1, 2)}


def test_the_same_list_twice_makes_no_second_paper(office: Office, session: Session) -> None:
    rows = [row(code) for code in add_colleagues(session, 3)]
    compose(office, rows, MONDAY)
    with pytest.raises(NothingListed) as refused:
        compose(office, rows, MONDAY)
    assert [reason.code for reason in refused.value.reasons] == ["row_already_proposed"] * 3
    assert [reason.params["row"] for reason in refused.value.reasons] == ["1", "2", "3"]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_the_same_key_gets_the_same_answer(office: Office, session: Session) -> None:
    rows = [row(code) for code in add_colleagues(session, 2)] + [row("NV99")]
    new = NewSubmission(ROUND, AG, rows)
    claim = Claim("key", "POST /submissions", b"m" * 32)
    actor = office.actor("nominator", MONDAY)
    first, again = (
        create_submission(session, actor=actor, new=new, via=Via.API, now=MONDAY, claim=claim)
        for _ in range(2)
    )
    assert again.was_answered_before
    assert replace(again, was_answered_before=False) == first


@pytest.mark.parametrize(
    ("part", "changes", "refusal"),
    [
        ("reviewer", {}, Forbidden),
        ("other_nominator", {}, Forbidden),
        ("nominator", {"round_code": "KHONG-CO"}, InvalidField),
        ("nominator", {"unit_code": "KHONG-CO"}, Forbidden),
        ("nominator", {"rows": []}, InvalidField),
        ("nominator", {"paper": SignedDocument(signed_on=date(2026, 3, 3))}, InvalidField),
    ],
)
def test_a_list_that_cannot_be_is_refused_whole(
    office: Office, session: Session, part: str, changes: dict, refusal: type[Exception]
) -> None:
    new = replace(NewSubmission(ROUND, AG, [row("NV04")]), **changes)
    with pytest.raises(refusal):
        create_submission(session, actor=office.actor(part, MONDAY), new=new, via=Via.API, now=MONDAY)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Submission)) == 0


def test_a_unit_uses_a_number_once_in_a_round(office: Office, session: Session) -> None:
    compose(office, [row("NV04")], MONDAY, paper=PAPER)
    with pytest.raises(Conflict, match="45/TTr-VKS"):
        compose(office, [row("NV05")], MONDAY, paper=PAPER)
    session.rollback()
    made = compose(office, [row("NV05")], MONDAY)
    with pytest.raises(Conflict, match="45/TTr-VKS"):
        change(office, made.submissions[0].submission_id, 1, number="45/TTr-VKS")


def change(office: Office, submission_id: int, version: int, part: str = "unit_head", **words: Any) -> int:
    return edit_submission(
        office.session,
        actor=office.actor(part, MONDAY),
        submission_id=submission_id,
        version=version,
        changes=SubmissionEdit(**words),
        via=Via.API,
        now=MONDAY,
    )


def test_a_papers_words_are_written_by_its_unit_at_the_version_seen(office: Office, session: Session) -> None:
    [paper] = compose(office, [row("NV04")], MONDAY).submissions
    assert change(office, paper.submission_id, 1, number="46/TTr-VKS", signed_on=date(2026, 3, 2)) == 2
    assert change(office, paper.submission_id, 2, number="46/TTr-VKS") == 2
    with pytest.raises(StaleSubmission) as stale:
        change(office, paper.submission_id, 1, signer="Ai đó")
    assert stale.value.params["version"] == "2"
    with pytest.raises(NotFound):
        change(office, paper.submission_id, 2, part="other_reviewer", signer="Ai đó")
    with pytest.raises(NotFound):
        change(office, paper.submission_id, 2, part="secretary", signer="Ai đó")
    with pytest.raises(Forbidden):
        change(office, paper.submission_id, 2, part="deputy", signer="Ai đó")


def order(submission_id: int, version: int, action: str, **changes: Any) -> ListOrder:
    request = MoveRequest(action, **changes.pop("request", {}))
    return ListOrder(submission_id, version, request, Via.API, **changes)


def test_a_paper_that_was_sent_is_only_corrected_and_with_a_reason(office: Office, session: Session) -> None:
    codes = add_colleagues(session, 3)
    [paper] = compose(office, [row(code) for code in codes[:2]], MONDAY, paper=PAPER).submissions
    for version, (part, action) in enumerate([("nominator", "submit"), ("reviewer", "approve")], 1):
        asked = order(paper.submission_id, version, action)
        act_on_submission(session, actor=office.actor(part, MONDAY), order=asked, now=MONDAY)
    with pytest.raises(SubmissionSent):
        change(office, paper.submission_id, 3, number="47/TTr-VKS")
    with pytest.raises(SubmissionSent):
        add_rows(
            session,
            actor=office.actor("nominator", MONDAY),
            submission_id=paper.submission_id,
            version=3,
            rows=[row(codes[2])],
            via=Via.API,
            now=MONDAY,
        )
    session.rollback()
    assert change(office, paper.submission_id, 3, number="47/TTr-VKS", reason="Ghi nhầm số.") == 4
    last = select(Event.action).where(Event.stream == f"submission:{paper.submission_id}")
    assert list(session.scalars(last.order_by(Event.seq)))[-1] == "correct"
    assert verify_chains(session).problems == ()


def test_more_names_join_a_list_that_is_still_with_the_unit(office: Office, session: Session) -> None:
    codes = add_colleagues(session, 3)
    [paper] = compose(office, [row(codes[0])], MONDAY).submissions
    made = add_rows(
        session,
        actor=office.actor("nominator", MONDAY),
        submission_id=paper.submission_id,
        version=1,
        rows=[row(codes[1]), row(codes[0]), row(codes[2])],
        via=Via.API,
        now=MONDAY,
    )
    assert [(one.submission_id, one.version, one.names) for one in made.submissions] == [
        (paper.submission_id, 2, 2)
    ]
    assert problems(made) == {2: [("awards.0", "row_already_proposed")]}


def test_names_leave_a_list_for_another_paper_while_they_lie_with_the_unit(
    office: Office, session: Session
) -> None:
    codes = add_colleagues(session, 4)
    made = compose(office, [row(code) for code in codes], MONDAY)
    [paper] = made.submissions
    names = names_of(made)
    sent = order(paper.submission_id, 1, "submit", nominations=names[:1])
    act_on_submission(session, actor=office.actor("nominator", MONDAY), order=sent, now=MONDAY)
    approved = order(paper.submission_id, 2, "approve", nominations=names[:1])
    act_on_submission(session, actor=office.actor("reviewer", MONDAY), order=approved, now=MONDAY)
    split = Transfer(paper.submission_id, 3, [*names[:2], 10**9], A_NEW_SUBMISSION, Via.API)
    outcome = transfer_names(session, actor=office.actor("nominator", MONDAY), transfer=split, now=MONDAY)
    assert [item.refused and item.refused.reasons[0].code for item in outcome.items] == [
        "not_with_the_unit",
        None,
        "not_on_this_list",
    ]
    taken = Transfer(paper.submission_id, 4, names[2:3], None, Via.API)
    transfer_names(session, actor=office.actor("nominator", MONDAY), transfer=taken, now=MONDAY)
    where = dict(session.execute(select(Nomination.id, Nomination.submission_id)).all())
    assert where[names[0]] == where[names[3]] == paper.submission_id
    assert where[names[1]] not in {None, paper.submission_id}
    assert where[names[2]] is None
    again = Transfer(paper.submission_id, 5, names[3:], paper.submission_id, Via.API)
    with pytest.raises(Conflict):
        transfer_names(session, actor=office.actor("nominator", MONDAY), transfer=again, now=MONDAY)
    assert verify_chains(session).problems == ()
