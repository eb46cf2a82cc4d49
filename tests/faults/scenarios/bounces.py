"""A report comes back while its letter waits for another try, or a sender has it in hand.

The server keeps every message and hangs up, so that nobody knows and each is tried again; of half of them a
report says at once, to two who read it at the same time, that there is no such mailbox.
"""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from threading import Event, Thread
from typing import Final

from tests.faults.rig.installation import Installation
from tests.faults.rig.sink import Mood, Taken
from tests.faults.rig.trial import Proof, Scenario
from workflow.clock import DatabaseClock
from workflow.messages.receipts import HEADER, Receipts
from workflow.operations.mail.receive import ReportOutcome, receive_mail

_READERS: Final = 2
# A message whose end was on its way when the report was noted is not called back.
_UNDER_WAY: Final = timedelta(seconds=2)
_REPORTED: Final = (
    "SELECT delivery_report.message_id, reported_at, outbox.state FROM delivery_report"
    " JOIN outbox ON outbox.message_id = delivery_report.message_id WHERE source = 'report'"
)
_TWICE: Final = "SELECT data ->> 'report' FROM event WHERE action = 'bounce' GROUP BY 1 HAVING count(*) > 1"


def report_on(each: Taken, receipts: Receipts) -> bytes:
    """Return what a mail server says in words of a letter that it cannot deliver."""
    receipt = receipts.receipt_for(each.message_id)
    return (
        f"From: MAILER-DAEMON@mx.example\nX-Failed-Recipients: {each.recipient}\n\n"
        f"550 5.1.1 <{each.recipient}>: unknown\n\n{HEADER}: {receipt}\n"
    ).encode()


@contextmanager
def reported(rig: Installation) -> Iterator[Proof]:
    """Keep messages and hang up; report on every other one, twice at once."""
    receipts = Receipts((rig.folder / "secret_key").read_text(encoding="ascii").strip().encode())
    over, bounced, seen = Event(), count(), len(rig.sink.taken)
    noted = [0]

    def read(place: int) -> None:
        at = place
        while not over.wait(0.02):
            fresh, at = rig.sink.taken[at:], len(rig.sink.taken)
            for each in fresh:
                if zlib.crc32(each.message_id.encode()) % 2:
                    continue
                with rig.sessions() as session:
                    now = DatabaseClock().now(session)
                    content = report_on(each, receipts)
                    found = receive_mail(session, content, receipts=receipts, domain="localhost", now=now)
                if found.outcome is ReportOutcome.BOUNCED:
                    noted[0] = next(bounced) + 1

    readers = [Thread(target=read, args=(seen,)) for _ in range(_READERS)]
    rig.sink.mood = Mood(cuts_after_dot=True)
    for reader in readers:
        reader.start()
    yield lambda: noted[0]
    rig.sink.mood = Mood()
    over.set()
    for reader in readers:
        reader.join()


def stay_so(rig: Installation) -> Iterable[str]:
    """Yield letters that are called something else after a report, went out again, or are told of twice."""
    with rig.connect() as connection:
        rows = connection.execute(_REPORTED).fetchall()
        twice = connection.execute(_TWICE).fetchall()
    reported_at = {str(name): at for name, at, _ in rows if isinstance(at, datetime)}
    for name, _, state in rows:
        if state != "dead":
            yield f"{name} is {state} after its report"
    for each in rig.sink.taken:
        at = reported_at.get(each.message_id)
        if at is not None and each.begun_at > at + _UNDER_WAY:
            yield f"{each.message_id} went out again at {each.begun_at}, reported at {at}"
    for (report,) in twice:
        yield f"history tells twice of the report {report}"


SCENARIOS = (
    Scenario(
        "bounce against retry", reported, seconds=15, stays_green=True, dead=None, rests=True, demand=stay_so
    ),
)
