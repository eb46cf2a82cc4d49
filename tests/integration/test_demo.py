"""The demo: made through the operations, ending now, with work on every desk that people try."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tests.conftest import TIMEZONE, Database, own_database
from workflow import embedded
from workflow.domain.errors import Conflict
from workflow.domain.vocabulary import Role
from workflow.operations.people.passwords import is_right
from workflow.queries.history.audit import verify_chains
from workflow.queries.inbox.inbox import inbox_counts
from workflow.queries.installation import installation_kind
from workflow.simulate.demo.make import make_demo
from workflow.simulate.demo.passwords import renew_passwords
from workflow.simulate.demo.script import sign_ins
from workflow.simulate.sector import TOP, unit_code
from workflow.store.access import Account
from workflow.store.awards import Campaign, Round
from workflow.store.history import Event
from workflow.store.mail import KeptLetter, Outbox
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem
from workflow.store.organisation import Cluster, ClusterMember, Person, Unit
from workflow.store.paper_files import PaperFolder
from workflow.store.people import load_actor
from workflow.store.submissions import ExpectedReturn, Submission

# Friday, 20 November 2026, 15:30 in Hà Nội.
FRIDAY = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
# The whole making takes a quarter of a minute on a quiet machine, and this one may be shared.


def make(
    database: Database,
    folder: Path,
    *,
    now: datetime = FRIDAY,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    make_demo(
        database.engine,
        timezone=TIMEZONE,
        now=now,
        mail_from="Commendo <commendo@demo.example>",
        base_url="http://127.0.0.1:8000",
        folder=PaperFolder(folder),
        progress=progress or (lambda _done, _total: None),
    )


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("papers")


@pytest.fixture(scope="module")
def demo(postgres: embedded.Services, template: str, papers: Path) -> Iterator[Database]:
    """Make the demo once as of a Friday afternoon; the tests that share it only read."""
    with own_database(postgres, template) as database:
        make(database, papers)
        yield database


def count(session: Session, table: type, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def round_of(session: Session, year: int) -> Round:
    return session.scalars(select(Round).where(Round.year == year)).one()


def states(session: Session, round_id: int) -> Counter[tuple[str, bool]]:
    query = select(Nomination.state, Nomination.is_held).where(Nomination.round_id == round_id)
    return Counter(session.execute(query))


def test_a_sector_of_sixty_units_is_in_the_middle_of_its_round(demo: Database) -> None:
    with demo.sessions() as session:
        this_year = round_of(session, 2026)
        assert (count(session, Unit), count(session, Person)) == (61, 300)
        assert count(session, Cluster, Cluster.year == 2026) == 8
        assert count(session, ClusterMember, ClusterMember.year == 2026) == 60
        assert count(session, Submission, Submission.round_id == this_year.id) >= 50
        found = states(session, this_year.id)
        assert 380 <= found.total() <= 420
        assert {state for state, _ in found} == {
            "draft", "unit_review", "cluster_review", "reception", "appraisal", "council", "decision",
            "approved", "submitted_upward", "rejected", "withdrawn",
        }  # fmt: skip
        assert found["appraisal", True] == 1, "one is on hold"
        recommended = Nomination.recommendation
        results = session.scalars(select(recommended).where(recommended.is_not(None)).distinct())
        assert set(results) == {"passed", "not_passed", "tied"}
        signed = Nomination.stage == "approved"
        assert count(session, Nomination, signed, Nomination.decision_id.is_(None)) == 0
        assert count(session, Nomination, Nomination.upper_outcome == "awarded") >= 1


def test_three_units_are_silent_two_of_them_past_their_day(demo: Database) -> None:
    with demo.sessions() as session:
        this_year = round_of(session, 2026)
        owes = select(ExpectedReturn.unit_id, ExpectedReturn.due_on).where(
            ExpectedReturn.round_id == this_year.id,
            ExpectedReturn.sent_at.is_(None),
            ExpectedReturn.answered_at.is_(None),
            ExpectedReturn.unit_id.not_in(
                select(Nomination.unit_id).where(Nomination.round_id == this_year.id)
            ),
        )
        silent = session.execute(owes).all()
        assert len(silent) == 3
        assert sum(row.due_on < FRIDAY.date() for row in silent) == 2
        answered = ExpectedReturn.answered_at.is_not(None), ExpectedReturn.round_id == this_year.id
        assert count(session, ExpectedReturn, *answered) == 5
        extended = Event.action == "extend", Event.stream == f"round:{this_year.id}"
        assert count(session, Event, *extended) == 1


def test_its_troubles_are_there_to_be_found(demo: Database) -> None:
    with demo.sessions() as session:
        assert count(session, Event, Event.action == "return") >= 20
        assert count(session, Event, Event.via == "paper") >= 1
        stuck = WorkItem.closed_at.is_(None), WorkItem.assignee_id.is_not(None)
        long_ago = WorkItem.due_at < FRIDAY - timedelta(days=10)
        assert count(session, WorkItem, *stuck, long_ago) == 1


def test_last_years_round_is_over_and_this_ones_goes_on_from_it(demo: Database) -> None:
    with demo.sessions() as session:
        last, this = round_of(session, 2025), round_of(session, 2026)
        assert last.closed_at is not None
        assert this.closed_at is None
        assert this.previous_id == last.id
        found = states(session, last.id)
        assert found["approved", False] >= 30
        assert {state for (state, is_held) in found if not is_held} <= {
            "approved", "submitted_upward", "rejected", "withdrawn", "cluster_review", "unit_review",
        }  # fmt: skip
        heads = {
            year: dict(session.execute(select(Cluster.number, Cluster.head_unit_id).where(
                Cluster.year == year
            )).all())
            for year in (2025, 2026)
        }  # fmt: skip
        assert all(heads[2025][number] != heads[2026][number] for number in heads[2026])
        numbers = session.scalars(select(Campaign.directive_number))
        assert all(numbers)


@pytest.mark.parametrize("part", sign_ins())
def test_everybody_who_tries_it_has_something_to_do(demo: Database, part: str) -> None:
    with demo.sessions() as session:
        account = session.scalars(select(Account.id).where(Account.email == sign_ins()[part])).one()
        actor = load_actor(session, account, today=FRIDAY.date())
        assert actor is not None
        assert inbox_counts(session, actor=actor, now=FRIDAY).total > 0


def test_the_unit_heads_list_of_fourteen_leaves_the_own_name_to_the_deputy(demo: Database) -> None:
    seat = f"unit:{unit_code(1)}"
    with demo.sessions() as session:
        waiting = session.execute(
            select(WorkItem.owner_key, Nomination.submission_id, Person.code)
            .join(Nomination, Nomination.id == WorkItem.nomination_id)
            .outerjoin(Person, Person.id == Nomination.person_id)
            .where(
                WorkItem.closed_at.is_(None),
                Nomination.state == "unit_review",
                WorkItem.owner_key.endswith(seat),
            )
        ).all()
    assert len(waiting) == 14
    assert len({row.submission_id for row in waiting}) == 1
    aside = [row.code for row in waiting if row.owner_key.startswith(Role.UNIT_DEPUTY)]
    assert aside == [f"{unit_code(1)}-0"]


def test_its_past_is_over_and_its_history_is_whole(demo: Database, papers: Path) -> None:
    with demo.sessions() as session:
        last = session.scalar(
            select(func.max(Event.recorded_at)).where(Event.stream.startswith("nomination:"))
        )
        assert last is not None
        assert FRIDAY - timedelta(days=1) <= last <= FRIDAY
        assert session.scalar(select(func.max(Visit.entered_at))) <= FRIDAY
        assert verify_chains(session, folder=PaperFolder(papers)).is_whole
        assert installation_kind(session) == "demo"


def test_reminders_fired_when_they_were_due_and_the_last_mails_can_be_read(demo: Database) -> None:
    with demo.sessions() as session:
        fired = count(session, Rung, Rung.fired_at.is_not(None))
        assert fired >= 40
        # For the morning's letter a reminder is taken up to an hour before.
        early = Rung.fire_at - timedelta(hours=1)
        assert count(session, Rung, Rung.fired_at.between(early, Rung.fire_at)) == fired
        assert count(session, Rung, Rung.fired_at.is_(None), Rung.fire_at <= FRIDAY) == 0
        assert set(session.scalars(select(Outbox.state).distinct())) == {"sent", "cancelled"}
        unsent = select(Outbox.state_reason).where(Outbox.state == "cancelled").distinct()
        assert "simulated" in set(session.scalars(unsent))
        first, last = session.execute(
            select(func.min(KeptLetter.written_at), func.max(KeptLetter.written_at))
        ).one()
        assert count(session, KeptLetter) > 100
        assert FRIDAY - timedelta(days=16) < first < last <= FRIDAY
        recipients = session.scalars(select(KeptLetter.recipient).distinct()).all()
        assert all("@demo.example" in recipient for recipient in recipients)


def test_a_demo_that_breaks_off_leaves_nothing(database: Database, tmp_path: Path) -> None:
    def break_off(done: int, _total: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(database, tmp_path, progress=break_off)
    with database.sessions() as session:
        assert count(session, Unit) == 0
        assert installation_kind(session) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_database_in_use_is_left_alone(demo: Database, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="needs an empty one"):
        make(demo, tmp_path)


def test_passwords_are_new_every_time_and_open_the_door(demo: Database) -> None:
    with demo.sessions() as session:
        first = renew_passwords(session, now=FRIDAY)
        second = renew_passwords(session, now=FRIDAY)
        kept = dict(session.execute(select(Account.email, Account.password_hash)).all())
    assert [person.part for person in first] == list(sign_ins())
    for before, after in zip(first, second, strict=True):
        assert is_right(kept[after.email], after.password)
        assert not is_right(kept[before.email], before.password)
    others = [email for email in kept if email not in sign_ins().values()]
    assert all(kept[email] is None for email in others), "nobody else can sign in"


@pytest.mark.deep
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 1, 1, 20, 0, tzinfo=UTC),  # a night between two years
        datetime(2028, 4, 12, 3, 0, tzinfo=UTC),  # after the catalogue's last regime and the known holidays
    ],
)
def test_it_can_be_made_on_any_day(database: Database, tmp_path: Path, now: datetime) -> None:
    make(database, tmp_path, now=now)
    with database.sessions() as session:
        assert count(session, Nomination) > 400
        played = Event.stream.startswith("nomination:")
        assert session.scalar(select(func.max(Event.recorded_at)).where(played)) <= now
        assert verify_chains(session).is_whole


def test_the_council_and_head_belong_to_the_provinces_own_unit(demo: Database) -> None:
    with demo.sessions() as session:
        keys = set(session.scalars(select(WorkItem.owner_key).where(WorkItem.closed_at.is_(None))))
    assert {f"head@unit:{TOP}", f"council_secretary@council:{TOP}", f"appraiser@council:{TOP}"} <= keys
