"""The benchmark runs, and races like against like: raw statements write what an operation writes."""

import json
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from tests.benchmarks import __main__ as bench
from tests.benchmarks.decisions import ours, raw
from tests.benchmarks.executed import sqlalchemy_executes
from tests.benchmarks.lists import STEPS
from tests.benchmarks.lists import ours as decide_as_we_do
from tests.benchmarks.peers.core import CoreDecisions
from tests.benchmarks.peers.orm import OrmDecisions
from tests.benchmarks.peers.same_rows import differences
from tests.benchmarks.raw_bulk import RawLists
from tests.benchmarks.raw_decision import RawDecisions
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, ROUTE, Scene, add_drafts, leaps, plain
from tests.conftest import Database
from tests.support.office import furnish
from workflow.queries.history.audit import verify_chains
from workflow.store.base import table_of
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem

# What must differ between two nominations: who they are, and what is made of random ids.
OWN = {"id", "person_id", "subject_name", "name_search", "name_sort", "visit_id", "work_item_id", "event_id"}
OWN |= {"nomination_id", "stream", "hash", "dedupe_key", "fold_key"}


def written(session: Session, nomination_id: int) -> dict[str, list[dict[str, object]]]:
    """Return every row of a nomination, table by table, without what is its own."""
    found = {}
    for model in (Nomination, Visit, WorkItem, Rung, Event, Outbox):
        table: Table = table_of(model)
        if model is Event:
            mine = table.c.stream == f"nomination:{nomination_id}"
        else:
            mine = (table.c.id if model is Nomination else table.c.nomination_id) == nomination_id
        rows = session.execute(select(table).where(mine)).mappings()
        kept = [{name: _plain(value) for name, value in row.items() if name not in OWN} for row in rows]
        found[table.name] = sorted(kept, key=repr)
    return found


def _plain(value: object) -> object:
    """Return a value; of what history tells, whose it is and the salted digest of names are its own."""
    own = {"facts", "names"}
    return {key: said for key, said in value.items() if key not in own} if isinstance(value, dict) else value


def test_raw_statements_write_what_the_operations_write(database: Database) -> None:
    with database.sessions() as session:
        office = furnish(session, now=NOW)
    scene = Scene(database.url, database.migration_url, "", database.engine, database.sessions, office.ids)
    by_operations, by_statements = add_drafts(scene, 2)
    with scene.psycopg() as connection:
        machine = RawDecisions(connection, today=NOW.date())
        theirs = raw(scene, machine, leaps(scene), by_statements)
        for position, decision in enumerate(ours(scene, by_operations)):
            decision()
            theirs[position]()
            with database.sessions() as session:
                assert written(session, by_operations) == written(session, by_statements)
    with database.sessions() as session:
        assert verify_chains(session).problems == ()


def test_peers_write_what_the_operations_write_and_a_row_of_another_kind_is_named(database: Database) -> None:
    with database.sessions() as session:
        office = furnish(session, now=NOW)
    scene = Scene(database.url, database.migration_url, "", database.engine, database.sessions, office.ids)
    first, executed, by_core, by_orm = add_drafts(scene, 4)
    route, today = leaps(scene), NOW.date()
    with scene.engine.connect() as connection, scene.psycopg() as reader:
        core, orm = CoreDecisions(connection, today=today), OrmDecisions(scene.sessions, today=today)
        for decision in (
            *ours(scene, first),
            *raw(scene, core, route, by_core),
            *raw(scene, orm, route, by_orm),
        ):
            decision()
        with sqlalchemy_executes():
            for decision in ours(scene, executed):
                decision()
        assert differences(reader, first, [executed, by_core, by_orm]) == []
        with psycopg.connect(plain(scene.owner_url)) as owner:
            owner.execute("ALTER TABLE event DISABLE TRIGGER USER")
            owner.execute(
                "UPDATE event SET via = 'web' WHERE seq = 3 AND stream = %s", (f"nomination:{by_orm}",)
            )
            owner.execute("DELETE FROM rung WHERE ordinal = 1 AND nomination_id = %s", (by_core,))
        found = differences(reader, first, [executed, by_core, by_orm])
    assert [words.partition(":")[0] for words in found] == [
        f"rung of nomination {by_core}",
        f"event of nomination {by_orm}",
        "nomination",
    ]
    assert f"nomination:{by_orm} #3: its hash does not hold" in found


def test_set_based_statements_write_what_a_list_decided_at_once_writes(database: Database) -> None:
    with database.sessions() as session:
        office = furnish(session, now=NOW)
    scene = Scene(database.url, database.migration_url, "", database.engine, database.sessions, office.ids)
    drafts = add_drafts(scene, 20)
    by_operation, by_statements = drafts[:10], drafts[10:]
    with scene.psycopg(as_owner=True) as connection:
        machine = RawLists(connection, today=NOW.date())
        for position in STEPS:
            decide_as_we_do(scene, by_operation, position, key=f"ours-{position}")
            machine.decide(
                leaps(scene)[position],
                ids=by_statements,
                version=position + 1,
                actor_id=scene.accounts[ROUTE[position][0]],
                key=f"raw-{position}",
                now=NOW,
            )
            with database.sessions() as session:
                for ours_id, raw_id in zip(by_operation, by_statements, strict=True):
                    assert written(session, ours_id) == written(session, raw_id)
    with database.sessions() as session:
        assert verify_chains(session).problems == ()


def test_the_benchmark_prints_each_row_beside_its_limit_and_keeps_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--rows", "1,2,3,15,16", "--size", "5", "--cases", "10", "--into", str(tmp_path)]
    words += ["--units", "40", "--nominations", "500"]
    assert bench.main(words) == 0
    printed = capsys.readouterr().out
    kept = json.loads((tmp_path / "latest.json").read_text(encoding="utf-8"))["rows"]
    assert {row["number"] for row in kept} == {1, 2, 3, 15, 16}
    assert all(row["work"].strip() in printed and row["verdict"] in printed for row in kept)
    assert all(row["value"] > 0 for row in kept)


@pytest.mark.parametrize(
    ("value", "less_is_better", "verdict"),
    [
        (0.8, False, "goal met"),
        (0.5, False, "goal missed by 29%"),
        (0.3, False, "GATE missed by 33%"),
        (0.3, True, "goal met"),
        (0.9, True, "GATE missed by 100%"),
    ],
)
def test_a_row_says_which_mark_it_meets(value: float, less_is_better: bool, verdict: str) -> None:  # noqa: FBT001 - a row of the table
    gate, goal = (0.45, 0.7) if not less_is_better else (0.45, 0.4)
    assert Row(1, "x", "", "", value, "", gate, goal, less_is_better).verdict == verdict
