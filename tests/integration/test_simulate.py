"""A simulated season: the same for the same seed, through the real operations, and nothing of it leaves."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY, TIMEZONE, Database, own_database
from tests.support.office import furnish
from workflow import embedded
from workflow.clock import Clock
from workflow.domain.errors import NotYours
from workflow.domain.vocabulary import WorkKind
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.history.audit import verify_chains
from workflow.queries.installation import installation_kind
from workflow.simulate.run import FIRST_DAY, SeasonReport, SeasonRequest, simulate
from workflow.store.awards import Round
from workflow.store.database import Sessions, make_sessions
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, WorkItem
from workflow.store.organisation import Cluster
from workflow.store.paper_files import PaperFolder
from workflow.store.submissions import Submission

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The digest of names is salted by chance.
SALTED = re.compile("[0-9a-f]{64}")
A_SEASON = SeasonRequest(days=130, seed=5, nominations=60)
SIX_WEEKS = SeasonRequest(days=45, seed=5, nominations=40)


@dataclass
class Playing:
    """A database that is played on."""

    database: Database
    folder: Path
    progress: list[tuple[int, int]] = field(default_factory=list)

    @property
    def sessions(self) -> Sessions:
        return make_sessions(self.database.engine, timezone=TIMEZONE, sends_mail=False)

    def play(self, wish: SeasonRequest) -> SeasonReport:
        def sweep(clock: Clock) -> None:
            fire_due(self.sessions, clock=clock)

        return simulate(
            self.sessions,
            wish,
            folder=PaperFolder(self.folder),
            sweep=sweep,
            progress=lambda done, total: self.progress.append((done, total)),
        )

    def history(self) -> list[tuple[Any, ...]]:
        """Return what happened, without ids and hashes that chance or their neighbours decide."""
        columns = (Event.stream, Event.seq, Event.actor_id, Event.via, Event.action, Event.source, Event.dest)
        more = (Event.reason_code, Event.occurred_on, Event.recorded_at, Event.on_behalf_of, Event.data)
        with self.sessions() as session:
            rows = session.execute(
                select(*columns, *more).where(Event.via != "import").order_by(Event.stream, Event.seq)
            ).all()
        return [(*row[:-1], UUID.sub("", SALTED.sub("", str(row.data)))) for row in rows]


@pytest.fixture(scope="module")
def played(
    postgres: embedded.Services, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Playing, SeasonReport]]:
    """Play one whole season of a small sector; the tests that share it only read."""
    with own_database(postgres, template) as database:
        playing = Playing(database, tmp_path_factory.mktemp("papers"))
        yield playing, playing.play(A_SEASON)


@pytest.fixture
def playing(database: Database, tmp_path: Path) -> Playing:
    return Playing(database, tmp_path)


def test_a_season_ends_in_decisions_and_says_what_it_came_to(played: tuple[Playing, SeasonReport]) -> None:
    playing, report = played
    assert (report.round, report.first_day) == ("HS-2025", FIRST_DAY)
    assert report.units == 13
    assert 55 <= sum(report.nominations.values()) <= 70
    assert report.nominations["approved"] >= 30
    assert set(report.nominations) <= {
        "approved", "submitted_upward", "rejected", "withdrawn", "appraisal", "cluster_review", "unit_review",
        "draft",
    }  # fmt: skip
    assert min(report.returns, report.answers, report.reminders, report.escalations, report.decisions) > 0
    assert report.questions > 0
    assert report.decisions_per_second > 0
    assert playing.progress[-1][0] == playing.progress[-1][1]
    with playing.sessions() as session:
        submissions = session.scalar(select(func.count()).select_from(Submission))
        fired = session.scalar(select(func.count()).select_from(Rung).where(Rung.fired_at.is_not(None)))
        assert session.scalars(select(Round.closed_at)).one() is not None
    assert submissions == report.submissions
    assert fired == report.reminders + report.escalations


def test_its_history_is_whole_and_its_data_are_marked(played: tuple[Playing, SeasonReport]) -> None:
    playing, _ = played
    with playing.sessions() as session:
        assert verify_chains(session, folder=PaperFolder(playing.folder)).is_whole
        assert installation_kind(session) == "simulation"
        unsigned = Nomination.stage == "approved", Nomination.decision_id.is_(None)
        assert session.scalar(select(func.count()).select_from(Nomination).where(*unsigned)) == 0


def test_questions_are_asked_answered_and_taken_back(played: tuple[Playing, SeasonReport]) -> None:
    playing, report = played
    with playing.sessions() as session:
        events = session.scalars(select(Event).where(Event.action.in_(["request_info", "answer_info"])))
        found = Counter((one.action, one.data.get("taken_back", False)) for one in events)
        open_questions = session.scalar(
            select(func.count()).where(WorkItem.kind == WorkKind.ANSWER, WorkItem.closed_at.is_(None))
        )
    assert found["request_info", False] == report.questions
    assert found["answer_info", False] > 0
    assert found.total() == 2 * report.questions - (open_questions or 0)


def test_no_mail_of_it_leaves(played: tuple[Playing, SeasonReport]) -> None:
    playing, _ = played
    with playing.sessions() as session:
        found = session.execute(select(Outbox.state, Outbox.state_reason).distinct()).all()
        assert "simulated" in {row.state_reason for row in found}
        assert {row.state for row in found} == {"cancelled"}


def test_only_the_deadline_of_late_units_refuses_anybody(played: tuple[Playing, SeasonReport]) -> None:
    _, report = played
    assert all("unit_deadline_passed" in refusal for refusal in report.refused), report.refused


def test_the_same_seed_gives_the_same_history_and_another_another(
    postgres: embedded.Services, template: str, tmp_path: Path
) -> None:
    histories = []
    for place, seed in enumerate((5, 5, 6)):
        with own_database(postgres, template) as database:
            playing = Playing(database, tmp_path / str(place))
            playing.play(SeasonRequest(SIX_WEEKS.days, seed, SIX_WEEKS.nominations))
            histories.append(playing.history())
    first, again, other = histories
    assert len(first) > 300
    assert first == again
    assert first != other


def test_a_database_in_use_is_left_alone(playing: Playing) -> None:
    with playing.sessions() as session:
        furnish(session, now=MONDAY)
        before = session.scalar(select(func.count()).select_from(Event))
    with pytest.raises(NotYours, match="a simulation needs an empty one"):
        playing.play(SIX_WEEKS)
    with playing.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == before


def test_a_second_run_plays_the_next_season_with_turned_clusters(playing: Playing) -> None:
    playing.play(SeasonRequest(days=5, seed=5, nominations=40))
    report = playing.play(SeasonRequest(days=12, seed=5, nominations=40))
    assert report.round == "HS-2026"
    with playing.sessions() as session:
        rounds = session.scalars(select(Round).order_by(Round.year)).all()
        heads = session.execute(select(Cluster.year, Cluster.number, Cluster.head_unit_id)).all()
        assert verify_chains(session).is_whole
    assert [row.closed_at is None for row in rounds] == [False, True], "the open one was closed first"
    assert rounds[1].previous_id == rounds[0].id
    by_year = {year: {(n, head) for y, n, head in heads if y == year} for year in (2025, 2026)}
    assert by_year[2025].isdisjoint(by_year[2026])
