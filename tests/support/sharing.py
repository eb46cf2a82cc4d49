"""Which tests one worker does one after another, because what they share is dear to make.

pytest-xdist has a mark for that, but writes it into a name that pytest reads no more (3.8 under 9.2): each
worker made the same demo.
"""

import re
from typing import Final

from xdist.scheduler import LoadScopeScheduling

# A running installation, a browser, a demo, a season.
_FILES: Final = re.compile(r"tests/(functional|browser)/|tests/integration/test_(demo|simulate)\.py")
_FAULTS: Final = "tests/faults/"
# About half of the time of the faults that the gate does.
_ONE_HALF: Final = re.compile("questions-asked|the_oracle")


def shared(nodeid: str) -> str:
    """Return what a test shares with others: a name of its own where it shares nothing."""
    path = nodeid.partition("::")[0]
    if path.startswith(_FAULTS):
        return f"{path} {_ONE_HALF.search(nodeid) is None}"
    return path if _FILES.match(path) else nodeid


class SharingScheduler(LoadScopeScheduling):
    """Hands out what is shared as one, the largest first, and all else test by test."""

    def _split_scope(self, nodeid: str) -> str:
        return shared(nodeid)
