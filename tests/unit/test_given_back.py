"""A letter given back right before its message: whatever a server may have taken before is not forgotten."""

from typing import cast
from uuid import UUID

import pytest

from tests.conftest import MONDAY
from workflow.messages.compose import LetterFacts
from workflow.operations.mail import fate
from workflow.store.outbox import ClaimedMail, ClaimedRow

TAKEN = "maybe_sent: the connection was lost"


@pytest.mark.parametrize("reasons", [(TAKEN, None), (None, TAKEN), (TAKEN, TAKEN)])
def test_what_may_have_been_sent_still_says_so(reasons: tuple[str | None, ...]) -> None:
    rows = tuple(ClaimedRow(UUID(int=n), 1, 0, reason) for n, reason in enumerate(reasons))
    ready = fate.ReadyMail(ClaimedMail("<a@b>", rows), (), cast("LetterFacts", None), MONDAY, 0.0)
    given_back = fate.given_back(ready)
    assert (given_back.reason or "").startswith("maybe_sent")
    assert (given_back.not_before, given_back.is_excused) == (MONDAY, True)


def test_what_was_never_sent_does_not_say_so() -> None:
    rows = (ClaimedRow(UUID(int=1), 1, 0, None),)
    ready = fate.ReadyMail(ClaimedMail("<a@b>", rows), (), cast("LetterFacts", None), MONDAY, 0.0)
    assert "maybe_sent" not in (fate.given_back(ready).reason or "")
