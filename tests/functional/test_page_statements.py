"""How many statements a page sends: so many, whatever the number of its lines."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.lists import add_colleagues, compose, names_of, row
from tests.support.office import ROUND, furnish
from tests.support.pages import browser, give_passwords
from tests.support.statements import counted_statements
from workflow.clock import FixedClock
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.store.nominations import Visit

# Three of each are about the visitor and the installation: whose session, who that is, what stands here. One
# of the inbox and of a nomination has the server keep its plans: it saves more planning than it costs. One of
# a nomination asks what its due date was counted from, one whom a comment may name. One of each counts what
# waits for the visitor, by a plan that is kept: two, where nothing else on the page asked for that. A board
# says first that it is planned for its reader's own units.
STATEMENTS = {"work": 12, "submission": 17, "decide": 13, "nomination": 20, "board": 17}
SHORT, LONG = 2, 25


def test_a_page_sends_as_many_statements_for_a_long_list_as_for_a_short_one(
    session: Session, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = furnish(session, now=MONDAY)
    give_passwords(session)
    head = browser(database.sessions, clock)
    assert head.sign_in("nv02@example.vn").status_code == 303
    found = []
    for number, size in enumerate((SHORT, SHORT, LONG)):
        people = add_colleagues(session, size, prefix=f"K{number}")
        made = compose(office, [row(person) for person in people], MONDAY)
        [paper] = made.submissions
        order = ListOrder(paper.submission_id, 1, MoveRequest("submit"), Via.API)
        act_on_submission(session, actor=office.actor("nominator", MONDAY), order=order, now=MONDAY)
        pages = {
            "work": "/",
            "submission": f"/submissions/{paper.submission_id}",
            "decide": f"/submissions/{paper.submission_id}/decide",
            "nomination": f"/nominations/{names_of(made)[0]}",
            "board": f"/rounds/{ROUND}/board",
        }
        counts = {}
        for name, path in pages.items():
            with counted_statements(monkeypatch, database.engine) as sent:
                assert head.open(path).status_code == 200
            counts[name] = len(sent)
        found.append(counts)
    # The first warms the caches of definitions and calendars.
    assert found[1:] == [STATEMENTS, STATEMENTS]


def test_a_calendar_that_nobody_kept_is_looked_for_once_a_page(
    session: Session, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = furnish(session, now=MONDAY)
    give_passwords(session)
    head = browser(database.sessions, clock)
    assert head.sign_in("nv02@example.vn").status_code == 303
    made = compose(office, [row(person) for person in add_colleagues(session, LONG, prefix="K")], MONDAY)
    order = ListOrder(made.submissions[0].submission_id, 1, MoveRequest("submit"), Via.API)
    act_on_submission(session, actor=office.actor("nominator", MONDAY), order=order, now=MONDAY)
    # As an upgrade left them whose dates were counted before calendars were kept.
    session.execute(update(Visit).values(calendar_version="vn-forgotten"))
    session.commit()
    assert head.open("/").status_code == 200
    with counted_statements(monkeypatch, database.engine) as sent:
        assert head.open("/").status_code == 200
    assert len(sent) == STATEMENTS["work"] + 1


# What is known of those who may be put forward: of all people of a unit at once, and once more of the reader.
FORMS = {"draft": 16, "list": 16}


def test_the_form_of_a_unit_with_many_people_sends_no_statement_more(
    session: Session, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = furnish(session, now=MONDAY)
    give_passwords(session)
    nominator = browser(database.sessions, clock)
    assert nominator.sign_in("nv01@example.vn").status_code == 303
    found = []
    for number, size in enumerate((SHORT, SHORT, LONG)):
        people = add_colleagues(session, size, prefix=f"K{number}")
        compose(office, [row(person) for person in people], MONDAY)
        counts = {}
        for name, path in {"draft": "/nominations/new", "list": "/submissions/new"}.items():
            with counted_statements(monkeypatch, database.engine) as sent:
                assert "đã được đề nghị: 1" in nominator.open(path).get_data(as_text=True)
            counts[name] = len(sent)
        found.append(counts)
    assert found[1:] == [FORMS, FORMS]
