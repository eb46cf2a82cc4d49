"""A route on which an outside opinion doubles the five working days of the unit."""

import re
from typing import Any

from tests.support.definitions import text_of
from tests.support.office import Office
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.setup.publish import publish_definition

_DUE = "    owner: unit_reviewer@subject.unit\n    due: 5 working_days\n"
DOUBLED = "    doubled_when: outside_opinion\n"
OFFICE = "Công an tỉnh An Giang"
ASKED: dict[str, Any] = {"office": OFFICE, "comment": "Công văn số 12/VKS-TĐKT, hỏi ý kiến hiệp y."}


def doubling(due: str = "5 working_days") -> str:
    """Return the shipped route in a later version, in which the unit's period doubles."""
    text = text_of("standard")
    assert text.count(_DUE) == 1
    # Each due is a version of its own.
    text = re.sub(r"\nversion: (\d+)", lambda found: f"\nversion: {int(found[1]) + len(due)}", text, count=1)
    return text.replace(_DUE, _DUE.replace("5 working_days", due) + DOUBLED)


def publish_doubling(office: Office, clock: FixedClock, due: str = "5 working_days") -> None:
    """Let new nominations run on it."""
    publish_definition(
        office.session, text=doubling(due), filename="x.yaml", actor=None, via=Via.CLI, now=clock.now()
    )
