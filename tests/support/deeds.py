"""Every word by which history calls what was done outside the steps of a route, read from the source."""

import ast
from collections.abc import Iterator
from functools import cache
from typing import Final

from tests.architecture.source import ROOT
from workflow.operations.mail.offices import MAILBOX_CHOSEN
from workflow.operations.rounds.returns import SENT

# What writes an entry, and which of its arguments is the word, where it goes by place.
_WRITERS: Final = {
    "append_event": 2, "StreamEvent": 1, "record_absence": 1, "note_code": 2, "_record": 2, "_note": 2,
    "begin_streams": None,
}  # fmt: skip


@cache
def deeds() -> frozenset[str]:
    """Return those words: what stands in the calls that write entries, and what is named elsewhere."""
    found = {MAILBOX_CHOSEN, SENT}
    for folder in ("operations", "imports"):
        for path in (ROOT / "workflow" / folder).rglob("*.py"):
            found |= set(_words(ast.parse(path.read_text(encoding="utf-8"))))
    return frozenset(found)


def _words(tree: ast.Module) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _WRITERS:
            place = _WRITERS[call.func.id]
            named = {one.arg: one.value for one in call.keywords}
            placed = call.args[place : place + 1] if isinstance(place, int) else []
            for word in (*placed, *filter(None, [named.get("action")])):
                yield from (
                    one.value
                    for one in ast.walk(word)
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )
