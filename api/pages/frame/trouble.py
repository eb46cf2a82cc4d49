"""A refused form is shown where it is wrong: at the top of a long page nothing tells that it was refused."""

import re
from typing import Final

from flask import Response

_MAIN: Final = re.compile(r"<main\b[^>]*>")
_FOCUS: Final = " autofocus"
_WRONG: Final = re.compile(r"<(?:input|select|textarea)\b[^>]* aria-invalid=\"true\"")
_SAID: Final = re.compile(r"<\w+\b[^>]* role=\"alert\"(?: tabindex=\"-1\")?")
_REACHED: Final = ' tabindex="-1"'
_REFUSED: Final = range(400, 500)


def at_trouble(response: Response) -> Response:
    """Have the page of a refusal opened at the first field that is wrong, else at what is said of it."""
    if response.status_code not in _REFUSED or response.mimetype != "text/html":
        return response
    text = response.get_data(as_text=True)
    if (main := _MAIN.search(text)) is None:
        return response
    head, rest = text[: main.end()], text[main.end() :]
    if _FOCUS in rest:
        return response
    wrong = _WRONG.search(rest)
    found = wrong or _SAID.search(rest)
    if found is not None:
        reached = "" if wrong or found[0].endswith(_REACHED) else _REACHED
        response.set_data(f"{head}{rest[: found.end()]}{reached}{_FOCUS}{rest[found.end() :]}")
    return response
