"""One nomination whose route cannot be read: everybody else's letters go, and lists show one bad row."""

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.mail import Scene, mail_server, text_of
from tests.support.office import AG, furnish
from tests.support.unreadable import mend, spoil
from tests.support.waiting import REMIND_AT, many_submitted
from workflow.clock import FixedClock
from workflow.operations.mail.fate import Delivered
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.queries.choices import draft_choices
from workflow.queries.history.audit import verify_chains
from workflow.queries.inbox.inbox import inbox
from workflow.queries.nominations.filters import NominationFilters
from workflow.queries.nominations.nominations import list_nominations
from workflow.queries.seats import role_labels
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination
from workflow.store.schema import _config, role_of, upgrade
from workflow.store.seats import known_roles


@pytest.fixture
def scene(session: Session, clock: FixedClock, database):
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def test_the_one_letter_waits_and_all_others_go(scene: Scene, database: Database) -> None:
    ids = many_submitted(scene.office, scene.session, 8, scene.clock.now())
    spoil(database, ids[3], scene.clock.now())
    assert scene.deliver() == Delivered(sent=7, later=1)
    scene.session.rollback()
    row = scene.session.scalars(select(Outbox).where(Outbox.nomination_id == ids[3])).one()
    assert (row.state, row.attempt - row.excused_count) == ("new", 1)
    assert (row.state_reason or "").startswith("unreadable: RouteUnreadable")


def test_a_letter_of_no_release_holds_up_nobody_elses_after_an_upgrade(
    scene: Scene, database: Database
) -> None:
    ids = many_submitted(scene.office, scene.session, 4, scene.clock.now())
    scene.session.rollback()
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0008")
        connection.execute(update(Outbox).where(Outbox.nomination_id == ids[1]).values(notice="strange"))
        connection.execute(update(Outbox).where(Outbox.nomination_id == ids[2]).values(mail_class="strange"))
        connection.commit()
    engine.dispose()
    upgrade(database.migration_url, application_role=role_of(database.url))
    assert scene.deliver() == Delivered(sent=2)
    rows = select(Outbox.state, Outbox.state_reason).where(Outbox.nomination_id.in_(ids[1:3]))
    assert {tuple(row) for row in scene.session.execute(rows)} == {("dead", "unreadable")}


def test_of_a_mail_about_many_only_the_bad_row_is_left_out(scene: Scene, database: Database) -> None:
    ids = many_submitted(scene.office, scene.session, 4, scene.clock.now())
    scene.deliver()
    scene.clock.advance(REMIND_AT - scene.clock.now())
    scene.session.execute(update(Nomination).where(Nomination.id.in_(ids)).values(version=Nomination.version))
    scene.session.commit()
    scene.session.execute(update(Outbox).where(Outbox.state == "new").values(state="cancelled"))
    scene.session.commit()
    assert scene.fire().rungs == 4
    spoil(database, ids[0], scene.clock.now())
    before = len(scene.server.inbox.mails)
    assert scene.deliver() == Delivered(sent=1, later=1)
    assert len(scene.server.inbox.mails) == before + 1
    # Mended, it is told in a letter of its own: under the name of the first a mailbox would hide it.
    mend(database, ids[0], like=ids[1])
    scene.clock.advance(timedelta(hours=1))
    assert scene.deliver() == Delivered(sent=1)
    first, second = scene.server.inbox.mails[before:]
    assert f"/nominations/{ids[0]}" in text_of(second)
    assert first["Message-ID"] != second["Message-ID"]


def test_others_are_proposed_and_history_names_the_one(scene: Scene, database: Database) -> None:
    ids = many_submitted(scene.office, scene.session, 2, scene.clock.now())
    spoil(database, ids[0], scene.clock.now())
    add_people(scene.session, [NewPerson("NEW", "Kiểm sát viên mới", AG)])
    scene.session.commit()
    now = scene.clock.now()
    assert scene.office.draft(now, person_code="NEW").nomination_id not in ids
    chosen = draft_choices(scene.session, actor=scene.office.actor("nominator", now), today=now.date())
    assert chosen.awards
    assert "nominator" in known_roles(scene.session)
    assert {"appraiser", "nominator"}.isdisjoint(role_labels(scene.session)), "built in, not declared"
    found = verify_chains(scene.session).problems
    assert [str(problem) for problem in found] == [
        f"nomination:{ids[0]}: not as its history tells: definition"
    ]


def test_lists_show_the_bad_row_and_all_others(scene: Scene, database: Database) -> None:
    ids = many_submitted(scene.office, scene.session, 3, scene.clock.now())
    spoil(database, ids[1], scene.clock.now())
    now = scene.clock.now()
    reviewer = scene.office.actor("reviewer", now)
    work = inbox(scene.session, actor=reviewer, now=now, limit=10, cursor=None)
    assert sorted(item.nomination_id or 0 for item in work.items) == ids
    listed = list_nominations(
        scene.session,
        actor=reviewer,
        filters=NominationFilters(),
        now=now,
        limit=10,
        cursor=None,
    )
    labels = {row.id: row.label.en for row in listed.items}
    assert sorted(labels) == ids
    assert [number for number, label in labels.items() if "cannot be read" in label] == [ids[1]]
