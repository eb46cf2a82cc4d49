"""The demo: made through the operations, ending now, with work on every desk that people try."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import TIMEZONE, Database, copied
from workflow import embedded
from workflow.domain.errors import Conflict
from workflow.operations.demo.cast import TOP, sign_ins, unit_code
from workflow.operations.demo.make import make_demo, renew_passwords
from workflow.operations.demo.stories import stories
from workflow.operations.passwords import is_right
from workflow.queries.audit import verify_chains
from workflow.queries.installation import installation_kind
from workflow.store.access import Account
from workflow.store.history import Event
from workflow.store.mail import Letter, Outbox
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem
from workflow.store.organisation import Cluster, ClusterMember, Unit

# Friday, 20 November 2026, 15:30 in Hà Nội.
FRIDAY = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def make(
    database: Database, *, now: datetime = FRIDAY, progress: Callable[[int, int], None] | None = None
) -> None:
    make_demo(
        database.engine,
        timezone=TIMEZONE,
        now=now,
        mail_from="Commendo <commendo@demo.example>",
        base_url="http://127.0.0.1:8000",
        progress=progress or (lambda _done, _total: None),
    )


@pytest.fixture(scope="module")
def demo(postgres: embedded.Services, template: str) -> Iterator[Database]:
    """Make the demo once as of a Friday afternoon; the tests that share it only read."""
    with copied(postgres, template) as database:
        make(database)
        yield database


def states(session: Session) -> Counter[tuple[str, bool]]:
    return Counter(map(tuple, session.execute(select(Nomination.state, Nomination.is_held))))


def waiting(session: Session, key: str) -> list[tuple[str, bool]]:
    """Return the state of what waits for a key, and whether it is late."""
    rows = session.execute(
        select(Nomination.state, WorkItem.due_at)
        .join(WorkItem, WorkItem.nomination_id == Nomination.id)
        .where(WorkItem.owner_key == key, WorkItem.closed_at.is_(None))
        .order_by(WorkItem.due_at)
    )
    return [(row.state, row.due_at is not None and row.due_at < FRIDAY) for row in rows]


def test_the_demo_shows_every_state_and_every_trouble(demo: Database) -> None:
    with demo.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 13
        assert session.scalar(select(func.count()).select_from(Cluster)) == 2
        assert session.scalar(select(func.count()).select_from(ClusterMember)) == 12
        found = states(session)
        assert found.total() == len(list(stories())) == 40
        assert {state for state, _ in found} == {
            "draft", "unit_review", "cluster_review", "council", "decision", "approved", "rejected",
            "withdrawn",
        }  # fmt: skip
        assert found["council", True] == 1, "one is stuck on hold"
        late = session.scalar(
            select(func.count())
            .select_from(WorkItem)
            .where(WorkItem.closed_at.is_(None), WorkItem.due_at < FRIDAY)
        )
        assert late is not None
        assert late >= 5
        returns = session.execute(
            select(Event.stream, func.count().label("times"))
            .where(Event.action == "return")
            .group_by("stream")
        )
        assert max(row.times for row in returns) == 2


def test_everybody_who_tries_it_has_something_to_do(demo: Database) -> None:
    with demo.sessions() as session:
        unit = unit_code(1)
        reviews = waiting(session, f"unit_reviewer@unit:{unit}")
        assert len(reviews) >= 3
        assert any(is_late for _, is_late in reviews)
        assert not all(is_late for _, is_late in reviews)
        assert ("decision", False) in waiting(session, f"head@unit:{TOP}")
        assert waiting(session, f"nominator@unit:{unit}")
        assert waiting(session, f"cluster_head@cluster:2026/{TOP}/1")
        assert waiting(session, f"council_secretary@council:{TOP}")
        assert waiting(session, f"unit_deputy@unit:{unit_code(5)}"), "a head's own nomination goes elsewhere"


def test_its_past_is_over_and_its_history_is_whole(demo: Database) -> None:
    with demo.sessions() as session:
        first, last = session.execute(
            select(func.min(Event.recorded_at), func.max(Event.recorded_at)).where(
                Event.stream.startswith("nomination:")
            )
        ).one()
        assert timedelta(days=70) < FRIDAY - first < timedelta(days=110)
        assert last <= FRIDAY
        assert session.scalar(select(func.max(Visit.entered_at))) <= FRIDAY
        assert verify_chains(session).is_whole
        assert installation_kind(session) == "demo"


def test_reminders_and_mails_went_out_when_they_were_due(demo: Database) -> None:
    with demo.sessions() as session:
        punctual = select(func.count()).where(Rung.fired_at == Rung.fire_at)
        fired = session.scalar(select(func.count()).where(Rung.fired_at.is_not(None)))
        assert fired is not None
        assert fired >= 40
        assert session.scalar(punctual) == fired
        overdue = select(func.count()).where(Rung.fired_at.is_(None), Rung.fire_at <= FRIDAY)
        assert session.scalar(overdue) == 0
        assert set(session.scalars(select(Outbox.state).distinct())) == {"sent"}
        letters = session.execute(
            select(func.count(), func.min(Letter.written_at), func.max(Letter.written_at))
        )
        count, first, last = letters.one()
        assert count > 100
        assert last <= FRIDAY
        assert FRIDAY - first > timedelta(days=70)
        recipients = session.scalars(select(Letter.recipient).distinct()).all()
        assert all("@demo.example" in recipient for recipient in recipients)


def test_a_demo_that_breaks_off_leaves_nothing(database: Database) -> None:
    def break_off(done: int, total: int) -> None:
        if done == total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(database, progress=break_off)
    with database.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 0
        assert installation_kind(session) is None


def test_a_database_in_use_is_left_alone(demo: Database) -> None:
    with pytest.raises(Conflict, match="needs an empty one"):
        make(demo)


def test_passwords_are_new_every_time_and_open_the_door(demo: Database) -> None:
    with demo.sessions() as session:
        first = renew_passwords(session, now=FRIDAY)
        second = renew_passwords(session, now=FRIDAY)
        kept = dict(map(tuple, session.execute(select(Account.email, Account.password_hash))))
    assert [person.part for person in first] == list(sign_ins())
    for before, after in zip(first, second, strict=True):
        assert is_right(kept[after.email], after.password)
        assert not is_right(kept[before.email], before.password)
    others = [email for email in kept if email not in sign_ins().values()]
    assert all(kept[email] is None for email in others), "nobody else can sign in"


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 1, 1, 20, 0, tzinfo=UTC),  # a night between two years
        datetime(2028, 4, 12, 3, 0, tzinfo=UTC),  # after the catalogue's last regime and the known holidays
    ],
)
def test_it_can_be_made_on_any_day(database: Database, now: datetime) -> None:
    make(database, now=now)
    with database.sessions() as session:
        assert states(session).total() == 40
        played = Event.stream.startswith("nomination:")
        assert session.scalar(select(func.max(Event.recorded_at)).where(played)) <= now
