"""Whether this installation can be trusted with work: all of it asked, within seconds, whatever hangs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from api.probes import Question, Unwell, ask_all
from workflow.clock import DatabaseClock, deadline
from workflow.operations.sweep.heartbeat import WRITE, demand_room, note_well
from workflow.queries.health import Check, is_disk_full, last_well, version_check, work_checks

DATABASE_SECONDS: Final = 4.5
"""How long all questions to the database may take; with the probes before them, less than ten seconds."""

_CLOCK: Final = DatabaseClock()
_AWAY: Final = "See that PostgreSQL runs and takes connections, and that COMMENDO_DATABASE_URL names it."
_NO_WRITES: Final = (
    "the database takes no writes",
    "See PostgreSQL's log: a standby, or default_transaction_read_only; then let it write.",
)
_FULL: Final = (
    "the database's disk is full",
    "Make room where PostgreSQL keeps its tables and its log. Nothing that was answered is lost.",
)
_BUSY: Final = "every connection of this process is in use"
_SILENT: Final = "it does not answer"


@dataclass(slots=True)
class Readiness:
    """Asks about everything; made once for each process, so that it remembers when a part was last well."""

    sessions: sessionmaker[Session]
    questions: Sequence[Question]
    _well_at: dict[str, datetime] = field(default_factory=dict)
    _database: Question = field(init=False)
    _found: tuple[Check, ...] = ()
    _answers: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._database = Question("database", _AWAY, self._ask_database, DATABASE_SECONDS)

    def checks(self) -> tuple[Check, ...]:
        """Return every check; all must be right. It takes less than ten seconds, whatever hangs."""
        answers = ask_all(self.questions)
        self._answers = answers
        wrong = ask_all([self._database])["database"]
        found = self._found if wrong is None else (self._red(self._database, wrong),)
        return (*found, *(self._told(question, answers[question.name]) for question in self.questions))

    def _ask_database(self) -> None:
        """Read and write, in the thread of a probe, and note when each part was last well."""
        well = [name for name, wrong in self._answers.items() if wrong is None]
        try:
            with deadline(DATABASE_SECONDS):
                self._found = self._read(well)
        except PoolTimeoutError as error:
            raise Unwell(_BUSY) from error
        except SQLAlchemyError as error:
            raise Unwell(_SILENT) from error

    def _read(self, well: list[str]) -> tuple[Check, ...]:
        with self.sessions() as session:
            version = version_check(session)
            if not version.is_ok:
                # Older tables may lack what the other questions read.
                return (version,)
        # First the write: what is asked after it sees what it wrote.
        wrong = self._wrong_with_writing(well)
        with self.sessions() as session:
            now = _CLOCK.now(session)
            self._well_at |= last_well(session) | {"database": now}
            return (version, self._written(wrong), *work_checks(session, now=now))

    def _wrong_with_writing(self, well: list[str]) -> tuple[str, str] | None:
        """Write, and return what is wrong with it and what helps; None when nothing is."""
        try:
            demand_room(self.sessions)
            note_well(self.sessions, (WRITE, *well))
        except PoolTimeoutError:
            raise
        except SQLAlchemyError as error:
            if isinstance(error, OperationalError) and error.connection_invalidated:
                raise
            return _FULL if is_disk_full(error) else _NO_WRITES
        return None

    def _written(self, wrong: tuple[str, str] | None) -> Check:
        if wrong is None:
            return Check(WRITE, is_ok=True, detail="written and kept just now")
        detail, remedy = wrong
        return Check(WRITE, is_ok=False, detail=detail, since=self._well_at.get(WRITE), remedy=remedy)

    def _told(self, question: Question, wrong: str | None) -> Check:
        return (
            Check(question.name, is_ok=True, detail="well") if wrong is None else self._red(question, wrong)
        )

    def _red(self, question: Question, wrong: str) -> Check:
        since = self._well_at.get(question.name)
        return Check(question.name, is_ok=False, detail=wrong, since=since, remedy=question.remedy)
