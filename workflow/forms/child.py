"""What the process does that fills one form: a file and what it is filled with come in, a file goes out.

It opens no file but its libraries': whatever a form does to it stays in it. Both ways go a line of JSON
and the bytes of a file behind it. For each kind of file one stands by (`text_child`, `sheet_child`), which
has the library of that kind open and no other.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from workflow.forms.package import demand_harmless
from workflow.forms.refused import FormRefusedError
from workflow.standing_by import stand_by

Plain: TypeAlias = Callable[[dict[str, Any]], bytes]
Fill: TypeAlias = Callable[[bytes, list[list[Any]], Mapping[str, Any]], bytes]


def answer_for(plain: Plain, fill: Fill) -> int:
    """Answer orders by the form that ships and by what fills a form; return the exit code."""

    def answer(given: bytes) -> bytes:
        head, _, content = given.partition(b"\n")
        try:
            written, refused = made(json.loads(head), content, plain, fill), {}
        except FormRefusedError as error:
            written, refused = b"", {"refused": error.code, "params": error.params}
        return json.dumps(refused).encode() + b"\n" + written

    return stand_by(answer)


def made(order: dict[str, Any], content: bytes, plain: Plain, fill: Fill) -> bytes:
    """Return a form filled as ordered, or the plain one where none is given.

    Raises `FormRefusedError`.
    """
    if not content:
        return plain(order["plain"])
    if not order["is_ours"]:
        demand_harmless(content, order["kind"])
    return fill(content, order["fields"], order["data"])
