"""Ready-made statements behave as SQLAlchemy's own: transaction, errors, care for lost connections."""

from datetime import date
from typing import NoReturn, cast

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    bindparam,
    create_engine,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.planned import Planned
from workflow.store.base import switch, table_of
from workflow.store.database import make_engine
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.statements import Statement, at_once, plan_once

ADD = Statement(insert(table_of(Unit)))
ADD_EDITION = Statement(insert(table_of(UnitEdition)))
FIND = Statement(
    select(Unit.id, func.concat("unit:", Unit.code).label("seat")).where(Unit.code == bindparam("code"))
)


def codes(session: Session) -> list[str]:
    return list(session.scalars(select(Unit.code).order_by(Unit.code)))


def test_rows_come_back_by_name_and_constants_go_along(session: Session) -> None:
    ADD.run_each(session, [{"code": "A", "code_sort": "A"}, {"code": "B", "code_sort": "B"}])
    [found] = FIND.fetch(session, {"code": "B"})
    assert found.seat == "unit:B"
    assert FIND.fetch(session, {"code": "C"}) == []


def test_no_rows_are_nothing_to_do_the_first_time_too(session: Session) -> None:
    """Its text is written from the first row that it gets: a process that began with none failed."""
    Statement(insert(table_of(Unit))).run_each(session, [])
    assert codes(session) == []


def test_the_driver_takes_no_text_apart(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """It remembers what it made of 128 texts, none of them longer than 4,096 characters or of 50 values."""

    def refuse(*_: object) -> NoReturn:
        pytest.fail("a text was taken apart")

    monkeypatch.setattr("psycopg._queries._split_query", refuse)
    core = select(bindparam("first", type_=Integer), *(literal(n).label(f"n{n}") for n in range(600)))
    assert Statement(core).fetch(session, {"first": 7})[0][:3] == (7, 0, 1)
    [found] = session.connection().execute(core, {"first": 8})
    assert found._mapping["n599"] == 599
    assert session.scalar(text("SELECT '100 %' || :more"), {"more": "$1 :x"}) == "100 %$1 :x"


def test_constants_stand_in_the_text_as_they_are(session: Session) -> None:
    """Of 202 values of the statement behind an inbox 175 never changed, and were sent each time."""
    told = ["it's", '"$1"', "100 %", "a\\b", "$2 :x", -7, True, 0, "", "$n"]
    kept = [literal(value).label(f"n{number}") for number, value in enumerate(told)]
    core = select(*kept[:4], bindparam("first", type_=Integer), *kept[4:], bindparam("last", type_=Text))
    found = Statement(core)
    [row] = found.fetch(session, {"first": 5, "last": "it's $1"})
    assert list(row) == [*told[:4], 5, *told[4:], "it's $1"]
    _, sent, _ = found._written({"first": 5, "last": ""})
    # What a server might read otherwise, by its settings, is a value as before.
    assert [name for name in sent if name not in {"first", "last"}] == ["param_4"]


def test_the_server_plans_without_what_a_switch_turns_off(session: Session) -> None:
    """Of a value that it is told with the others it would not know while it plans."""
    ADD.run(session, {"code": "A", "code_sort": "A"})
    is_named = exists().where(UnitEdition.unit_id == Unit.id)
    seen = or_(switch("sees_all"), Unit.code == bindparam("code", type_=Text()), is_named)
    known = select(literal("x").label("x"), Unit.code, bindparam("more", type_=Text()).label("more"))
    found = Statement(known.where(seen, Unit.id > bindparam("after", type_=BigInteger())))
    values = {"code": "B", "more": "last", "after": 0}
    for _ in range(2):
        assert found.fetch(session, {**values, "sees_all": True}) == [("x", "A", "last")]
        assert found.fetch(session, {**values, "sees_all": False}) == []
        assert found.fetch(session, {**values, "sees_all": False, "code": "A"}) == [("x", "A", "last")]
    plan_once(session)
    plans = Statement(Planned(select(Unit.id).where(seen)))
    reads_names = {}
    for sees_all in (True, False):
        plan = plans.fetch(session, {**values, "sees_all": sees_all})
        reads_names[sees_all] = any("unit_edition" in line for (line,) in plan)
    assert reads_names == {True: False, False: True}


def test_a_statement_speaks_through_whatever_engine_a_session_came_from(database: Database) -> None:
    """Its text is written once a process: by the session that asks first, whoever that is."""
    for engine in (create_engine(database.migration_url), make_engine(database.url)):
        with Session(engine) as session:
            ADD.run(session, {"code": "A", "code_sort": "A"})
            assert FIND.fetch(session, {"code": "A"})[0].seat == "unit:A"
        engine.dispose()


def test_a_statement_belongs_to_the_sessions_transaction(database: Database) -> None:
    with database.sessions() as session:
        ADD.run(session, {"code": "A", "code_sort": "A"})
        session.rollback()
        ADD.run(session, {"code": "B", "code_sort": "B"})
        session.commit()
    with database.sessions() as session:
        assert codes(session) == ["B"]


def test_a_broken_rule_is_told_as_sqlalchemy_tells_it(session: Session) -> None:
    ADD.run(session, {"code": "A", "code_sort": "A"})
    with pytest.raises(IntegrityError) as refused:
        ADD.run(session, {"code": "A", "code_sort": "A"})
    assert cast("psycopg.Error", refused.value.orig).diag.constraint_name == "uq_unit_code"
    session.rollback()
    with pytest.raises(IntegrityError):
        ADD.run_each(session, [{"code": "A", "code_sort": "A"}, {"code": "A", "code_sort": "A"}])
    session.rollback()
    assert codes(session) == []


def test_statements_sent_at_once_stand_or_fall_together(session: Session) -> None:
    edition = {"unit_id": 0, "name": "", "name_search": "", "name_sort": "", "valid_from": date(2026, 3, 2)}
    with pytest.raises(IntegrityError) as refused, at_once(session):  # noqa: PT012 - which one raises is open
        ADD.run(session, {"code": "A", "code_sort": "A"})
        ADD_EDITION.run(session, edition)
        ADD.run(session, {"code": "B", "code_sort": "B"})
    assert cast("psycopg.Error", refused.value.orig).diag.constraint_name == "fk_unit_edition_unit_id"
    session.rollback()
    with at_once(session):
        ADD.run(session, {"code": "C", "code_sort": "C"})
        ADD.run_each(session, [{"code": "D", "code_sort": "D"}, {"code": "E", "code_sort": "E"}])
    session.commit()
    assert codes(session) == ["C", "D", "E"]


def test_a_connection_that_died_is_not_used_again(database: Database) -> None:
    for at_end in (False, True):
        with database.sessions() as session, pytest.raises(DBAPIError) as lost:  # noqa: PT012 - where it raises is open
            [(pid,)] = session.connection().exec_driver_sql("SELECT pg_backend_pid()")
            kill(database, pid)
            if at_end:
                with at_once(session):
                    ADD.run(session, {"code": "A", "code_sort": "A"})
            else:
                ADD.run(session, {"code": "A", "code_sort": "A"})
        assert lost.value.connection_invalidated
    with database.sessions() as session:
        assert codes(session) == []


def kill(database: Database, pid: int) -> None:
    url = database.url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
