"""Migrations are one line, however many were written side by side, and each file begins with its number."""

from pathlib import Path

from alembic.script import ScriptDirectory

_FOLDER = Path(__file__).parents[2] / "workflow" / "migrations"


def test_each_migration_follows_the_one_numbered_before_it() -> None:
    files = sorted((_FOLDER / "versions").glob("[0-9]*.py"))
    told = [(path.name[:4], *_numbers(path)) for path in files]
    meant = [
        (f"{number:04}", f"{number:04}", f"{number - 1:04}" if number > 1 else None)
        for number in range(1, len(files) + 1)
    ]
    assert told == meant
    assert ScriptDirectory(str(_FOLDER)).get_heads() == [meant[-1][0]]


def _numbers(path: Path) -> tuple[str | None, str | None]:
    """Return what a file says of itself and of the one before."""
    said: dict[str, str | None] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, found, value = line.partition(" = ")
        if found and name in {"revision", "down_revision"}:
            said[name] = None if value == "None" else value.strip('"')
    return said["revision"], said["down_revision"]
