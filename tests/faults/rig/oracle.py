"""What must be true afterwards, asked of three witnesses: database, mail server, the clients' history.

Every question is plain SQL or set arithmetic and knows nothing of how the product does it. Only nominations
above `floor` are asked about: those of the scenario at hand.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.faults.rig.clients import Act
from tests.faults.rig.installation import Installation
from workflow.queries.history.audit import verify_chains
from workflow.store.paper_files import PaperFolder

_STUCK: Final = "20 seconds"
"""The product's own limit of an idle transaction is 15 s."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The rig, what the clients remember, and above which number the nominations of this scenario lie."""

    rig: Installation
    acts: Sequence[Act]
    floor: int

    def rows(self, statement: str) -> list[Any]:
        """Ask the database, past the proxy; `%(floor)s` is known."""
        with self.rig.connect() as connection:
            return connection.execute(statement, {"floor": self.floor}).fetchall()

    def by_nomination(self) -> Mapping[int, list[Act]]:
        """Return each nomination's history in the order in which its client acted."""
        found = defaultdict(list)
        for act in self.acts:
            found[act.nomination_id].append(act)
        return found


def findings(seen: Witnesses) -> Iterator[str]:
    """Yield everything that is not as it must be, letters apart."""
    yield from _actions(seen)
    yield from _states(seen)
    yield from _rungs(seen)
    yield from _rest(seen)


def _actions(seen: Witnesses) -> Iterator[str]:
    """Each acknowledged action is there once, in its order, and nothing is there that nobody asked for."""
    found = defaultdict(list)
    ids = {account_id: email for email, account_id in seen.rig.world.account_ids.items()}
    for stream, action, actor_id in seen.rows(
        "SELECT stream, action, actor_id FROM event WHERE via <> 'timer' AND stream LIKE 'nomination:%%'"
        " AND substr(stream, 12)::bigint > %(floor)s ORDER BY stream, seq"
    ):
        found[int(stream.removeprefix("nomination:"))].append((action, ids.get(actor_id)))
    history = {
        nomination_id: [(act.action, act.email) for act in acts]
        for nomination_id, acts in seen.by_nomination().items()
    }
    for nomination_id in sorted(found.keys() | history.keys()):
        there, asked = found.get(nomination_id, []), history.get(nomination_id, [])
        lost, unasked = Counter(asked) - Counter(there), Counter(there) - Counter(asked)
        if lost or unasked or there != asked:
            yield f"nomination {nomination_id}: lost {dict(lost)}, unasked or double {dict(unasked)}"


def _states(seen: Witnesses) -> Iterator[str]:
    """Each nomination stands where its last acknowledged action left it."""
    last = {nomination_id: acts[-1] for nomination_id, acts in seen.by_nomination().items()}
    rows = seen.rows("SELECT id, state, version FROM nomination WHERE id > %(floor)s")
    for nomination_id, state, version in rows:
        act = last.get(nomination_id)
        if act is not None and (act.state, act.version) != (state, version):
            yield f"nomination {nomination_id}: {state} v{version}, told {act.state} v{act.version}"


def _rungs(seen: Witnesses) -> Iterator[str]:
    """Whatever fell due has fired once, or its work was done, on hold or closed; none has died."""
    for name, statement in {
        "dead reminders": "SELECT id FROM rung WHERE dead_at IS NOT NULL AND nomination_id > %(floor)s",
        "reminders not fired": (
            "SELECT rung.id FROM rung JOIN work_item ON work_item.id = rung.work_item_id"
            " WHERE rung.nomination_id > %(floor)s AND fired_at IS NULL AND dead_at IS NULL"
            " AND fire_at < clock_timestamp() - interval '30 seconds' AND closed_at IS NULL"
        ),
        "reminders told twice": (
            "SELECT stream FROM event WHERE via = 'timer' AND stream LIKE 'nomination:%%'"
            " AND substr(stream, 12)::bigint > %(floor)s AND data ? 'rung'"
            " GROUP BY stream, action, data->>'work_item', data->>'rung' HAVING count(*) > 1"
        ),
        "reminders fired and not written": (
            "SELECT rung.id FROM rung WHERE rung.nomination_id > %(floor)s AND fired_at IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM event WHERE stream = 'nomination:' || rung.nomination_id"
            " AND data->>'work_item' = rung.work_item_id::text AND data->>'rung' = rung.ordinal::text)"
        ),
    }.items():
        if found := seen.rows(statement):
            yield f"{len(found)} {name}"


def _rest(seen: Witnesses) -> Iterator[str]:
    """Nobody holds a transaction or waits for a lock, and history is whole."""
    statement = (
        "SELECT state, wait_event_type FROM pg_stat_activity WHERE datname = current_database()"
        f" AND (state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '{_STUCK}'"
        f" OR wait_event_type = 'Lock' AND query_start < clock_timestamp() - interval '{_STUCK}')"
    )
    with seen.rig.rule() as connection:
        stuck = connection.execute(statement).fetchall()
    if stuck:
        yield f"left behind in the database: {stuck}"
    with seen.rig.sessions() as session:
        verified = verify_chains(session, folder=PaperFolder(seen.rig.folder / "attachments"))
    if not verified.is_whole:
        yield f"history is not whole: {[str(problem) for problem in verified.problems[:3]]}"
