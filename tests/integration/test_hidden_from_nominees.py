"""What the nominee learns before the result: that it goes on, never how they were judged or by whom."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.integration.test_annual import CARRIED, UPPER, to_the_council
from tests.support.office import PAPER, TOP, Office
from tests.support.papers import minimal_pdf
from tests.support.servers import connect
from tests.support.yearly import attach as stubs
from tests.support.yearly import furnish_yearly
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, NotFound, Refusal, StaleSubmission
from workflow.domain.facts import MoveRequest, OfflineStep, SignedDocument, VoteEntry
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.vocabulary import PaperKind, Via, VoteResult
from workflow.operations.papers.attach import Archive, NewPaper, attach
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.queries.nominations.events import list_events
from workflow.queries.nominations.moves import moves_for
from workflow.queries.papers import find_paper, papers_of
from workflow.queries.submissions.submission import get_submission
from workflow.store.access import Grant
from workflow.store.nominations import Nomination
from workflow.store.paper_files import PaperFolder

# The nominator of the unit, who may read its lists and is proposed on one of them.
NOMINEE = "NV01"
SENT_BACK: dict[str, Any] = {"to_step": "appraisal", "reason_code": "other", "comment": "Xem lại."}
LOST = VoteEntry(members=9, in_favour=2, against=6, blank=1)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish_yearly(session, now=clock.now())


def voted(office: Office, clock: FixedClock, vote: VoteEntry, **draft: str) -> int:
    """Carry the nominee to the head's table."""
    nomination_id = office.draft(clock.now(), person_code=NOMINEE, **draft).nomination_id
    to_the_council(office, nomination_id, clock)
    action = "approve" if vote is CARRIED else "not_passed"
    office.act("secretary", nomination_id, action, clock.now(), vote=vote)
    return nomination_id


def test_a_stale_list_does_not_tell_the_nominee_who_acted_on_it(office, session, clock):
    now = clock.now()
    submission_id = session.get_one(Nomination, voted(office, clock, CARRIED)).submission_id
    order = ListOrder(submission_id, 1, MoveRequest("return", **SENT_BACK), Via.API)
    act_on_submission(session, actor=office.actor("head", now), order=order, now=now)

    def told(part: str) -> tuple[str, bool]:
        with pytest.raises(StaleSubmission) as refused:
            act_on_submission(session, actor=office.actor(part, now), order=order, now=now)
        return refused.value.params["changed_by"], "NV22" in str(refused.value)

    assert told("nominator") == ("", False)
    assert told("deputy") == ("head NV22", True)


@pytest.mark.parametrize("vote", [CARRIED, LOST])
def test_the_page_of_the_list_does_not_tell_the_nominee_the_vote(office, session, clock, vote):
    now = clock.now()
    submission_id = session.get_one(Nomination, voted(office, clock, vote)).submission_id

    def told(part: str) -> VoteResult | None:
        view = get_submission(session, actor=office.actor(part, now), submission_id=submission_id, now=now)
        return view.list[0].awards[0].recommendation

    assert told("nominator") is None
    assert told("deputy") is not None


def test_the_timeline_tells_the_nominee_that_the_council_met_and_not_what_it_said(office, session, clock):
    now, ways = clock.now(), []
    for vote, award in ((CARRIED, "CSTDCS"), (LOST, "CSTD_NGANH")):
        nomination_id = voted(office, clock, vote, award_code=award)
        page = list_events(
            session, actor=office.actor("nominator", now), nomination_id=nomination_id, limit=50, cursor=None
        )
        ways.append([(event.action, event.action_label, event.source, event.dest) for event in page.items])
        reviewer = office.actor("deputy", now)
        told = list_events(session, actor=reviewer, nomination_id=nomination_id, limit=50, cursor=None).items
        assert told[-1].action == ("approve" if vote is CARRIED else "not_passed")
    assert ways[0] == ways[1]


