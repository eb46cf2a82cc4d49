"""`commendo workflow diff --impact`: what another version would move, by hand; nothing is written."""

import json
import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from tests.conftest import MONDAY, Database
from tests.functional.test_cli import Run, answer, run
from tests.support.definitions import text_of
from tests.support.importing import everything
from tests.support.office import ROLES, Office
from tests.support.waiting import many_submitted
from workflow.clock import DatabaseClock
from workflow.store.access import Account
from workflow.store.awards import WorkflowDefinition

__all__ = ["run"]
OF_REVIEW = "    owner: unit_reviewer@subject.unit\n    due: 5 working_days"


def test_open_work_and_the_stays_of_last_season_are_counted_as_by_hand(
    run: Run, database: Database, tmp_path: Path
) -> None:
    with database.sessions() as session:
        accounts = {row.email.split("@")[0]: row.id for row in session.scalars(select(Account))}
        office = Office({part: accounts[code.lower()] for part, (code, _, _) in ROLES.items()}, session)
        now = DatabaseClock().now(session)
        names = many_submitted(office, session, 4, now)
        office.act("reviewer", names[0], "hold", now, comment="Chờ xác minh.")
        office.act("reviewer", names[1], "approve", now + timedelta(hours=1))
        version = session.scalars(
            select(WorkflowDefinition.version).where(WorkflowDefinition.key == "standard")
        ).one()
        before = everything(session)
    text = text_of("standard").replace(OF_REVIEW, OF_REVIEW.replace("5 working", "3 working"), 1)
    file = tmp_path / "next.yaml"
    file.write_text(text.replace(f"version: {version}", f"version: {version + 1}", 1), encoding="utf-8")
    found = answer(run("workflow", "diff", f"standard@{version}", str(file), "--impact", "--json"))
    assert found["differences"] == ["unit_review: due 5 working_days -> 3 working_days"]
    steps = {one["step"]: one for one in found["steps"]}
    review = steps["unit_review"]
    assert (review["open"], review["held"], review["earlier"], review["later"]) == (3, 1, 2, 0)
    assert (review["stays"], review["were_late"], review["would_be_late"]) == (1, 0, 0)
    assert {one["nomination_id"] for one in found["examples"]} == set(names[2:])
    # What moves is gone from its morning and new on another; nothing of what stays is told.
    assert review["rungs_gone"] == review["rungs_new"] > 0
    assert all(one["earlier"] == one["later"] == 0 for name, one in steps.items() if name != "unit_review")
    with database.sessions() as session:
        assert everything(session) == before
    same = run("workflow", "diff", f"standard@{version}", f"standard@{version}", "--impact").stdout
    assert "Nothing differs." in same
    assert "0 later, 0 earlier" in same


def test_a_step_without_a_counterpart_is_refused_and_named_by_map(
    run: Run, database: Database, tmp_path: Path
) -> None:
    with database.sessions() as session:
        accounts = {row.email.split("@")[0]: row.id for row in session.scalars(select(Account))}
        office = Office({part: accounts[code.lower()] for part, (code, _, _) in ROLES.items()}, session)
        many_submitted(office, session, 2, MONDAY)
        version = session.scalars(
            select(WorkflowDefinition.version).where(WorkflowDefinition.key == "standard")
        ).one()
    file = tmp_path / "renamed.yaml"
    text = re.sub(r"\bunit_review\b", "home_review", text_of("standard"))
    text = text.replace("stage: home_review", "stage: unit_review")
    file.write_text(text.replace(f"version: {version}", f"version: {version + 1}", 1), encoding="utf-8")
    words = ("workflow", "diff", f"standard@{version}", str(file), "--impact", "--json")
    refused = run(*words)
    assert refused.exit_code == 1
    assert "2 open nominations stand in steps without a counterpart" in refused.stderr
    assert [one["is_gone"] for one in json.loads(refused.stdout)["steps"] if one["open"]] == [True]
    named = answer(run(*words, "--map", "unit_review=home_review"))
    assert [one["is_gone"] for one in named["steps"] if one["open"]] == [False]
    assert run("workflow", "diff", "standard", str(file)).exit_code == 2
    assert run("workflow", "diff", "standard@99", str(file)).exit_code == 1
