"""What is foretold is what is then sent: recipient by recipient, instant by instant, both ways."""

from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.foretold import Mail, Watched, as_mails, foretold, foretold_to
from tests.support.mail import Scene, mail_server
from tests.support.office import AG, DT, TOP, furnish
from tests.support.recount import count_anew, import_days
from tests.support.statements import counted_statements
from tests.support.waiting import add_account, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED, USUAL
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.escalations.date_talk import ProposeDate, propose_date
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.foresight.coming import Cause
from workflow.operations.foresight.forecast import Asked, forecast
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.store.access import Account, Grant
from workflow.store.nominations import WorkItem
from workflow.store.people import load_actor
from workflow.store.proposals import DateProposal

DAYS = 16
STATEMENTS = 30


@pytest.fixture
def scene(request, session: Session, clock: FixedClock, database) -> Iterator[Scene]:
    with mail_server() as server:
        office = furnish(session, now=clock.now())
        yield Scene(
            office, session, database.sessions, clock, server, preferences=getattr(request, "param", USUAL)
        )


@pytest.fixture
def watched(scene: Scene) -> Watched:
    """Return a scene with a season of open work: steps, hands, holds, owed papers, terms that end."""
    office, session, clock = scene.office, scene.session, scene.clock
    add_account(session, "second@example.vn", f"unit_reviewer@unit:{AG}", clock.now())
    open_round(
        session,
        actor=None,
        new=NewRound(
            "2026-DX", "Đợt đột xuất", 2026, TOP,
            dates={RoundDate.UNIT_DEADLINE: date(2026, 3, 13), RoundDate.UPPER_DEADLINE: date(2026, 4, 20)},
            unit_codes=(AG, DT),
        ),
        via=Via.CLI,
        now=clock.now(),
    )  # fmt: skip
    plain = many_submitted(office, session, 4, clock.now())
    office.act("reviewer", plain[0], "claim", clock.now())
    office.act("reviewer", plain[1], "approve", clock.now())
    office.act("reviewer", plain[2], "hold", clock.now(), comment="Chờ xác minh.")
    clock.advance(timedelta(days=1, hours=3))
    office.act("reviewer", submitted(office, clock.now()), "claim", clock.now())
    # Terms that end and begin by their date: who holds work, who alone writes for a unit, who is above.
    _end_term(session, "second@example.vn", date(2026, 3, 11))
    _end_term(session, "nv11@example.vn", date(2026, 3, 10))
    _end_term(session, "nv22@example.vn", date(2026, 3, 12))
    late = add_account(session, "later@example.vn", f"head@unit:{TOP}", clock.now())
    session.execute(update(Grant).where(Grant.account_id == late).values(valid_from=date(2026, 3, 16)))
    second = session.scalars(select(Account).where(Account.email == "second@example.vn")).one()
    session.execute(update(WorkItem).where(WorkItem.nomination_id == plain[3]).values(assignee_id=second.id))
    session.commit()
    return Watched(scene)


@pytest.mark.parametrize("scene", [USUAL, UNFOLDED], ids=["by morning", "at once"], indirect=True)
def test_a_season_of_open_work_is_sent_as_it_was_foretold(watched: Watched) -> None:
    letters = foretold(watched.scene, DAYS)
    assert {item.why.cause for letter in letters for item in letter.items} == {*Cause} - {Cause.ASKED_ANEW}
    expected = as_mails(letters)
    assert {mail.to for mail in expected} >= {"second@example.vn", "nv22@example.vn", "later@example.vn"}
    assert _both_ways(watched.run(DAYS), expected)


def test_after_an_extension_a_hold_a_release_and_another_calendar_it_is_foretold_anew(
    watched: Watched, database: Database
) -> None:
    scene = watched.scene
    foretold_before = [as_mails(foretold(scene, DAYS))]
    extend = Extend("2026-DX", RoundDate.UNIT_DEADLINE, date(2026, 3, 17), "Bão số 3.", (DT,))
    extend_round(scene.session, actor=None, extend=extend, via=Via.CLI, now=scene.clock.now())
    foretold_before.append(as_mails(foretold(scene, DAYS)))
    scene.office.act("reviewer", 3, "release_hold", scene.clock.now())
    scene.office.act("reviewer", 1, "hold", scene.clock.now(), comment="Chờ xác minh.")
    foretold_before.append(as_mails(foretold(scene, DAYS)))
    import_days(scene.session, scene.clock)
    count_anew(database, scene.clock)
    expected = as_mails(foretold(scene, DAYS))
    assert len({tuple(one) for one in (*foretold_before, expected)}) == len(foretold_before) + 1
    assert _both_ways(watched.run(DAYS), expected)


def test_after_a_date_was_asked_for_and_given_it_is_foretold_anew(watched: Watched) -> None:
    """A question adds letters, also of no answer, and moves nothing; the answer moves every reminder."""
    scene, via = watched.scene, Via.WEB
    before, now = as_mails(foretold(scene, DAYS)), scene.clock.now()
    reviewer, head = (scene.office.actor(part, now) for part in ("reviewer", "head"))
    asked = ProposeDate(1, date(2026, 3, 16), "Chờ xác minh.")
    propose_date(scene.session, actor=reviewer, wanted=asked, via=via, now=now)
    questioned = as_mails(foretold(scene, DAYS))
    kept, added = ({mail for mail in one if mail.to != "nv23@example.vn"} for one in (before, questioned))
    assert kept < added
    # Until it is answered, whoever asked would read on the day itself that it was not.
    assert [(mail.to, mail.at.date()) for mail in added - kept] == [("nv02@example.vn", asked.day)]
    waiting = scene.session.scalars(select(DateProposal.id)).one()
    given = MoreTime(1, proposal_id=waiting)
    give_more_time(scene.session, actor=head, wanted=given, via=via, now=now)
    expected = as_mails(foretold(scene, DAYS))
    assert len({tuple(one) for one in (before, questioned, expected)}) == 3
    assert _both_ways(watched.run(DAYS), expected)


