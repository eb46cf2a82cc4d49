"""Row 4: many decisions in one request through the product's operation beside the same as set-based SQL.

One list each way in turn, so that a noisy machine disturbs both alike; medians over lists.
"""

from collections.abc import Sequence
from statistics import median
from time import perf_counter

from tests.benchmarks.raw_bulk import RawLists
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, ROUTE, Scene, add_drafts, leaps
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.store.people import load_actor

# The two decisions of a unit: what is sent to it, and what it agrees to.
STEPS = (0, 1)


def ours(scene: Scene, ids: Sequence[int], position: int, *, key: str) -> None:
    """Decide a list as the edge does: a session, the actor with grants, the operation."""
    part, _, action, _ = ROUTE[position]
    request = MoveRequest(action)
    items = [Command(nomination_id, position + 1, request, Via.API) for nomination_id in ids]
    with scene.sessions() as session:
        actor = load_actor(session, scene.accounts[part], today=NOW.date())
        assert actor is not None
        claim = Claim(key, "decide", key.encode())
        outcome = decide_inbox(session, actor=actor, items=items, now=NOW, claim=claim)
    assert len(outcome.done) == len(ids)


def list_rows(scene: Scene, *, size: int, turns: int) -> list[Row]:
    """Carry lists of that size through two decisions each way in turn; the first list each way warms up."""
    drafts = add_drafts(scene, 2 * size * (turns + 1))
    lists = [drafts[start : start + size] for start in range(0, len(drafts), size)]
    seconds: dict[str, list[float]] = {"ours": [], "raw": []}
    route = leaps(scene)
    with scene.psycopg(as_owner=True) as connection:
        machine = RawLists(connection, today=NOW.date())
        for turn in range(turns + 1):
            mine, theirs = lists[2 * turn], lists[2 * turn + 1]
            for position in STEPS:
                began = perf_counter()
                ours(scene, mine, position, key=f"ours-list-{turn}-{position}")
                between = perf_counter()
                machine.decide(
                    route[position],
                    ids=theirs,
                    version=position + 1,
                    actor_id=scene.accounts[ROUTE[position][0]],
                    key=f"raw-list-{turn}-{position}",
                    now=NOW,
                )
                ended = perf_counter()
                if turn:
                    seconds["ours"].append(between - began)
                    seconds["raw"].append(ended - between)
    ours_per_s, raw_per_s = size / median(seconds["ours"]), size / median(seconds["raw"])
    return [
        Row(
            4,
            f"{size:,} decisions in one request",
            f"{ours_per_s:,.0f}/s",
            f"{raw_per_s:,.0f}/s set-based",
            ours_per_s / raw_per_s,
            " of raw",
            0.3,
            0.5,
        )
    ]
