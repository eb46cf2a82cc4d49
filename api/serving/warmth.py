"""A web process that is warm: what it has loaded by then is kept out of the collector's walks.

A whole walk reads some 360,000 objects and stops every thread for 70 ms and more; a list of some thousand
rows, read for a file, brings one every few times.
"""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, Final

from workflow.forking import keep_shared

_WARM: Final = 256
"""After so many answers most pages have been shown once: their templates, words and statements are there."""


def settling(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Return the application, which settles after `_WARM` answers and whenever they have doubled.

    What is in hand at that moment settles with the rest, and where it would be freed by a walk alone it never
    is: a few requests' worth at each doubling, which a long life brings twenty of.
    """
    answers = count(1)

    def asked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        number = next(answers)
        # A power of two has one bit.
        if number >= _WARM and number & (number - 1) == 0:
            keep_shared()
        return application(environ, start_response)

    return asked
