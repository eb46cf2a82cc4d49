"""A season with faults: what was foretold for its days is what the mail server got, recipient by recipient.

Nothing but the record decides what is sent, so workers that are killed, anywhere and at the two instants that
hurt most, and a PostgreSQL that is stopped at once, may not change one letter, nor its hour.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import IO

import pytest
from sqlalchemy import func, select, text, update

from tests.conftest import TIMEZONE
from tests.support.figures import Figure, Note
from tests.support.foretold import Mail, about_in, as_mails, foretold
from tests.support.mail import MailServer, Scene, mail_server
from tests.support.office import AG, DT, TOP, furnish
from tests.support.patience import PATIENCE
from tests.support.servers import CHECKOUT, clear, is_alive, postmaster
from tests.support.waiting import many_submitted
from workflow import embedded
from workflow.clock import FixedClock, wait_for
from workflow.domain.mails.preferences import USUAL
from workflow.domain.vocabulary import MailState, RoundDate, Via
from workflow.embedded import Services
from workflow.operations.people.absences import NewAbsence, announce_absence
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.operations.setup.publish import publish_shipped
from workflow.store.database import make_engine, make_sessions
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung
from workflow.store.schema import role_of, upgrade

pytestmark = [pytest.mark.deep, pytest.mark.timeout(3600)]
SEED = int(os.environ.get("FAULT_SEED", "1"))
BEGINS = datetime(2026, 10, 5, 2, tzinfo=UTC)
HOURS = (0, 7, 8, 12)
MOST_TRIES = 40
"""Of five draws one breaks nothing."""
_ZONE_AHEAD = timedelta(hours=7)


@dataclass
class Season:
    """A scene on a PostgreSQL of its own, and a worker that is begun again whenever it died."""

    scene: Scene
    services: Services
    folder: Path
    rng: random.Random
    log: IO[str]
    worker: subprocess.Popen[str] | None = None
    taken: list[Mail] = field(default_factory=list)
    names: dict[str, Mail] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    copies: int = 0

    def begin(self) -> subprocess.Popen[str]:
        """Return the worker that runs, or begin another."""
        if self.worker is None or self.worker.poll() is not None:
            words = (self.services.database_url, self.scene.server.url, TIMEZONE)
            self.worker = subprocess.Popen(
                [sys.executable, "-P", "-m", "tests.faults.rig.sweeper", *words],
                cwd=CHECKOUT,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.log,
                text=True,
            )
            assert self.worker.stdout is not None
            # A fault is to hit a sweep, not a program that is still being loaded.
            assert self.worker.stdout.readline() == "ready\n"
        return self.worker

    def end(self) -> None:
        """Kill the worker."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.communicate()

    def at(self, when: datetime) -> None:
        """Let the worker sweep at an instant until it says that it is done, whatever befalls it."""
        self.scene.clock.advance(when - self.scene.clock.now())
        is_done, tries = False, 0
        while not is_done:
            tries += 1
            assert tries <= MOST_TRIES, (self.folder / "worker.log").read_text(encoding="utf-8")[-4000:]
            before = len(self.scene.server.inbox.mails)
            with self._a_fault(self.begin()):
                is_done = self._asked(when)
            self.services.ensure()
            self._note(when, before)
            if not is_done:
                assert wait_for(self._has_ended, seconds=PATIENCE), "the dead hold something"
                self.scene.expire_leases()

    def _has_ended(self) -> bool:
        """Whether the server has noticed that the dead are gone: until then what they held is left."""
        others = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        )
        with self.scene.sessions() as looking:
            return bool(looking.scalar(others) == 0)

    def _asked(self, when: datetime) -> bool:
        worker = self.begin()
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            worker.stdin.write(f"{when.isoformat()}\n")
            worker.stdin.flush()
        except BrokenPipeError:
            return False
        return worker.stdout.readline() == "done\n"

    @contextmanager
    def _a_fault(self, worker: subprocess.Popen[str]) -> Iterator[None]:
        """Break something in the middle of the next sweep, or nothing, as it is drawn."""
        inbox, kill = self.scene.server.inbox, self._killing(worker)
        drawn = self.rng.choice(("nothing", "any time", "recipient", "taken", "database"))
        timer = Timer(self.rng.uniform(0.0, 0.3), self._stop_postgres if drawn == "database" else kill)
        if drawn in {"any time", "database"}:
            timer.start()
        elif drawn == "recipient":
            inbox.on_recipient = kill
        elif drawn == "taken":
            inbox.on_taken = kill
        try:
            yield
        finally:
            timer.cancel()
            if timer.is_alive():
                timer.join()
            inbox.on_recipient = inbox.on_taken = lambda: None

    def _killing(self, worker: subprocess.Popen[str]) -> Callable[[], None]:
        def kill() -> None:
            if worker.poll() is None:
                worker.kill()
                self.faults["killed"] += 1

        return kill

    def _stop_postgres(self) -> None:
        first = postmaster(self.folder)
        first.send_signal(signal.SIGQUIT)
        self.faults["stopped"] += 1
        assert wait_for(lambda: not is_alive(first), seconds=PATIENCE)

    def _note(self, when: datetime, before: int) -> None:
        inbox = self.scene.server.inbox
        for mail, to in zip(inbox.mails[before:], inbox.recipients[before:], strict=True):
            told, name = Mail(when, to, about_in(mail)), str(mail["Message-ID"])
            if name in self.names:
                assert self.names[name][1:] == told[1:], "a copy is the same letter"
                self.copies += 1
            else:
                self.names[name] = told
                self.taken.append(told)

    def run(self, days: int) -> None:
        """Let days pass: sweep at midnight, 07:00, 08:00, noon, and whenever a mail may leave."""
        self.at(self.scene.clock.now())
        midnight = (self.scene.clock.now() + _ZONE_AHEAD).replace(hour=0, minute=0) - _ZONE_AHEAD
        hours = [midnight + timedelta(days=day, hours=hour) for day in range(days + 1) for hour in HOURS]
        ends_at = midnight + timedelta(days=days + 1)
        while steps := [at for at in (*hours, *self._leaving()) if self.scene.clock.now() < at < ends_at]:
            self.at(min(steps))

    def _leaving(self) -> list[datetime]:
        with self.scene.sessions() as session:
            return list(session.scalars(select(Outbox.not_before).where(Outbox.state == MailState.NEW)))


