"""`kill -9` in the middle of the work: decisions stay decided, and their mails go out after the restart."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE
from tests.support.running import MAILS_AT_ONCE, Answer, Running, cleared, running
from workflow.clock import wait_for

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1800)]
PAPER = {"number": "77/QĐ-TEST", "signer": "Người ký thử"}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start everything with the demo, as `make up` does."""
    with cleared(tmp_path_factory.mktemp("killed")) as folder, running(folder, settings=MAILS_AT_ONCE) as up:
        yield up


def email_of(up: Running, part: str) -> str:
    """Return the address of a part from what `up` printed."""
    line = next(line for line in up.said.splitlines() if line.strip().lower().startswith(part))
    return next(word for word in line.split() if "@" in word)


def waiting(up: Running, token: str, state: str) -> list[dict[str, Any]]:
    """Return the work that waits for somebody in a step and is not on hold."""
    items = up.ask("/api/v1/inbox?limit=100", token).body["items"]
    return [item for item in items if item["state"] == state and not item["is_held"]]


def recommended(up: Running, head: str) -> tuple[dict[str, Any], str]:
    """Return something the council has recommended that waits for the head, and the day it voted."""
    for item in waiting(up, head, "decision"):
        found = up.ask(f"/api/v1/nominations/{item['nomination_id']}", head).body["recommendation"]
        if found["result"] == "passed":
            return item, found["voted_on"]
    raise LookupError("nothing that was recommended waits for the head")


def act(up: Running, token: str, item: dict[str, Any], action: str, **body: object) -> Answer:
    return up.ask(
        f"/api/v1/nominations/{item['nomination_id']}/actions/{action}",
        token,
        body,
        If_Match=f'"v{item["version"]}"',
        Idempotency_Key=f"{action}-{item['nomination_id']}-{item['version']}",
    )


def fates(up: Running, token: str, nomination_id: int) -> list[str]:
    mails = up.ask(f"/api/v1/nominations/{nomination_id}/mails?limit=200", token).body["items"]
    return [mail["state"] for mail in mails]


def test_nothing_is_lost_when_worker_beat_and_redis_are_killed_between_decisions(up: Running) -> None:
    reviewer, head, admin = (up.token(email_of(up, part)) for part in ("unit head", "head", "admin"))
    first, second, *_ = waiting(up, reviewer, "unit_review")
    returned = act(up, reviewer, first, "return", to_step="draft", reason_code="other", comment="Bổ sung.")
    assert returned.status == 200, returned.body
    for name in ("worker", "beat"):
        up.kill(name)
    up.kill_redis()
    approved = act(up, reviewer, second, "approve")
    assert approved.status == 200, approved.body
    last, voted_on = recommended(up, head)
    signed = act(up, head, last, "approve", decision=PAPER | {"decided_on": voted_on})
    assert signed.status == 200, signed.body
    assert wait_for(up.is_ready, seconds=PATIENCE, every=0.5), up.ask("/readyz", "").body

    def are_sent(nomination_id: int) -> bool:
        return {"new", "sending"}.isdisjoint(fates(up, admin, nomination_id))

    for answer in (returned, approved, signed):
        nomination_id = answer.body["id"]
        assert wait_for(
            partial(are_sent, nomination_id),
            seconds=PATIENCE,
            every=0.5,
        )
        assert set(fates(up, admin, nomination_id)) <= {"sent", "cancelled"}
    assert "whole" in up.command("audit", "verify")


def test_a_request_repeated_with_its_key_after_the_web_was_killed_gets_the_same_answer(up: Running) -> None:
    reviewer = up.token(email_of(up, "unit head"))
    item = waiting(up, reviewer, "unit_review")[0]
    before = act(up, reviewer, item, "claim")
    assert before.status == 200, before.body
    up.kill("web")
    assert wait_for(up.is_ready, seconds=PATIENCE, every=0.2)
    after = act(up, reviewer, item, "claim")
    assert (after.status, after.body["version"]) == (200, before.body["version"])


def test_ctrl_c_stops_everything_and_keeps_the_data(tmp_path: Path) -> None:
    with cleared(tmp_path) as folder:
        with running(folder, "--no-demo") as first:
            first.command("account", "add", "a@example.vn", "--name", "An", "--grant", "admin@all")
            assert first.stop() == 0
        with running(folder, "--no-demo") as second:
            assert second.ask("/api/v1/me", second.token("a@example.vn")).body["email"] == "a@example.vn"
