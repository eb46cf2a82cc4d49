"""The process that fills one form: a file and what it is filled with come in, a file goes out.

It opens no file but its libraries': whatever a form does to it stays in it. Both ways go a line of JSON
and the bytes of a file behind it.
"""

import json
import sys
from typing import Any

from workflow.forms.package import demand_harmless
from workflow.forms.plain import plain_form
from workflow.forms.refused import FormRefusedError
from workflow.forms.sheet import fill_sheet
from workflow.forms.text import fill_text
from workflow.limited import answer_within


def _answer(given: bytes) -> bytes:
    head, _, content = given.partition(b"\n")
    try:
        written, refused = _made(json.loads(head), content), {}
    except FormRefusedError as error:
        written, refused = b"", {"refused": error.code, "params": error.params}
    return json.dumps(refused).encode() + b"\n" + written


def _made(order: dict[str, Any], content: bytes) -> bytes:
    kind = order["kind"]
    if not content:
        content = plain_form(kind, order["plain"])
        if order["data"] is None:
            return content
    else:
        demand_harmless(content, kind)
    fill = fill_text if kind == "docx" else fill_sheet
    return fill(content, order["fields"], order["data"])


if __name__ == "__main__":
    sys.exit(answer_within(_answer))
