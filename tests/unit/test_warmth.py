"""A process of ours seldom walks what it loads; one of the web that is warm keeps it out of the walks."""

import gc
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from api.serving import warmth
from api.serving.warmth import settling


@pytest.fixture
def unfrozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def _application(_environ: dict[str, Any], _start: object) -> Iterable[bytes]:
    return [b"answered"]


@pytest.mark.usefixtures("unfrozen")
def test_it_settles_once_it_is_warm_and_at_each_doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmth, "_WARM", 8)
    ask = settling(_application)
    loaded, walked = [], []
    for number in range(1, 18):
        loaded.append([number])
        ask({}, None)
        walked.append([one[0] for one in loaded if any(each is one for each in gc.get_objects())])
    assert walked[6] == [1, 2, 3, 4, 5, 6, 7], "nothing settles before it is warm"
    assert walked[7] == []
    assert walked[14] == [9, 10, 11, 12, 13, 14, 15]
    assert walked[15] == [], "what was loaded since settles at the doubling"
    assert walked[16] == [17]


@pytest.mark.usefixtures("unfrozen")
def test_what_it_loaded_is_walked_no_more() -> None:
    loaded = [{"row": number} for number in range(1000)]
    ask = settling(_application)
    for _ in range(256):
        assert ask({}, None) == [b"answered"]
    assert not any(one is loaded for one in gc.get_objects())


def test_what_a_command_loads_is_seldom_walked_as_it_starts() -> None:
    """Of Python's own accord it is walked hundreds of times before the first page is answered."""
    code = (
        "import gc, sys\n"
        "from api.cli import main\n"
        "sys.argv = ['commendo', '--version']\n"
        "try:\n    main()\nfinally:\n    print(gc.get_threshold()[0])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(said.split()[-1]) >= 10_000
