"""How seldom a process walks what it has loaded: as it starts, before it forks, and once it is warm."""

import gc
from typing import Final

_MADE: Final = 10_000
"""So many objects more than were freed bring a short walk: a page makes thousands, and frees them itself."""


def walk_seldom() -> None:
    """Have the collector walk as seldom while a process starts as when it serves.

    It only loads then and drops nothing, and walked hundreds of times what it had just loaded: a fifth of
    the time of each start.
    """
    gc.set_threshold(_MADE)


def keep_shared() -> None:
    """Keep what is loaded shared with the processes forked from here, and out of the collector's walks.

    A walk of the collector writes into every object, and a page that is written to is copied: after the
    first whole walk each process of ours had 40 MB for itself of what all read and nobody changes.
    """
    walk_seldom()
    gc.collect()
    gc.freeze()
