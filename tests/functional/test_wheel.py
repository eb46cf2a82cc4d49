"""The wheel as somebody installs it: outside the checkout, whole, and answering."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.architecture.source import project_files
from tests.support.patience import PATIENCE
from tests.support.running import CHECKOUT, Running, cleared, environment, running

PACKAGES = ("api", "tasks", "workflow")
WHERE = """
import json, sys
import api, tasks, workflow
print(json.dumps([sys.path, *(list(package.__path__) for package in (api, tasks, workflow))]))
"""


def run(*words: str | Path, folder: Path) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the back end that the lock pins."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=CHECKOUT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in an environment of its own and return its folder of programs.

    The libraries are the checkout's, as installed from the lock: their folder is on the path, and the line in
    it that leads an editable install to the checkout is not followed from there.
    """
    place = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        wheel,
        folder=place,
    )
    [packages] = place.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return place / "bin"


def test_the_wheel_holds_every_file_of_the_three_packages_and_no_other(wheel: Path) -> None:
    tracked = {path.relative_to(CHECKOUT).as_posix() for path in project_files()}
    ours = {name for name in tracked if name.split("/")[0] in PACKAGES}
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert inside == ours


def test_what_is_imported_is_the_wheels_and_the_checkout_is_not_on_the_path(installed: Path) -> None:
    path, *places = json.loads(run(installed / "python", "-P", "-c", WHERE, folder=installed))
    home = installed.parent.resolve()
    assert all(Path(place).resolve().is_relative_to(home) for [place] in places)
    assert CHECKOUT not in {Path(entry).resolve() for entry in path}
    assert version("commendo") in run(installed / "commendo", "--version", folder=installed)


@pytest.fixture(scope="module")
def up(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start the installed command away from the checkout."""
    with (
        cleared(tmp_path_factory.mktemp("up")) as folder,
        running(folder, "--no-demo", program=[str(installed / "commendo")], at=folder) as started,
    ):
        yield started


def test_the_installed_command_brings_everything_up_and_serves_its_pages(up: Running) -> None:
    assert "Nobody can sign in yet" in up.said
    address = f"http://127.0.0.1:{up.port}"
    with urllib.request.urlopen(f"{address}/sign-in", timeout=PATIENCE) as answer:  # noqa: S310 - our own
        page = answer.read().decode()
    linked = re.findall(r'(?:href|src)="(/(?:static|[a-z]+/static)[^"]+)"', page)
    assert any(name.partition("?")[0].endswith(".css") for name in linked)
    for name in linked:
        with urllib.request.urlopen(address + name, timeout=PATIENCE) as answer:  # noqa: S310 - our own
            assert answer.status == 200
    up.command("account", "add", "a@example.vn", "--name", "An", "--grant", "admin@all")
    keys = {item["key"] for item in up.ask("/api/v1/workflows", up.token("a@example.vn")).body["items"]}
    assert keys == {"annual", "standard", "simplified", "declaration"}


def test_an_account_without_a_folder_named_finds_its_data_in_the_xdg_folder(
    installed: Path, tmp_path: Path
) -> None:
    given = {name: value for name, value in os.environ.items() if not name.startswith("COMMENDO_")}
    done = subprocess.run(
        [installed / "python", "-P", "-c", "from workflow.settings import load; print(load().data_dir)"],
        cwd=CHECKOUT,
        env=given | {"XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert Path(done.stdout.strip()) == tmp_path / "commendo"
