"""Ids made where the row is made, so that a whole decision is planned before a statement is sent."""

import os
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_A = (1 << 12) - 1
_RANDOM_B = (1 << 62) - 1


def uuid7(now: datetime) -> UUID:
    """Return a version 7 UUID (RFC 9562) whose time is `now`, virtual or real: ids sort as recorded."""
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10))
    return UUID(
        int=(milliseconds << 80)
        | _VERSION_7
        | ((random >> 62 & _RANDOM_A) << 64)
        | _VARIANT
        | (random & _RANDOM_B)
    )


def lowest_id(at: datetime) -> UUID:
    """Return the id before every id of what was recorded at `at` or later, and after every earlier one."""
    # Such an id counts from 1970 on: of what came before there is none.
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)
