"""The private servers of an account without rights; tried as `nobody` when the tests run as root."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tests.support.servers import CHECKOUT

NOBODY = 65534
AS_NOBODY = """
import os, signal, stat, sys
from pathlib import Path
from tests.support.servers import all_gone, kill, places, postmaster, remember, remembered
from workflow import embedded
folder = Path(sys.argv[1])
assert os.geteuid() == 65534
child = os.fork()
if child == 0:
    services = embedded.start(folder, redis=True, owner=True)
    remember(services, "kept")
    os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(child, 0)
with embedded.start(folder, redis=True, owner=True) as services:
    assert remembered(services) == {"kept"}
    kill([postmaster(folder)])
    assert services.ensure() == ("PostgreSQL",)
    assert remembered(services) == {"kept"}
    where = places(folder)
    assert where.cluster.is_relative_to(folder)
    print(where.sockets, stat.S_IMODE(where.sockets.stat().st_mode), len(os.fsencode(where.sockets)))
assert all_gone(folder)
embedded.start(folder, durable=False).close()
assert not where.sockets.exists()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run without root's rights already")
@pytest.mark.parametrize("name", ["short", "long" * 30])
def test_an_account_without_rights_has_everything_in_its_own_folder(name: str, tmp_path: Path) -> None:
    python = python_for_nobody()
    if python is None:
        pytest.skip("no interpreter that nobody may run and that reads these packages")
    # Not under tmp_path, whose parents are root's alone.
    home = Path(tempfile.mkdtemp(prefix="nobody-"))
    os.chown(home, NOBODY, NOBODY)
    try:
        done = as_nobody([python, "-c", AS_NOBODY, str(home / name)], home)
    finally:
        shutil.rmtree(home)
    assert done.returncode == 0, done.stderr
    sockets, mode, length = done.stdout.split()
    assert int(mode) == 0o700
    assert int(length) < 107
    assert Path(sockets).is_relative_to(home) is (name == "short")


def python_for_nobody() -> str | None:
    """Find an interpreter of this version that an account without rights may run with these packages."""
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            done = as_nobody([python, "-c", "import psycopg, tests.support.servers"], Path("/"))
        except OSError:
            continue
        if done.returncode == 0:
            return python
    return None


def as_nobody(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with this process's import path and without any right."""
    return subprocess.run(
        command,
        env={"PYTHONPATH": os.pathsep.join([str(CHECKOUT), *sys.path]), "PATH": "/usr/bin:/bin"},
        cwd=folder,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
