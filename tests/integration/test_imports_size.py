"""Taking back a large file asks no more of the database than taking back a small one."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from sqlalchemy import Text, create_engine, func, literal, select, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from tests.conftest import MONDAY, Database
from tests.support.importing import Desk
from tests.support.office import AG, ROUND, furnish
from tests.support.statements import counted_statements
from workflow.imports.in_the_way import MOST_FOUND, _is_indexed, _referring, what_refers
from workflow.imports.ledger import Write
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account
from workflow.store.base import Base
from workflow.store.history import Event
from workflow.store.locked_rows import READ_NOMINATIONS
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person

MANY_LETTERS = 20_000
# What refers without an index: from tables of some hundred rows, or to what no import makes.
SMALL = {
    "barred_unit.entered_by",
    "cluster.deputy_unit_id",
    "cluster.head_unit_id",
    "cluster.owner_unit_id",
    "cluster_member.owner_unit_id",
    "import_batch.imported_by",
    "round.council_id",
    "round.owner_unit_id",
    "round.previous_id",
    "round.reminders_id",
    "round_award.award_id",
    "unit_form.kept_by",
}
NEVER_MADE = {"outbox.event_id", "outbox.work_item_id"}
_LETTERS = """
INSERT INTO letter (message_id, account_id, recipient, subject, text, html, written_at)
SELECT 'm' || n, :account, 'a@example.vn', 's', 't', 'h', :first FROM generate_series(1, :many) AS n
"""
_READ = """
SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)
FROM pg_stat_xact_user_tables WHERE relname = 'letter'
"""
_READ_EVER = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'letter'"
LIST_HEADER = "đợt xét,đơn vị,số tờ trình,ngày ký,người ký,mã cán bộ,danh hiệu,thành tích,người đề nghị\n"


def people(first: int, count: int) -> str:
    rows = "".join(f"P{n:04},Người số {n},{AG},Cán bộ\n" for n in range(first, first + count))
    return f"code,name,unit,position\n{rows}"


def listed(count: int) -> str:
    return "".join(
        f"{ROUND},{AG},1/TTr,02/03/2026,Nguyễn Văn An,P{n:04},CSTDCS,Hoàn thành tốt,Trần Thị Bích\n"
        for n in range(count)
    )


def accounts(first: int, count: int) -> str:
    rows = "".join(
        f"p{n}@example.vn,Người số {n},,nominator@unit:{AG}\n" for n in range(first, first + count)
    )
    return f"email,name,person,grants\n{rows}"


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def test_names_taken_back_at_once_are_read_each_by_itself(session: Session, database: Database) -> None:
    """Nobody has counted the tables that an import just filled: no plan may go by what is known of them."""
    office = furnish(session, now=MONDAY)
    Desk(session, MONDAY).take("people", people(0, 400))
    actor = office.actor("nominator", MONDAY)
    Desk(session, MONDAY, actor).take("submission", LIST_HEADER + listed(400))
    ids = session.scalars(select(Nomination.id).order_by(Nomination.id)).all()
    written = cast("SQLCompiler", READ_NOMINATIONS._core.compile(dialect=session.connection().dialect))
    values = written.params | {
        "ids": list(ids), "actor_ids": [actor.account_id] * len(ids), "today": MONDAY.date(),
    }  # fmt: skip
    numbered = [values[name] for name in written.positiontup or ()]
    driver = session.connection().connection.driver_connection
    assert driver is not None
    driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    [[[found]]] = driver.execute(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {written}", numbered, prepare=True
    ).fetchall()
    plan = list(nodes(found["Plan"]))
    assert len(ids) == 400
    assert sum(node.get("Rows Removed by Join Filter", 0) for node in plan) == 0, "row by row with each visit"
    assert "ix_event_actor_id" not in {node.get("Index Name") for node in plan}, "all that the importer did"


@pytest.mark.parametrize(("kind", "rows"), [("people", people), ("accounts", accounts)])
def test_an_undo_of_many_rows_sends_no_more_than_one_of_few(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch, kind: str, rows
) -> None:
    furnish(session, now=MONDAY)
    desk = Desk(session, MONDAY)
    kept = [session.scalar(select(func.count()).select_from(model)) for model in (Account, Person)]
    counts = []
    for size in (50, 400):
        desk.take(kind, rows(0, size))
        with counted_statements(monkeypatch, database.engine) as sent:
            assert desk.undo().removed_count == size * (2 if kind == "accounts" else 1)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert [session.scalar(select(func.count()).select_from(model)) for model in (Account, Person)] == kept
    told = session.scalar(select(func.count()).where(Event.action == "undo_import"))
    assert told == (452 if kind == "accounts" else 2)
    assert verify_chains(session).is_whole


def test_each_key_is_asked_for_by_itself_only_where_an_index_holds_all_that_it_could_mean(
    session: Session,
) -> None:
    """As the server plans it: without such an index each of thousands of keys would read the whole table."""
    session.execute(text("SET LOCAL enable_seqscan = off"))
    keys = [key for table in Base.metadata.sorted_tables for key in table.foreign_keys]
    indexed = [key.parent for key in keys if _is_indexed(key.parent.table, key.parent)]
    for column in indexed:
        named = sql_cast(literal("{}", Text()), ARRAY(column.type))
        asked = _referring(column.table, column, named).compile(
            dialect=session.connection().dialect, compile_kwargs={"literal_binds": True}
        )
        [plan] = session.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {asked}").scalar_one()
        read = [one["Node Type"] for one in nodes(plan["Plan"]) if "Relation Name" in one]
        assert read, column
        assert "Seq Scan" not in read, (column, read)
    without = {f"{key.parent.table.name}.{key.parent.name}" for key in keys if key.parent not in set(indexed)}
    assert without == SMALL | NEVER_MADE


def test_who_refers_is_asked_of_an_index_however_much_a_table_holds(
    session: Session, database: Database
) -> None:
    """Asked in order and for all at once, a whole history was read, and at a million the time ran out."""
    account = furnish(session, now=MONDAY).ids["reviewer"]
    session.execute(text(_LETTERS), {"account": account, "first": MONDAY, "many": MANY_LETTERS})
    session.commit()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        own.execute(text("ANALYZE"))
    made = [Write("account", {"id": one}, None, {"id": one, "email": f"p{one}@example.vn"})
            for one in range(10_000, 10_500)]  # fmt: skip
    assert what_refers(session, made) == []
    assert session.scalar(text(_READ)) == 0
    theirs = Write("account", {"id": account}, None, {"id": account, "email": "reviewer@example.vn"})
    found = what_refers(session, [*made, theirs])
    assert len(found) == MOST_FOUND
    assert "refers to account" in found[0]
    assert session.execute(text(_READ)).scalar_one() <= MOST_FOUND


def test_an_undo_looks_keys_up_where_one_person_did_all_that_there_is(
    session: Session, database: Database
) -> None:
    """Of any key the server then expected most of the history, and read all of it for each account, twice."""
    account = furnish(session, now=MONDAY).ids["reviewer"]
    desk = Desk(session, MONDAY)
    session.execute(text(_LETTERS), {"account": account, "first": MONDAY, "many": MANY_LETTERS})
    session.commit()
    owner = create_engine(database.migration_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as link:
        link.execute(text("ANALYZE letter"))
    owner.dispose()
    desk.take("accounts", accounts(0, 50))
    before = session.scalar(text(_READ_EVER))
    session.execute(text("SELECT pg_stat_force_next_flush()"))
    assert desk.undo().removed_count == 100
    assert session.scalar(text(_READ_EVER)) - before < MANY_LETTERS