def test_no_button_and_no_refusal_tells_the_nominee_the_vote(office, session, clock):
    now, said = clock.now(), []
    for vote, award in ((CARRIED, "CSTDCS"), (LOST, "CSTD_NGANH")):
        nomination_id = voted(office, clock, vote, award_code=award)
        moves = moves_for(session, actor=office.actor("nominator", now), nomination_id=nomination_id, now=now)
        reasons = [[reason.code for reason in move.refusals] for move in moves]
        with pytest.raises(Refusal) as refused:
            office.act("nominator", nomination_id, "approve", now, decision=PAPER)
        session.rollback()
        said.append((reasons, [reason.code for reason in refused.value.reasons]))
    assert said[0] == said[1]


def test_the_papers_of_a_colleague_do_not_tell_the_nominee_who_brought_the_minutes_of_their_list(
    office, session, clock, tmp_path: Path
):
    now = clock.now()
    own = office.draft(now, person_code=NOMINEE).nomination_id
    to_the_council(office, own, clock)
    other = office.draft(now, person_code="NV05").nomination_id
    submission_id = session.get_one(Nomination, own).submission_id
    session.get_one(Nomination, other).submission_id = submission_id
    session.commit()
    folder = PaperFolder(tmp_path)
    with folder.receive(BytesIO(minimal_pdf()), most_bytes=9999) as incoming:
        attach(
            session,
            actor=office.actor("secretary", now),
            target=Target(PaperRoot.SUBMISSION, submission_id),
            paper=NewPaper(
                PaperKind.COUNCIL_MINUTES, "biên bản.pdf", confirms_not_secret=True, file=incoming
            ),
            archive=Archive(folder, PaperQuota()),
            via=Via.API,
            now=now,
        )
    nominee = office.actor("nominator", now)
    shown = papers_of(session, actor=nominee, target=Target(PaperRoot.NOMINATION, other), now=now).items
    minutes = [paper for paper in shown if paper.kind == PaperKind.COUNCIL_MINUTES]
    assert [(paper.filename, paper.uploaded_by, paper.is_withheld) for paper in minutes] == [("", None, True)]


def test_the_scan_of_a_step_on_the_nominee_is_read_with_the_result_whatever_kind_it_is_called(
    office, session, clock, database
):
    now = clock.now()
    own = office.draft(now, person_code=NOMINEE).nomination_id
    to_the_council(office, own, clock)
    [scan] = stubs(office, now, "other", nomination_id=own)
    # As the owner of the tables: the application may not say who uploaded a paper afterwards.
    with connect(database.migration_url) as connection:
        connection.execute(
            "UPDATE attachment SET uploaded_by = %s WHERE id = %s", (office.ids["secretary"], scan)
        )
    secretary = f"council_secretary@council:{TOP}"
    step = OfflineStep(secretary, SignedDocument("05/BB-HĐ", now.date(), "Nguyễn Minh Trí"), scan)
    office.act("secretary", own, "approve", now, vote=CARRIED, on_paper=step)
    target = Target(PaperRoot.NOMINATION, own)

    def shown(part: str) -> list[bool]:
        papers = papers_of(session, actor=office.actor(part, now), target=target, now=now).items
        return [paper.is_withheld for paper in papers if paper.id == scan]

    assert (shown("nominator"), shown("deputy")) == ([True], [False])
    with pytest.raises(NotFound) as refused:
        find_paper(session, actor=office.actor("nominator", now), attachment_id=scan, now=now)
    assert [reason.code for reason in refused.value.reasons] == ["withheld_paper"]


def test_the_nominee_does_not_enter_what_was_decided_above_on_them(office, session, clock):
    now = clock.now()
    nomination_id = office.draft(now, award_code="CSTD_TOAN_QUOC", person_code=NOMINEE).nomination_id
    to_the_council(office, nomination_id, clock)
    office.act("secretary", nomination_id, "approve", now, vote=VoteEntry(9, 9, 0))
    office.act("head", nomination_id, "approve", now, decision=PAPER)
    key, since = f"appraiser@council:{TOP}", date(2020, 1, 1)
    session.add(Grant(account_id=office.ids["nominator"], key=key, valid_from=since))
    session.commit()
    with pytest.raises(Forbidden) as refused:
        office.act("nominator", nomination_id, "record_outcome", now, outcome="awarded", decision=UPPER)
    assert [reason.code for reason in refused.value.reasons] == ["own_subject"]
    session.rollback()
    office.act("appraiser", nomination_id, "record_outcome", now, outcome="awarded", decision=UPPER)
