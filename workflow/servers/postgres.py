"""The private PostgreSQL: made, started, recognised and stopped by us, with the wheel's programs alone.

It listens on a unix socket in a private folder and nowhere else. Who connects is known by the kernel (peer):
the account that owns the data folder, and root, may be any of the three roles; nobody else gets in. So there
is no password to keep, to print or to leak.
"""

import os
import shlex
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from workflow.clock import wait_for
from workflow.servers.accounts import EmbeddedError
from workflow.servers.binaries import PostgresPrograms, copy_postgres, postgres_programs
from workflow.servers.configuration import configure
from workflow.servers.places import Places

SUPERUSER, OWNER, APPLICATION, DATABASE = "postgres", "commendo_owner", "commendo_app", "commendo"
# Every cluster has it; our database may not be there yet when we ask whether the server is ours.
MAINTENANCE = "template1"
ROLES = (SUPERUSER, OWNER, APPLICATION)
# Recovery after a power cut reads up to max_wal_size again, which takes minutes on a slow disk.
START_SECONDS = 300
SOCKET_SECONDS = 2.0
LEFTOVER_SECONDS = 20
STOP_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class Postgres:
    """The PostgreSQL of one set of places; `durable` is false only for servers that are thrown away."""

    places: Places
    durable: bool

    def url(self, role: str) -> str:
        """Answer the SQLAlchemy URL for one of the roles."""
        host = quote(str(self.places.sockets), safe="")
        return f"postgresql+psycopg://{role}@/{DATABASE}?host={host}&port=5432"

    def is_running(self) -> bool:
        """Whether the process named in postmaster.pid lives and works in our cluster, ready or not."""
        return self._pid() is not None

    def answers(self) -> bool:
        """Whether the server behind our socket accepts us and is the one of our cluster."""
        try:
            with self._connect() as connection:
                shown = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return shown is not None and shown[0] == str(self.places.cluster)

    def start(self) -> bool:
        """Bring the server up and answer whether it was down; the caller holds the lock for changes.

        A server that a killed process left behind is taken over. What a power cut or a `kill -9` left in the
        cluster is PostgreSQL's own to recover; we only clear away what would keep it from trying.
        """
        is_up = self.answers() or (self.is_running() and self._await_leftover())
        is_first_start = self._first_start.exists() or not self.places.cluster.exists()
        if is_up and not is_first_start:
            return False
        programs = self._programs()
        if not is_up:
            self._clear_away_dead_server()
            configure(self.places, roles=ROLES, durable=self.durable)
            if is_first_start:
                self._make_cluster(programs)
        # The first start waits for the disk while the server starts: a part of a second that people would
        # see.
        with ThreadPoolExecutor(1) as background:
            flushing = background.submit(self._flush_cluster, programs) if is_first_start else None
            if not is_up:
                self._launch(programs)
            if flushing is not None:
                self._make_roles()
                flushing.result()
                self._first_start.unlink()
        return not is_up

    def stop(self) -> None:
        """Stop the server and return when it is gone; nothing happens when it does not run.

        Fast first: sessions are ended and a checkpoint is written. A server that takes too long is stopped at
        once, which loses no committed work and makes the next start recover.
        """
        for request in (signal.SIGINT, signal.SIGQUIT):
            pid = self._pid()
            if pid is None:
                break
            os.kill(pid, request)
            wait_for(lambda: not self.is_running(), seconds=STOP_SECONDS, every=0.01)
        if self.is_running():
            raise EmbeddedError(f"PostgreSQL in {self.places.cluster} does not stop (process {self._pid()}).")
        self._clear_away_dead_server()

    @property
    def _first_start(self) -> Path:
        """The mark of a cluster that nobody was given yet: it may lack its roles or not all be on disk."""
        return self.places.configuration / "first-start-is-not-over"

    def _connect(self) -> psycopg.Connection[tuple[str, ...]]:
        return psycopg.connect(
            host=str(self.places.sockets),
            port=5432,
            user=SUPERUSER,
            dbname=MAINTENANCE,
            autocommit=True,
            connect_timeout=10,
        )

    def _pid(self) -> int | None:
        """Answer the process id of our server; a pid that another program has by now is not ours."""
        pid = _first_number(self.places.cluster / "postmaster.pid")
        if pid is None:
            return None
        try:
            process = psutil.Process(pid)
            # PostgreSQL works in its data directory. Whoever is gone, dead and not yet buried, or somebody
            # else's program, does not.
            is_ours = process.name() == "postgres" and process.cwd() == str(self.places.cluster)
        except psutil.Error:
            return None
        return pid if is_ours else None

    def _await_leftover(self) -> bool:
        """Wait for a server that lives but does not answer, and answer whether it does now.

        It starts, stops, or has lost its socket, which somebody's cleaning of a temporary folder can do; then
        it is stopped, because nobody will ever reach it.
        """
        socket = self.places.sockets / ".s.PGSQL.5432"
        wait_for(
            lambda: self.answers() or not self.is_running() or not socket.exists(),
            seconds=START_SECONDS,
        )
        # A socket that comes late belongs to a server that is only now starting.
        wait_for(lambda: self.answers() or not self.is_running(), seconds=SOCKET_SECONDS)
        if self.answers():
            return True
        self.stop()
        return False

    def _clear_away_dead_server(self) -> None:
        """Remove what a killed server leaves behind that would keep the next one from starting.

        Its sessions outlive it while they compute, and hold the shared memory that PostgreSQL rightly wants
        to see free. Its notes name a pid that may be another program's by now, or one dead and not yet
        buried: PostgreSQL takes either for a server.
        """
        note = self.places.cluster / "postmaster.pid"
        if not note.exists():
            return
        self._end_leftovers()
        for stale in (note, self.places.sockets / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)

    def _end_leftovers(self) -> None:
        """Kill every program that still works on our files; what it had committed is in the log on disk."""

        def is_over() -> bool:
            found = [process for process in psutil.process_iter() if self._works_on_our_files(process)]
            for process in found:
                with suppress(psutil.Error):
                    process.kill()
            return not found

        if not wait_for(is_over, seconds=LEFTOVER_SECONDS):
            raise EmbeddedError(
                f"Programs that a dead PostgreSQL left behind in {self.places.home} do not end."
            )

    def _works_on_our_files(self, process: psutil.Process) -> bool:
        """Whether a process is a session of our server, or an initdb or pg_ctl that was told our folders."""
        folders = {str(self.places.cluster), str(self.places.unfinished)}
        try:
            if process.name() == "postgres":
                return process.cwd() in folders
            words = {word.removeprefix("--pgdata=") for word in process.cmdline()}
            return process.name() in ("initdb", "pg_ctl") and not folders.isdisjoint(words)
        except psutil.Error:
            return False

    def _programs(self) -> PostgresPrograms:
        mark = self.places.cluster / "PG_VERSION"
        programs = postgres_programs(mark.read_text(encoding="ascii").strip() if mark.exists() else None)
        return programs if self.places.account.is_ours else copy_postgres(programs, self.places.shelf)

    def _make_cluster(self, programs: PostgresPrograms) -> None:
        """Run initdb beside the final place, so that an interrupted one leaves no half-made cluster there.

        A cluster that carries the mark of its first start was never handed to anybody and is made again.
        """
        fresh = self.places.unfinished
        if self._first_start.exists():
            # A first start was killed half way, and its initdb or pg_ctl may go on without it.
            self._end_leftovers()
            for remains in (fresh, self.places.cluster):
                shutil.rmtree(remains, ignore_errors=True)
        self._first_start.touch()
        fresh.mkdir(mode=0o700)
        self.places.account.own(fresh)
        code, output = self.places.account.run(
            [
                programs.folder / "initdb",
                f"--pgdata={fresh}",
                f"--username={SUPERUSER}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--auth-local=peer",
                "--auth-host=reject",
                "--no-instructions",
                "--no-sync",
            ],
            folder=self.places.home,
        )
        if code != 0:
            raise EmbeddedError(f"The embedded PostgreSQL could not be made: {output}")
        fresh.rename(self.places.cluster)

    def _flush_cluster(self, programs: PostgresPrograms) -> None:
        if self.durable:
            code, output = self.places.account.run(
                [programs.folder / "initdb", "--sync-only", f"--pgdata={self.places.cluster}"],
                folder=self.places.home,
            )
            if code != 0:
                raise EmbeddedError(f"The embedded PostgreSQL could not be written to disk: {output}")

    def _launch(self, programs: PostgresPrograms) -> None:
        option = shlex.quote(f"config_file={self.places.configuration / 'postgres.conf'}")
        messages = self.places.logs / "start.log"
        command: list[str | Path] = [
            programs.folder / "pg_ctl",
            "start",
            f"--pgdata={self.places.cluster}",
            f"--log={messages}",
            f"--options=-c {option}",
            "--wait",
            f"--timeout={START_SECONDS}",
        ]

        messages.unlink(missing_ok=True)
        self.places.account.run(command, folder=self.places.home)
        if not self.answers():
            said = messages.read_text(encoding="utf-8", errors="replace") if messages.exists() else ""
            raise EmbeddedError(
                f"The embedded PostgreSQL did not start. {self.places.lack_of_room()}"
                f"Its logs are in {self.places.logs}. {said.strip()}"
            )

    def _make_roles(self) -> None:
        """Make the two roles and the database that are not there yet.

        The database is the one that initdb made, under our name: making another costs as much as a third of
        initdb. The owner of the tables may make databases, which our own tests do; the application's role may
        do nothing but what the migrations grant it.
        """
        with self._connect() as connection:
            names = "SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database"
            there = {row[0] for row in connection.execute(names)}
            owner, application, database = map(sql.Identifier, (OWNER, APPLICATION, DATABASE))
            if OWNER not in there:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(owner))
            if APPLICATION not in there:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(application))
            if DATABASE not in there:
                connection.execute(sql.SQL("ALTER DATABASE postgres OWNER TO {}").format(owner))
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE postgres FROM PUBLIC"))
                connection.execute(sql.SQL("GRANT CONNECT ON DATABASE postgres TO {}").format(application))
                connection.execute(sql.SQL("ALTER DATABASE postgres RENAME TO {}").format(database))


def _first_number(note: Path) -> int | None:
    """Answer the process id that opens one of PostgreSQL's notes, None where there is no readable one."""
    try:
        return int(note.read_text(encoding="utf-8").partition("\n")[0])
    except (FileNotFoundError, ValueError):
        return None
