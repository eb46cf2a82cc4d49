"""The board of a round says what can be counted on one's fingers, to everybody as far as they may count."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.board_text import report, sentence
from tests.support.board import AG, CM, DT, KG, KNOWN, STANDS, Stand, open_board, settle, stand
from tests.support.office import TOP, Office, furnish
from tests.support.rounds import NEXT, opened
from workflow.clock import FixedClock
from workflow.domain.errors import NotFound
from workflow.domain.owed import ReturnStatus
from workflow.domain.vocabulary import RoundDate
from workflow.queries.board.board import Board, Show, board
from workflow.queries.board.outlook import Risk
from workflow.queries.board.rows import BoardCount
from workflow.queries.nominations.filters import NominationFilters
from workflow.queries.nominations.nominations import list_nominations
from workflow.queries.progress import Progress
from workflow.store.access import Account, Grant

# Friday, 17 April 2026, 09:00 in Hà Nội: two working days after the units' day of 15 April.
LATER = datetime(2026, 4, 17, 2, 0, tzinfo=UTC)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    office = furnish(session, now=clock.now())
    open_board(office, clock.now())
    clock.advance(LATER - clock.now())
    return office


def seen(office: Office, part: str, now: datetime = LATER) -> Board:
    return board(office.session, actor=office.actor(part, now), code=NEXT, now=now)


def row_of(found: Board, code: str):
    (row,) = [row for row in found.rows if row.unit.code == code]
    return row


def appraiser(office: Office, now: datetime) -> None:
    account = Account(email="thuongtruc@example.vn", name="Thường trực", created_at=now)
    office.session.add(account)
    office.session.flush()
    key = f"appraiser@council:{TOP}"
    office.session.add(Grant(account_id=account.id, key=key, valid_from=date(2020, 1, 1)))
    office.session.commit()
    office.ids["appraiser"] = account.id


def test_every_number_is_the_one_that_was_made(office: Office) -> None:
    stand(office, AG, STANDS, LATER)
    settle(office.session, AG, LATER - timedelta(days=3))
    found = seen(office, "admin")
    mine = row_of(found, AG)
    assert {progress: count.total for progress, count in mine.counts.items()} == KNOWN
    assert {progress: count.named for progress, count in mine.counts.items()} == KNOWN
    assert {progress: count.total for progress, count in found.totals.items()} == KNOWN
    assert row_of(found, DT).counts == dict.fromkeys(Progress, BoardCount())
    assert (mine.status, mine.days_late, mine.sent_on) == (ReturnStatus.SENT, 0, date(2026, 4, 14))


def test_silent_units_come_first_then_late_ones_then_by_name(office: Office) -> None:
    stand(office, AG, STANDS[3:4], LATER)
    settle(office.session, AG, LATER - timedelta(days=3))
    stand(office, DT, STANDS[:1], LATER)
    settle(office.session, KG, LATER - timedelta(days=3), answered=True)
    found = seen(office, "supervisor")
    assert [(row.unit.code, row.status) for row in found.rows] == [
        (CM, ReturnStatus.NOT_STARTED),
        (DT, ReturnStatus.DRAFTING),
        (AG, ReturnStatus.SENT),
        (KG, ReturnStatus.NOTHING),
    ]
    assert [row.days_late for row in found.rows] == [2, 2, 0, 0]
    assert (found.expected, found.statuses[ReturnStatus.NOT_STARTED]) == (4, 1)
    assert [row.unit.code for row in found.shown(Show.SILENT)] == [CM]
    assert [row.unit.code for row in found.shown(Show.LATE)] == [CM, DT]
    silent = found.rows[0]
    assert silent.officer is not None
    assert (silent.officer.name, silent.officer.telephone) == ("Võ Thị Út", "0290 383 1234")
    assert silent.holder is not None
    assert (silent.holder.key, silent.place) == (f"nominator@unit:{CM}", "VKSND tỉnh Cà Mau")
    assert silent.waiting_days > 20


def test_a_level_above_sees_counts_and_no_name_until_it_was_sent(office: Office) -> None:
    stand(office, AG, STANDS, LATER)
    appraiser(office, LATER)
    for part in ("supervisor", "appraiser"):
        counts = row_of(seen(office, part), AG).counts
        assert {progress: count.total for progress, count in counts.items()} == KNOWN, part
        assert counts[Progress.PROPOSED] == BoardCount(9, 7), part
        assert counts[Progress.WITHDRAWN] == BoardCount(1, 0), part
    assert [row.unit.code for row in seen(office, "nominator").rows] == [AG]
    assert [row.unit.code for row in seen(office, "other_nominator").rows] == [DT]
    assert row_of(seen(office, "other_nominator"), DT).counts[Progress.PROPOSED] == BoardCount()
    assert not seen(office, "nominator").is_whole


@pytest.mark.parametrize("part", ["admin", "supervisor", "nominator", "head", "cluster_head"])
def test_a_number_is_the_length_of_the_list_it_opens_and_what_is_not_yours(office: Office, part: str) -> None:
    stand(office, AG, STANDS, LATER)
    stand(office, DT, STANDS[:4], LATER)
    actor = office.actor(part, LATER)
    for row in board(office.session, actor=actor, code=NEXT, now=LATER).rows:
        for progress, count in row.counts.items():
            filters = NominationFilters(round=NEXT, unit=row.unit.code, progress=progress)
            listed = list_nominations(
                office.session, actor=actor, filters=filters, limit=50, cursor=None, now=LATER
            )
            assert len(listed.items) == count.named, (row.unit.code, progress)
            assert count.total - count.named == count.unnamed >= 0


def test_who_took_the_work_is_named_only_to_whom_may_open_it(office: Office) -> None:
    ids = stand(office, AG, STANDS[1:2], LATER)
    office.act("reviewer", ids[0], "claim", LATER)
    settle(office.session, AG, LATER)
    below, above = row_of(seen(office, "reviewer"), AG), row_of(seen(office, "supervisor"), AG)
    assert below.holder is not None
    assert above.holder is not None
    assert below.holder.assignee is not None
    assert (above.holder.key, above.holder.assignee) == (below.holder.key, None)


def test_a_unit_that_owes_nothing_is_on_the_board_with_what_it_has(office: Office) -> None:
    stand(office, TOP, STANDS[:2], LATER)
    row = row_of(seen(office, "admin"), TOP)
    assert (row.is_expected, row.status, row.due_on) == (False, ReturnStatus.DRAFTING, None)


def test_an_unknown_round_has_no_board(office: Office) -> None:
    with pytest.raises(NotFound):
        board(office.session, actor=office.actor("admin", LATER), code="NO-SUCH", now=LATER)


def everybody(office: Office, *stands: Stand) -> None:
    """Have every unit send what stands there, on its day."""
    for unit in (AG, DT, CM, KG):
        if stands:
            stand(office, unit, stands, LATER)
        settle(office.session, unit, LATER - timedelta(days=3))


def test_when_all_is_there_the_answer_is_yes(office: Office) -> None:
    everybody(office, STANDS[8])
    found = seen(office, "admin")
    assert (found.will_be_there, found.is_through) == (True, True)
    assert sentence(found, "vi") == (
        "Có, mọi đơn vị đã gửi hoặc trả lời và mọi hồ sơ đã xét xong trước ngày 30/6/2026."
    )
    assert sentence(found, "en").startswith("Yes, every unit has sent or answered")


def test_work_that_still_fits_is_promised_for_the_day_its_periods_end(office: Office) -> None:
    everybody(office, STANDS[3])
    found = seen(office, "admin")
    # Due on Wednesday, 22 April; of 20 + 10 + 5 working days four lie before May with its days off on 27 and
    # 30 April and 1 May, the other thirty-one from Monday, 4 May.
    assert found.will_be_there
    assert max(row.through_on for row in found.rows) == date(2026, 6, 15)
    assert "chậm nhất xong ngày 15/6/2026" in sentence(found, "vi")


def test_two_silent_units_are_named_with_how_late_they_are(office: Office) -> None:
    for unit in (AG, DT):
        stand(office, unit, STANDS[3:4], LATER)
        settle(office.session, unit, LATER - timedelta(days=3))
    found = seen(office, "admin")
    assert found.will_be_there is False
    assert [(row.unit.code, row.risk) for row in found.at_risk] == [(CM, Risk.SILENT), (KG, Risk.SILENT)]
    assert sentence(found, "vi") == (
        "Không, chưa thể đủ vào ngày 30/6/2026: 2 đơn vị có nguy cơ không kịp: "
        "VKSND tỉnh Cà Mau (chưa gửi gì, quá hạn 2 ngày làm việc); "
        "VKSND tỉnh Kiên Giang (chưa gửi gì, quá hạn 2 ngày làm việc)."
    )
    assert report(found, "vi").startswith(
        "Đợt xét khen thưởng năm 2026. Đến ngày 17/4/2026, 2/4 đơn vị đã gửi tờ trình và danh sách; "
        "còn 2 đơn vị chưa gửi: VKSND tỉnh Cà Mau; VKSND tỉnh Kiên Giang. Có 2 hồ sơ đề nghị: đã gửi 2"
    )
    assert "2 of 4 units had sent" in report(found, "en")


def test_what_lies_too_long_in_a_step_is_named_with_step_and_place(office: Office) -> None:
    everybody(office, STANDS[6])
    stand(office, DT, STANDS[3:4], LATER)
    late = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    found = seen(office, "admin", late)
    assert [(row.unit.code, row.risk) for row in found.at_risk] == [(DT, Risk.STUCK)]
    assert found.at_risk[0].slow_step is not None
    assert found.at_risk[0].slow_step.vi == "Tiếp nhận, kiểm tra thành phần hồ sơ"
    assert "Hội đồng Thi đua - Khen thưởng ngành" in sentence(found, "vi")


def test_an_upper_day_that_nobody_could_keep_is_said_before_anything_is_late(
    office: Office, session: Session, clock: FixedClock
) -> None:
    days = dict(
        zip(RoundDate, (date(2026, 4, 24), *(date(2026, 5, day) for day in range(5, 11))), strict=True)
    )
    open_next: dict[str, Any] = {"code": "GAP", "title": "Đợt xét gấp", "dates": days}
    opened(session, clock.now(), **open_next)
    found = board(session, actor=office.actor("admin", LATER), code="GAP", now=LATER)
    assert {row.risk for row in found.rows} == {Risk.TIGHT}
    assert found.will_be_there is False
    assert "gửi đúng hạn cũng chỉ xong ngày" in sentence(found, "vi")


def test_without_a_day_above_there_is_no_promise(office: Office, session: Session) -> None:
    found = board(session, actor=office.actor("admin", LATER), code="2026-NAM", now=LATER)
    assert found.will_be_there is None
    assert sentence(found, "vi") == "Đợt xét này chưa đặt ngày gửi lên cấp trên."


def test_a_unit_that_withdrew_all_it_had_is_silent_again(office: Office) -> None:
    stand(office, CM, STANDS[10:11], LATER)
    assert row_of(seen(office, "admin"), CM).status is ReturnStatus.NOT_STARTED
