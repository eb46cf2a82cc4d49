"""What hour it is where an installation stands whose processes read the real clock."""

from datetime import datetime
from typing import Final

_NOON: Final = 12


def noon_zone(now: datetime) -> str:
    """Return a zone in which it is about noon; its name has the sign of POSIX, hours west of Greenwich.

    Letters wait for mornings, and in the hour before one its reminders have fired and not left: what a test
    asks of real processes must not depend on the hour at which it is run.
    """
    west = (now.hour - _NOON) % 24
    return f"Etc/GMT+{west}" if west <= _NOON else f"Etc/GMT-{24 - west}"
