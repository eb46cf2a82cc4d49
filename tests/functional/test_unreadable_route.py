"""What cannot be read, a route, a letter or a reminder, says so where it is shown; all around it goes on."""

import pytest
from sqlalchemy import update

from api.wsgi import create_app
from tests.support.interface import Interface, settings_for_tests
from tests.support.pages import browser, form_of
from tests.support.servers import connect
from tests.support.unreadable import spoil
from tests.support.waiting import many_submitted
from workflow.domain.errors import RouteUnreadable
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import RungKind, Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_list
from workflow.queries.nominations.moves import moves_for
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung


@pytest.fixture
def interface_on(database, clock, office, tmp_path):
    app = create_app(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock)
    return Interface(app, office, clock)


@pytest.fixture
def ids(office, session, clock):
    return many_submitted(office, session, 3, clock.now())


@pytest.fixture
def reviewer(database, clock, office):
    seated = browser(database.sessions, clock)
    assert seated.sign_in("nv02@example.vn").status_code == 303
    return seated


def test_its_page_says_why_and_programs_still_read_it(database, clock, office, ids, reviewer):
    spoil(database, ids[1], clock.now())
    # Which papers its reader may open depends on the route: the page shows none of it rather than too much.
    assert reviewer.open(f"/nominations/{ids[1]}").status_code == 409
    assert "không đọc được quy trình của hồ sơ" in reviewer.text
    actor, now = office.actor("reviewer", clock.now()), clock.now()
    view = get_nomination(office.session, actor=actor, nomination_id=ids[1], now=now)
    assert "cannot be read" in view.label.en
    assert moves_for(office.session, actor=actor, nomination_id=ids[1], now=now) == ()


def test_a_button_pressed_on_an_older_page_says_why_nothing_happens(session, database, clock, ids, reviewer):
    page = reviewer.open(f"/nominations/{ids[1]}")
    fields = form_of(page, "/actions/approve")
    spoil(database, ids[1], clock.now())
    answer = reviewer.answer_to(fields.pop(""), fields)
    assert answer.status_code == 409, answer.get_data(as_text=True)
    assert "không đọc được quy trình" in answer.get_data(as_text=True)
    session.expire_all()
    assert session.get_one(Nomination, ids[1]).state == "unit_review"


@pytest.mark.parametrize("path", ["/", "/nominations", "/submissions", "/rounds"])
def test_pages_around_it_open(database, clock, ids, reviewer, path):
    spoil(database, ids[1], clock.now())
    assert reviewer.open(path).status_code in {200, 303}, reviewer.text


def test_a_list_is_decided_without_it(office, session, database, clock, ids):
    spoil(database, ids[1], clock.now())
    actor = office.actor("reviewer", clock.now())
    items = [Command(each, None, MoveRequest("approve"), Via.API) for each in ids]
    results = decide_list(session, actor=actor, commands=items, now=clock.now())
    refused = [item.refused.code if item.refused else None for item in results]
    assert refused == [None, RouteUnreadable.code, None]


def test_the_list_of_routes_shows_the_one_that_cannot_be_read_and_all_others(
    database, clock, office, ids, interface_on
):
    before = interface_on.get("admin", "/workflows").json["items"]
    spoil(database, ids[1], clock.now())
    answer = interface_on.get("admin", "/workflows?limit=200")
    assert answer.status_code == 200, answer.text
    titles = {item["key"]: item["title"]["en"] for item in answer.json["items"]}
    assert titles.pop("strange") == "This route cannot be read"
    assert set(titles) == {item["key"] for item in before}
    assert "This route cannot be read" not in titles.values()


def test_letters_and_reminders_of_no_release_are_listed_as_such(database, clock, office, ids, interface_on):
    session = office.session
    with connect(database.migration_url) as owner:
        # As in a database that held the row before its words were guarded.
        owner.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    session.execute(
        update(Outbox).where(Outbox.nomination_id == ids[1]).values(notice="strange", state="dead")
    )
    now = clock.now()
    of_it = Rung.nomination_id == ids[1], Rung.kind == RungKind.ESCALATE
    session.execute(update(Rung).where(*of_it).values(kind="strange", dead_at=now))
    session.commit()
    watching = browser(database.sessions, clock)
    assert watching.sign_in("nv24@example.vn").status_code == 303
    watching.open(f"/nominations/{ids[1]}")
    assert "không đọc được loại thư" in watching.text
    watching.open("/mails/dead")
    assert "Không đọc được loại thư" in watching.text
    assert "Không đọc được loại nhắc việc" in watching.text
    mails = interface_on.get("admin", f"/nominations/{ids[1]}/mails")
    assert [mail["notice"] for mail in mails.json["items"]] == [None], mails.text