def test_after_a_question_and_its_answer_it_is_foretold_anew(watched: Watched) -> None:
    """The reviewer's reminders rest, the nominator has some; with the answer it is the other way round."""
    scene = watched.scene
    before = as_mails(foretold(scene, DAYS))
    for number in (1, 4):
        scene.office.act("reviewer", number, "request_info", scene.clock.now(), comment="Theo văn bản nào?")
    asked = as_mails(foretold(scene, DAYS))
    scene.clock.advance(timedelta(hours=2))
    scene.office.act("nominator", 4, "answer_info", scene.clock.now(), comment="Số 12/QĐ-VKS.")
    expected = as_mails(foretold(scene, DAYS))
    assert len({tuple(one) for one in (before, asked, expected)}) == 3
    assert _both_ways(watched.run(DAYS), expected)


def test_everybody_is_foretold_their_own_mails_and_no_others(watched: Watched) -> None:
    scene = watched.scene
    every = as_mails(foretold(scene, DAYS))
    for account_id, email in scene.session.execute(select(Account.id, Account.email)).all():
        actor = load_actor(scene.session, account_id, today=date(2026, 3, 3))
        assert actor is not None
        mine = as_mails(foretold_to(scene, DAYS, actor))
        assert mine == [mail for mail in every if mail.to == email], email


def test_what_waits_is_foretold_to_its_reader_however_much_waits_for_others(
    scene: Scene, database: Database
) -> None:
    submitted(scene.office, scene.clock.now())
    scene.deliver()
    reviewer = load_actor(scene.session, scene.office.ids["reviewer"], today=date(2026, 3, 2))
    assert reviewer is not None
    first = foretold_to(scene, 0, reviewer)[0]
    with psycopg.connect(database.migration_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO outbox (id, dedupe_key, notice, mail_class, account_id, fold_key, state, not_before,"
            " created_at) SELECT gen_random_uuid(), 'w' || n, 'reminder', 'task', %(account)s, 'task:0',"
            " 'new', %(now)s, %(now)s FROM generate_series(1, 1001) n",
            {"account": scene.office.ids["nominator"], "now": scene.clock.now()},
        )
    assert foretold_to(scene, 0, reviewer)[0] == first
    assert first in foretold(scene, 0)


def test_who_watches_reads_all_that_waits_page_by_page(scene: Scene, database: Database) -> None:
    """However much it is: none of more than a thousand mails of one hour is left out."""
    number = submitted(scene.office, scene.clock.now())
    supervisor = load_actor(scene.session, scene.office.ids["supervisor"], today=date(2026, 3, 2))
    assert supervisor is not None
    with psycopg.connect(database.migration_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(
            "INSERT INTO outbox (id, dedupe_key, notice, mail_class, account_id, nomination_id, fold_key,"
            " state, not_before, created_at) SELECT gen_random_uuid(), 'w' || n, 'approved', 'decision',"
            " %(account)s, %(number)s, 'w' || n, 'new', %(now)s, %(now)s FROM generate_series(1, 1101) n",
            {"account": scene.office.ids["nominator"], "number": number, "now": scene.clock.now()},
        )
    found = [one.letter for one in foretold_to(scene, 7, supervisor, mine=False)]
    assert sorted(one for one in found if one.startswith("w")) == sorted(f"w{n}" for n in range(1, 1102))


def test_a_forecast_asks_as_much_of_many_days_and_much_work_as_of_little(
    scene: Scene, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = load_actor(scene.session, scene.office.ids["unit_head"], today=date(2026, 3, 2))
    assert head is not None
    open_paper(scene, "2026-DX")
    submitted(scene.office, scene.clock.now())

    def statements() -> int:
        with counted_statements(monkeypatch, database.engine) as sent, scene.sessions() as session:
            asked, now = Asked(14, mine=True, office=scene.preferences), scene.clock.now()
            page = forecast(session, actor=head, asked=asked, now=now, after=None, limit=500)
            assert page.letters
        return len(sent)

    statements()
    little = statements()
    for day in range(4):
        scene.clock.advance(timedelta(days=1))
        open_paper(scene, f"2026-D{day}")
        many_submitted(scene.office, scene.session, 2, scene.clock.now(), prefix=f"M{day}")
    assert statements() == little <= STATEMENTS


def open_paper(scene: Scene, code: str) -> None:
    dates = {RoundDate.UNIT_DEADLINE: scene.clock.now().date() + timedelta(days=11)}
    new = NewRound(code, f"Đợt đột xuất {code}", 2026, TOP, dates=dates, unit_codes=(AG, DT))
    open_round(scene.session, actor=None, new=new, via=Via.CLI, now=scene.clock.now())


def _both_ways(sent: list[Mail], expected: list[Mail]) -> bool:
    """Whether each is in the other, and as often; what is not is told by the assertion."""
    assert (set(sent) - set(expected), set(expected) - set(sent)) == (set(), set())
    return sent == expected


def _end_term(session: Session, email: str, day: date) -> None:
    holder = select(Account.id).where(Account.email == email).scalar_subquery()
    session.execute(update(Grant).where(Grant.account_id == holder).values(valid_to=day))
