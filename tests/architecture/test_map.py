"""The map in docs/architecture.md shows every import there is, and no folder is too full to look around in.

A line of the map is a room and the rooms it imports. Floors stand first; inside operations, queries and the
domain a second list tells of their subjects. What lies loose in a floor's folder is the floor's `common`.
"""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, imported_names, python_files, short, tree

FULLEST = 20
LOWEST = -99
FULLER = {
    "workflow/store": "one schema: tables, locks and statements know each other",
    "workflow/migrations/versions": "one chain in the order of its numbers",
}
BY_SUBJECT = ("operations", "queries", "domain")
NAMES = {
    "api/cli.py": "cli", "api/wsgi.py": "wsgi", "workflow/clock.py": "base", "workflow/settings.py": "base",
    "workflow/setting_types.py": "base", "workflow/forking.py": "base", "workflow/limited.py": "base",
    "workflow/standing_by.py": "base", "workflow/embedded.py": "servers",
}  # fmt: skip
PAGE = ROOT / "docs/architecture.md"


def floor_of(path: Path) -> str:
    """Return the room of the first list that a file lies in."""
    package, *inside = Path(short(path)).parts
    folder = inside[0] if len(inside) > 1 else ""
    in_api = f"api.{folder}" if folder else "edge"
    return NAMES.get(short(path)) or {"workflow": folder, "api": in_api}.get(package, package)


def room_of(path: Path) -> str:
    """Return the room inside a floor that has subjects."""
    return path.relative_to(ROOT).parts[2] if len(path.relative_to(ROOT).parts) > 3 else "common"


def arrows() -> dict[str, dict[str, set[str]]]:
    """Return which room imports which: under "" for the floors, under a floor's name for its subjects."""
    modules = {short(path).removesuffix(".py").replace("/", "."): path for path in python_files()}
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in modules.values():
        here = floor_of(path)
        for name in imported_names(tree(path)).values():
            target = modules.get(name) or modules.get(name.rpartition(".")[0])
            if target is None or name.split(".")[0] not in PACKAGES:
                continue
            there = floor_of(target)
            if here != there:
                found[""][here].add(there)
            elif here in BY_SUBJECT and room_of(path) != room_of(target):
                found[here][room_of(path)].add(room_of(target))
    return {floor: dict(rooms) for floor, rooms in found.items()}


def drawn() -> dict[str, dict[str, set[str]]]:
    """Return what the page draws."""
    blocks = re.findall(
        r"^```map ?(\w*)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    lines = {name: [line.split("→") for line in text.splitlines()] for name, text in blocks}
    return {name: {room.strip(): set(uses.split()) for room, uses in rows} for name, rows in lines.items()}


def test_the_map_shows_every_arrow_and_no_other():
    assert drawn() == arrows()


@pytest.mark.parametrize("floor", ["", *BY_SUBJECT])
def test_no_arrow_goes_back_up(floor):
    height = {room: -number for number, room in enumerate(drawn()[floor])}
    uses = [(room, used) for room, others in drawn()[floor].items() for used in others]
    back = [(room, used) for room, used in uses if height.get(used, LOWEST) > height[room]]
    assert back == []


def test_no_folder_is_too_full_to_look_around_in():
    counts = Counter(short(path.parent) for path in python_files())
    assert {folder for folder, count in counts.items() if count > FULLEST} == set(FULLER)