@pytest.fixture
def season() -> Iterator[Season]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cm-")))
        stack.callback(clear, folder)
        services = stack.enter_context(embedded.start(folder, durable=True))
        upgrade(services.migration_url, application_role=role_of(services.database_url))
        engine = make_engine(services.database_url)
        stack.callback(engine.dispose)
        sessions, clock = make_sessions(engine, timezone=TIMEZONE), FixedClock(BEGINS)
        session = stack.enter_context(sessions())
        publish_shipped(session, now=BEGINS)
        server: MailServer = stack.enter_context(mail_server())
        office = furnish(session, now=BEGINS)
        scene = Scene(office, session, sessions, clock, server, preferences=USUAL)
        log = stack.enter_context((folder / "worker.log").open("a"))
        running = Season(scene, services, folder, random.Random(SEED), log)
        stack.callback(running.end)
        yield running


def test_what_was_foretold_is_what_was_sent_whatever_was_killed(season: Season, note: Note) -> None:
    scene, office, session, clock = (
        season.scene,
        season.scene.office,
        season.scene.session,
        season.scene.clock,
    )
    dates = {RoundDate.UNIT_DEADLINE: date(2026, 10, 15), RoundDate.UPPER_DEADLINE: date(2026, 12, 31)}
    new = NewRound("2026-X", "Đợt thử", 2026, TOP, dates=dates, unit_codes=(AG, DT))
    open_round(session, actor=None, new=new, via=Via.CLI, now=clock.now())
    names = many_submitted(office, session, 12, clock.now())
    session.commit()
    letters, wrong = 0, list[str]()

    def pass_days(days: int) -> None:
        nonlocal letters
        session.rollback()
        expected, before = as_mails(foretold(scene, days)), len(season.taken)
        season.run(days)
        sent = sorted(season.taken[before:])
        letters += len(sent)
        missing, needless = Counter(expected) - Counter(sent), Counter(sent) - Counter(expected)
        wrong.extend(f"foretold and not sent: {one}" for one in missing.elements())
        wrong.extend(f"sent and not foretold: {one}" for one in needless.elements())

    pass_days(6)
    clock.advance(datetime(2026, 10, 12, 2, tzinfo=UTC) - clock.now())
    for number in names[4:]:
        office.act("reviewer", number, "approve", clock.now())
    supervisor = office.actor("supervisor", clock.now())
    moved = Extend("2026-X", RoundDate.UNIT_DEADLINE, date(2026, 10, 22), "Bão", (AG, DT))
    extend_round(session, actor=supervisor, extend=moved, via=Via.WEB, now=clock.now())
    away = NewAbsence(
        office.ids["other_nominator"], date(2026, 10, 19), date(2026, 10, 30),
        substitutes=(office.ids["stranger"],),
    )  # fmt: skip
    announce_absence(session, actor=supervisor, new=away, via=Via.WEB, now=clock.now())
    pass_days(21)
    session.rollback()
    left = session.scalar(
        select(func.count()).where(
            Rung.fire_at <= clock.now(), Rung.fired_at.is_(None), Rung.dead_at.is_(None)
        )
    )
    wrong += [f"{left} rungs left"] if left else []
    killed, stopped = season.faults["killed"], season.faults["stopped"]
    seen = f"{killed} workers killed, PostgreSQL stopped {stopped} times, {season.copies} copies, seed {SEED}"
    note(Figure("forecast against a season with faults", letters, len(wrong), seen))
    assert wrong == []
    assert letters > 20
    assert killed > 10
    assert stopped > 5
    assert season.copies <= killed + stopped


def test_the_oracle_sees_a_letter_that_was_lost(season: Season) -> None:
    """The comparison is no tautology: a letter that is ended behind the product's back is missed."""
    scene, session = season.scene, season.scene.session
    many_submitted(scene.office, session, 1, scene.clock.now())
    session.commit()
    expected = as_mails(foretold(scene, 1))
    assert expected
    session.execute(update(Outbox).values(state="cancelled", state_reason="lost"))
    session.commit()
    season.run(1)
    assert Counter(expected) - Counter(season.taken)
