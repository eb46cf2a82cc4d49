"""A forecast of much: what takes long is worked out after the last word with the database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from tests.integration.test_forecast_sent import DAYS, scene, watched
from tests.support.foretold import Watched, foretold
from workflow.operations.foresight import leaving

__all__ = ["scene", "watched"]


def test_nothing_stands_open_while_mails_are_put_together(watched: Watched) -> None:
    """The server ends a transaction that stands idle; of 87,000 promises this took longer than that."""
    engine: Engine = watched.scene.sessions.kw["bind"]
    with _calls_of_while_open(leaving.__file__, engine) as calls:
        letters = foretold(watched.scene, DAYS)
    assert letters
    assert not calls["leaving"], "nothing is open"
    assert not calls["_of_reader"], "nothing is open"
    assert calls["reader_rules"], "what is read is read in a transaction"


@contextmanager
def _calls_of_while_open(file: str | None, engine: Engine) -> Iterator[dict[str, bool]]:
    """Keep for each function of a file whether a transaction was open whenever it began or went on."""
    open_now, calls = [0], dict[str, bool]()

    def begun(*_: object) -> None:
        open_now[0] += 1

    def over(*_: object) -> None:
        open_now[0] -= 1

    def look(frame, happened: str, _: object) -> None:
        if happened == "call" and frame.f_code.co_filename == file:
            calls[frame.f_code.co_name] = calls.get(frame.f_code.co_name, False) or open_now[0] > 0

    heard = (("begin", begun), ("commit", over), ("rollback", over))
    for name, hears in heard:
        event.listen(engine, name, hears)
    sys.setprofile(look)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        for name, hears in heard:
            event.remove(engine, name, hears)
