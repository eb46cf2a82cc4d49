"""A database and a data folder as an administrator may have made them: it works, or is told."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import make_url

from api.cli import commendo
from api.commands.output import CommandRefused, refusals
from tests.support.databases import administer, drop
from workflow.embedded import Services

Run = Callable[..., Result]
NAME = f"otherwise_{os.getpid()}"


@pytest.fixture
def run(postgres: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """Call the command line on a database that the test makes itself, and drop it afterwards."""
    for name in [name for name in os.environ if name.startswith("COMMENDO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMMENDO_ENV", "development")
    monkeypatch.setenv("COMMENDO_DATA_DIR", str(tmp_path / "data"))
    for setting, url in (("DATABASE_URL", postgres.database_url), ("MIGRATION_URL", postgres.migration_url)):
        there = make_url(url).set(database=NAME).render_as_string(hide_password=False)
        monkeypatch.setenv(f"COMMENDO_{setting}", there)
    yield lambda *words: CliRunner().invoke(commendo, words, prog_name="commendo")
    drop(postgres, NAME)


def _said(result: Result) -> tuple[int, list[str]]:
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, result.stderr.splitlines()


def test_a_server_may_write_days_and_limit_statements_as_it_likes(run: Run, postgres: Services) -> None:
    administer(postgres, f"CREATE DATABASE {NAME} TEMPLATE template0")
    for setting in (
        "datestyle TO 'SQL, DMY'",
        "timezone TO 'America/New_York'",
        "intervalstyle TO 'sql_standard'",
        "bytea_output TO 'escape'",
        "search_path TO ''",
        "statement_timeout TO '1ms'",
    ):
        administer(postgres, f"ALTER DATABASE {NAME} SET {setting}")
    assert _said(run("db", "upgrade")) == (0, [])
    assert _said(run("db", "check")) == (0, [])
    added = run("account", "add", "an@example.org", "--name", "Nguyễn Văn An", "--grant", "admin@all")
    assert _said(added) == (0, [])
    assert _said(run("audit", "verify")) == (0, [])


def test_a_dump_brought_back_beside_a_new_role_gets_its_rights_by_the_upgrade(
    run: Run, postgres: Services
) -> None:
    administer(postgres, f"CREATE DATABASE {NAME} TEMPLATE template0")
    assert _said(run("db", "upgrade")) == (0, [])
    there = make_url(postgres.migration_url).set(drivername="postgresql", database=NAME)
    role = make_url(postgres.database_url).username
    with psycopg.connect(there.render_as_string(hide_password=False)) as link:
        link.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}".encode())
    assert _said(run("db", "upgrade")) == (0, [])
    assert _said(run("round", "status")) == (0, [])


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
@pytest.mark.parametrize("words", [("db", "upgrade"), ("worker",), ("round", "status")])
def test_a_database_where_names_do_not_fit_is_refused(
    run: Run, postgres: Services, encoding: str, words: tuple[str, ...]
) -> None:
    administer(
        postgres,
        f"CREATE DATABASE {NAME} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    )
    code, [line] = _said(run(*words))
    assert code == 1
    assert line.startswith(f"The database keeps text as {encoding}, where names do not fit.")
    assert "ENCODING 'UTF8' TEMPLATE template0" in line


@pytest.mark.parametrize("process", ["web", "worker", "beat"])
def test_a_data_folder_that_is_none_is_named(
    run: Run, postgres: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, process: str
) -> None:
    administer(postgres, f"CREATE DATABASE {NAME} TEMPLATE template0")
    assert _said(run("db", "upgrade")) == (0, [])
    (tmp_path / "file").touch()
    monkeypatch.setenv("COMMENDO_DATA_DIR", str(tmp_path / "file" / "data"))
    code, [line] = _said(run(process))
    assert code == 1
    assert line.startswith(
        f"COMMENDO_DATA_DIR: {tmp_path / 'file' / 'data'} cannot be used (Not a directory)."
    )


def _read_what_is_not_ours() -> None:
    raise PermissionError(13, "Permission denied", "/srv/data/audit_key")


def test_whoever_may_not_use_a_file_is_told_which_and_what_helps() -> None:
    with pytest.raises(CommandRefused) as refused, refusals():
        _read_what_is_not_ours()
    [line] = refused.value.problems
    assert line.startswith("/srv/data/audit_key: Permission denied. ")
    assert "run it as whom the services run as" in line
