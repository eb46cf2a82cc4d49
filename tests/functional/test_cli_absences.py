"""Absences on the command line: announced for somebody, listed, called off; each wrong word is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.functional.test_cli import Run, answer, problems, run
from workflow.clock import DatabaseClock
from workflow.store.absences import Absence
from workflow.store.access import Account
from workflow.store.history import Event

__all__ = ["run"]


def test_it_is_announced_for_somebody_listed_and_called_off(run: Run, session: Session) -> None:
    today = DatabaseClock().now(session).date() + timedelta(days=2)
    first, last = f"{today}", f"{today + timedelta(days=3)}"
    session.rollback()
    days = ("--first", first, "--last", last)
    acting = ("--substitute", "NV03@example.vn", "--substitute", "nv01@example.vn")
    assert run("absence", "list").stdout == "Nobody is away.\n"
    made = answer(run("absence", "announce", "nv02@example.vn", *days, *acting, "--json"))
    row = session.scalars(select(Absence)).one()
    assert (row.id, f"{row.valid_from}", row.announced_by) == (made["id"], first, None)
    said = run("absence", "list", "NV02@example.vn").stdout
    assert said == (
        f"{made['id']}  reviewer NV02, {first} to {last}, all seats; acting: deputy NV03, nominator NV01\n"
    )
    listed = answer(run("absence", "list", "--json"))
    assert ([one["id"] for one in listed["absences"]], listed["is_cut_short"]) == ([made["id"]], False)
    assert run("absence", "list", "nv03@example.vn").stdout == "Nobody is away.\n"
    assert run("absence", "end", str(made["id"])).stdout == f"Absence {made['id']} has ended.\n"
    assert problems(run("absence", "end", str(made["id"]))) == [
        "This absence is over already; nothing of it can be changed."
    ]
    assert run("absence", "list").stdout == "Nobody is away.\n"
    session.rollback()
    events = session.scalars(select(Event).where(Event.action.contains("absence")).order_by(Event.seq)).all()
    assert [(one.action, one.via, one.actor_id) for one in events] == [
        ("announce_absence", "cli", None),
        ("end_absence", "cli", None),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x@example.vn", "--substitute", "y@example.vn"), ["There is no account x@example.vn.",
                                                            "There is no account y@example.vn."]),
        (("nv02@example.vn", "--substitute", "nv12@example.vn"),
         ["substitutes: Only people of the same place, of the same unit or of a unit above act for them."]),
        (("nv02@example.vn", "--seat", "head@unit:NOWHERE"),
         ["key: They do not hold head@unit:NOWHERE on that day."]),
        (("nv02@example.vn", "--first", "2020-01-06"),
         ["first: The day has passed; an absence begins today or later."]),
        (("nv02@example.vn", "--last", "2020-01-06"), ["last: The last day lies before the first."]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_nothing_is_written(
    run: Run, session: Session, words: tuple[str, ...], said: list[str]
) -> None:
    today = DatabaseClock().now(session).date()
    session.rollback()
    first, last = f"{today + timedelta(days=1)}", f"{today + timedelta(days=2)}"
    email, *rest = words
    done = run("absence", "announce", email, "--first", first, "--last", last, *rest)
    assert problems(done) == said
    assert session.scalars(select(Absence)).all() == []
    assert problems(run("absence", "end", "77")) != []
    assert session.scalars(select(Account.id).where(Account.email == "x@example.vn")).all() == []
