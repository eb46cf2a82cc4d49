"""The private PostgreSQL: made, started, recognised and stopped by us, with the wheel's programs alone.

It listens on a unix socket in a private folder and nowhere else. Who connects is known by the kernel (peer):
the account that owns the data folder, and root, may be any of the three roles; nobody else gets in. So there
is no password to keep, to print or to leak.
"""

import os
import secrets
import shlex
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from workflow.clock import wait_for
from workflow.servers.accounts import EmbeddedError, current
from workflow.servers.binaries import PostgresPrograms, copy_postgres, postgres_programs
from workflow.servers.places import Places

SUPERUSER, OWNER, APPLICATION, DATABASE = "postgres", "commendo_owner", "commendo_app", "commendo"
# Recovery after a power cut reads up to max_wal_size again, which takes minutes on a slow disk.
START_SECONDS = 300
# A killed server's last children notice and let go of its memory; a new server refuses until they have.
LEFTOVER_SECONDS = 20
STOP_SECONDS = 2.5
IN_USE = "shared memory block"

CONFIGURATION = """\
# Written by Commendo at every start; changes here are lost.
listen_addresses = ''
port = 5432
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
hba_file = {hba}
ident_file = {ident}
external_pid_file = ''
cluster_name = 'commendo'
max_connections = 100
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
datestyle = 'iso, ymd'
default_text_search_config = 'pg_catalog.simple'
logging_collector = on
log_directory = {logs}
log_filename = 'postgres-%a-%H.log'
log_rotation_age = 1h
log_rotation_size = 10MB
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
"""
# Only for servers that are thrown away: what it loses in a power cut is gone anyway.
WITHOUT_DURABILITY = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""
WHO_CONNECTS = "local all all peer map=commendo\n"


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
        return shown is not None and Path(shown[0]) == self.places.cluster.resolve()

    def start(self) -> bool:
        """Bring the server up and answer whether it was down; the caller holds the lock for changes.

        A server that a killed process left behind is taken over. What a power cut or a `kill -9` left in the
        cluster is PostgreSQL's own to recover; we only clear away what would keep it from trying.
        """
        if self.answers():
            return False
        if self.is_running():
            self._await_leftover()
            if self.answers():
                return False
        self._forget_dead_server()
        programs = self._programs()
        if not self.places.cluster.exists():
            self._make_cluster(programs)
        self._configure()
        self._launch(programs)
        self._make_roles()
        return True

    def stop(self) -> None:
        """Stop the server and return when it is gone; nothing happens when it does not run.

        Fast first: sessions are ended and a checkpoint is written. A server that takes too long is stopped at
        once, which loses no committed work and makes the next start recover.
        """
        for request in (signal.SIGINT, signal.SIGQUIT):
            pid = self._pid()
            if pid is None:
                return
            os.kill(pid, request)
            if wait_for(lambda: not self.is_running(), seconds=STOP_SECONDS, every=0.01):
                return
        raise EmbeddedError(
            f"PostgreSQL in {self.places.cluster} does not stop; its process is {self._pid()}."
        )

    def _connect(self, database: str = "postgres") -> psycopg.Connection[tuple[str, ...]]:
        return psycopg.connect(
            host=str(self.places.sockets),
            port=5432,
            user=SUPERUSER,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )

    def _pid(self) -> int | None:
        """Answer the process id of our server; a pid that another program has by now is not ours."""
        pid = self._noted_pid()
        if pid is None:
            return None
        try:
            # PostgreSQL works in its data directory, and a program that happens to have the pid does not.
            folder = psutil.Process(pid).cwd()
        except psutil.Error:
            return None
        return pid if Path(folder) == self.places.cluster.resolve() else None

    def _noted_pid(self) -> int | None:
        try:
            first = (self.places.cluster / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0]
            return abs(int(first))
        except (FileNotFoundError, ValueError):
            return None

    def _await_leftover(self) -> None:
        """Wait for a server that lives but does not answer: it starts, stops, or has lost its socket."""
        socket = self.places.sockets / ".s.PGSQL.5432"
        wait_for(
            lambda: self.answers() or not self.is_running() or not socket.exists(),
            seconds=START_SECONDS,
        )
        # A socket that comes late belongs to a server that is only now starting.
        wait_for(lambda: self.answers() or not self.is_running(), seconds=2.0)
        if self.is_running() and not self.answers():
            self.stop()

    def _forget_dead_server(self) -> None:
        """Remove a dead server's note when its pid is in use again, which PostgreSQL would take for a server.

        It has a second guard that we leave alone: the shared memory that children of the dead one still hold.
        """
        pid = self._noted_pid()
        if pid is not None and psutil.pid_exists(pid):
            (self.places.cluster / "postmaster.pid").unlink()

    def _programs(self) -> PostgresPrograms:
        mark = self.places.cluster / "PG_VERSION"
        programs = postgres_programs(mark.read_text(encoding="ascii").strip() if mark.exists() else None)
        return programs if self.places.account.is_ours else copy_postgres(programs, self.places.shelf)

    def _make_cluster(self, programs: PostgresPrograms) -> None:
        """Run initdb beside the final place, so that an interrupted one leaves no half-made cluster there."""
        fresh = self.places.home / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
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
                *([] if self.durable else ["--no-sync"]),
            ],
            folder=self.places.home,
        )
        if code != 0:
            raise EmbeddedError(f"The embedded PostgreSQL could not be made: {output}")
        fresh.rename(self.places.cluster)

    def _configure(self) -> None:
        """Write the configuration anew, so that a moved folder or a new release of ours takes effect."""
        folder = self.places.configuration
        names = {current().name, "root"}
        roles = (SUPERUSER, OWNER, APPLICATION)
        ident = "".join(f'commendo "{name}" {role}\n' for name in sorted(names) for role in roles)
        text = CONFIGURATION.format(
            # The setting is a list: the inner quotes keep a comma in a folder's name from splitting it.
            sockets=_quoted('"' + str(self.places.sockets).replace('"', '""') + '"'),
            hba=_quoted(str(folder / "hba.conf")),
            ident=_quoted(str(folder / "ident.conf")),
            logs=_quoted(str(self.places.logs)),
        )
        for name, content in (
            ("postgres.conf", text if self.durable else text + WITHOUT_DURABILITY),
            ("hba.conf", WHO_CONNECTS),
            ("ident.conf", ident),
        ):
            fresh = folder / f"{name}.{secrets.token_hex(4)}"
            fresh.write_text(content, encoding="utf-8")
            fresh.chmod(0o644)
            fresh.replace(folder / name)

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

        def started() -> bool:
            messages.unlink(missing_ok=True)
            return self.places.account.run(command, folder=self.places.home)[0] == 0 or not (
                messages.exists() and IN_USE in messages.read_text(encoding="utf-8", errors="replace")
            )

        wait_for(started, seconds=LEFTOVER_SECONDS, every=0.1)
        if not self.answers():
            said = messages.read_text(encoding="utf-8", errors="replace") if messages.exists() else ""
            raise EmbeddedError(
                f"The embedded PostgreSQL did not start. Its logs are in {self.places.logs}. {said.strip()}"
            )

    def _make_roles(self) -> None:
        """Make the two roles and the database that are not there yet.

        The owner of the tables may make databases, which our own tests do; the application's role may do
        nothing but what the migrations grant it.
        """
        with self._connect() as connection:
            there = {
                row[0]
                for row in connection.execute(
                    "SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database"
                )
            }
            owner, application, database = map(sql.Identifier, (OWNER, APPLICATION, DATABASE))
            if OWNER not in there:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(owner))
            if APPLICATION not in there:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(application))
            if DATABASE not in there:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
                connection.execute(
                    sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, application)
                )


def _quoted(value: str) -> str:
    """Quote a value for PostgreSQL's configuration file, where a backslash and a quote are written twice."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
