"""The private servers after a `kill -9` of anything or a recycled pid: nothing committed is lost."""

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support.patience import PATIENCE
from tests.support.servers import (
    all_gone,
    begin_user,
    clear,
    connect,
    is_alive,
    is_gone,
    kill,
    places,
    postmaster,
    processes_of,
    redis_process,
    remember,
    remembered,
    user,
)
from workflow import embedded
from workflow.clock import wait_for
from workflow.embedded import EmbeddedError

AS_ROOT = os.geteuid() == 0
NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a data folder of its own; whatever servers a test leaves there are stopped and removed."""
    yield tmp_path / "data"
    clear(tmp_path / "data")


def test_servers_left_by_a_killed_owner_are_taken_over_and_stopped(folder: Path) -> None:
    with user(folder, durable=True) as owner:
        remember(owner, "kept")
        left = [postmaster(folder), redis_process(folder)]
        owner.kill()
    assert all(map(is_alive, left))
    with embedded.start(folder, redis=True, owner=True) as services:
        assert [postmaster(folder), redis_process(folder)] == left
        assert remembered(services) == {"kept"}
    assert all_gone(folder)


def test_a_command_after_a_killed_owner_stops_its_redis_too(folder: Path) -> None:
    with user(folder) as owner:
        owner.kill()
    with embedded.start(folder) as services:
        assert services.redis_url is not None
    assert all_gone(folder)


def test_nothing_is_lost_when_everything_is_killed_at_once(folder: Path) -> None:
    with user(folder, durable=True) as owner:
        remember(owner, "kept")
        owner.kill()
        kill(processes_of(folder))
    with embedded.start(folder, redis=True, owner=True) as services:
        assert remembered(services) == {"kept"}
        assert services.redis_url is not None


def test_whatever_died_is_started_again_and_named(folder: Path) -> None:
    with embedded.start(folder, redis=True, owner=True) as services:
        remember(services, "kept")
        assert services.ensure() == ()
        kill([postmaster(folder)])
        assert services.ensure() == ("PostgreSQL",)
        kill([redis_process(folder)])
        assert services.ensure() == ("Redis",)
        kill(processes_of(folder))
        assert services.ensure() == ("PostgreSQL", "Redis")
        assert services.ensure() == ()
        assert remembered(services) == {"kept"}


def test_a_disk_that_takes_nothing_keeps_what_died_down_in_words_until_it_does(folder: Path) -> None:
    with embedded.start(folder) as services:
        first, configuration = postmaster(folder), places(folder).configuration
        aside = configuration.rename(configuration.with_name("aside"))
        first.kill()
        assert wait_for(lambda: not is_alive(first), seconds=PATIENCE)
        with pytest.raises(EmbeddedError, match=r"cannot use .*configuration.*: No such file"):
            services.ensure()
        aside.rename(configuration)
        assert services.ensure() == ("PostgreSQL",)


def test_a_frozen_redis_is_not_started_a_second_time(folder: Path) -> None:
    with embedded.start(folder, redis=True, durable=False) as services:
        frozen = redis_process(folder)
        frozen.suspend()
        try:
            assert services.ensure() == ()
        finally:
            frozen.resume()
        assert redis_process(folder) == frozen


def test_a_frozen_redis_is_gone_after_the_last_one_has_left(folder: Path) -> None:
    with embedded.start(folder, redis=True, durable=False):
        redis_process(folder).suspend()
    assert all_gone(folder)


def test_a_session_that_outlives_its_killed_server_does_not_keep_the_next_one_down(folder: Path) -> None:
    with embedded.start(folder, durable=False) as services:
        counting = connect(services.migration_url)
        ended: list[type[BaseException]] = []

        def count() -> None:
            try:
                counting.execute("SELECT count(*) FROM generate_series(1, 10000000000)")
            except psycopg.OperationalError as error:
                ended.append(type(error))

        thread = threading.Thread(target=count)
        thread.start()
        with connect(services.migration_url) as connection:
            busy = (
                "SELECT pid FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active'"
            )
            others = f"{busy} AND pid <> pg_backend_pid()"
            assert wait_for(lambda: connection.execute(others).fetchone() is not None, seconds=PATIENCE)
            row = connection.execute(others).fetchone()
        assert row is not None
        session = psutil.Process(int(str(row[0])))
        kill([postmaster(folder)])
        assert is_alive(session)
        assert services.ensure() == ("PostgreSQL",)
        thread.join(timeout=PATIENCE)
        assert ended
        assert is_gone(session)


def test_a_pid_that_another_program_has_by_now_is_neither_trusted_nor_touched(folder: Path) -> None:
    with embedded.start(folder) as services:
        remember(services, "kept")
        note = places(folder).cluster / "postmaster.pid"
        socket_note = places(folder).sockets / ".s.PGSQL.5432.lock"
        written = [(path, path.read_text(encoding="utf-8")) for path in (note, socket_note)]
    with subprocess.Popen(
        ["/bin/sleep", "60"], user=places(folder).account.uid if AS_ROOT else None
    ) as other:
        for path, text in written:
            path.write_text("\n".join([str(other.pid), *text.split("\n")[1:]]), encoding="utf-8")
        with embedded.start(folder) as services:
            assert remembered(services) == {"kept"}
        assert other.poll() is None
        other.kill()


def test_a_note_cut_short_by_a_full_disk_is_cleared_away(folder: Path) -> None:
    with embedded.start(folder) as services:
        remember(services, "kept")
    (places(folder).cluster / "postmaster.pid").write_text("", encoding="utf-8")
    with embedded.start(folder) as services:
        assert remembered(services) == {"kept"}


@pytest.mark.parametrize("seconds", [0.4, 0.7, 1.0])
def test_a_first_start_killed_at_any_moment_is_finished_or_begun_again(folder: Path, seconds: float) -> None:
    begun = begin_user(folder, redis=True, owner=True, durable=True)
    wait_for(lambda: False, seconds=seconds)
    begun.kill()
    begun.communicate()
    with embedded.start(folder) as services:
        remember(services, "made")
    with embedded.start(folder) as services:
        assert remembered(services) == {"made"}


def test_a_running_server_whose_first_start_was_not_over_is_finished_not_made_anew(folder: Path) -> None:
    with user(folder) as owner:
        remember(owner, "kept")
        (places(folder).configuration / "first-start-is-not-over").touch()
        owner.kill()
    for _ in range(2):
        with embedded.start(folder) as services:
            assert remembered(services) == {"kept"}


def test_stale_sockets_and_a_half_made_cluster_are_cleared_away(folder: Path) -> None:
    (folder / "embedded").mkdir(parents=True)
    where = places(folder)
    for name in (".s.PGSQL.5432", "redis.sock"):
        (where.sockets / name).touch()
    where.unfinished.mkdir()
    (where.unfinished / "PG_VERSION").touch()
    (where.configuration / "first-start-is-not-over").touch()
    with embedded.start(folder, redis=True, durable=False) as services:
        remember(services, "made")
        assert remembered(services) == {"made"}
    assert not where.unfinished.exists()


def test_a_socket_that_was_swept_away_brings_the_server_back(folder: Path) -> None:
    with embedded.start(folder, owner=True) as services:
        remember(services, "kept")
        lost = postmaster(folder)
        (places(folder).sockets / ".s.PGSQL.5432").unlink()
        with embedded.start(folder) as second:
            assert remembered(second) == {"kept"}
            assert postmaster(folder) != lost
    assert is_gone(lost)


def test_a_cluster_of_another_release_is_left_alone_and_the_remedy_is_named(folder: Path) -> None:
    embedded.start(folder).close()
    mark = places(folder).cluster / "PG_VERSION"
    made_by = mark.read_text(encoding="ascii")
    mark.write_text("13\n", encoding="ascii")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 13.*Install a release"):
        embedded.start(folder)
    mark.write_text(made_by, encoding="ascii")


def test_a_server_that_cannot_start_says_why_and_holds_no_lock(folder: Path) -> None:
    embedded.start(folder).close()
    control = places(folder).cluster / "global" / "pg_control"
    kept = control.rename(control.with_name("kept"))
    for _ in range(2):
        with pytest.raises(EmbeddedError, match=r"did not start.*logs"):
            embedded.start(folder, owner=True)
    kept.rename(control)


@pytest.mark.skipif(not AS_ROOT, reason="only root's servers live elsewhere")
def test_a_database_that_was_moved_away_is_not_silently_made_anew(folder: Path) -> None:
    embedded.start(folder).close()
    home = places(folder).home
    away = home.rename(home.with_name(f"{home.name}-away"))
    with pytest.raises(EmbeddedError, match="is not there"):
        embedded.start(folder)
    away.rename(home)
