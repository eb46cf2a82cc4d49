"""Forms that wait for their page to be looked at: whose, how large, and what an older release finds."""

import pytest
from alembic import command
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.office import furnish
from workflow.domain.sent_forms import KEPT_FOR, MOST_BYTES
from workflow.operations.sent_forms import FilledForm, keep_sent_form
from workflow.queries.people.sent_forms import sent_forms
from workflow.store.schema import _config, drift, role_of, upgrade
from workflow.store.sent_forms import SentForm

FORM = FilledForm("k" * 24, "/submissions/1/decide", [("pick-1", "approve"), ("pick-1", "return")])


def test_a_form_is_read_as_it_was_sent_by_whoever_sent_it_until_it_is_over(session: Session) -> None:
    office = furnish(session, now=MONDAY)
    reviewer, nominator = office.actor("reviewer", MONDAY), office.actor("nominator", MONDAY)
    assert keep_sent_form(session, actor=reviewer, form=FORM, now=MONDAY)
    [(path, kept)] = sent_forms(session, actor=reviewer, key=FORM.key, now=MONDAY + KEPT_FOR).items()
    assert (path, list(kept.fields), kept.answer) == (FORM.path, FORM.fields, None)
    assert sent_forms(session, actor=nominator, key=FORM.key, now=MONDAY) == {}
    assert sent_forms(session, actor=reviewer, key=FORM.key, now=MONDAY + KEPT_FOR * 2) == {}


def test_what_was_kept_once_is_replaced_only_where_that_is_meant(session: Session) -> None:
    actor = furnish(session, now=MONDAY).actor("reviewer", MONDAY)
    other = FilledForm(FORM.key, FORM.path, [("pick-1", "")], {"label": ["Duyệt", "Approve"]})
    assert keep_sent_form(session, actor=actor, form=FORM, now=MONDAY)
    assert not keep_sent_form(session, actor=actor, form=other, now=MONDAY, replaces=False)
    assert sent_forms(session, actor=actor, key=FORM.key, now=MONDAY)[FORM.path].noted == {}
    assert keep_sent_form(session, actor=actor, form=other, now=MONDAY)
    assert sent_forms(session, actor=actor, key=FORM.key, now=MONDAY)[FORM.path].noted == other.noted


def test_a_form_larger_than_may_be_kept_is_refused_by_the_database(session: Session) -> None:
    actor = furnish(session, now=MONDAY).actor("reviewer", MONDAY)
    large = FilledForm(FORM.key, FORM.path, [("text", "x" * MOST_BYTES)])
    with pytest.raises(IntegrityError, match="fields_size"):
        keep_sent_form(session, actor=actor, form=large, now=MONDAY)


def test_an_older_release_knows_no_such_forms_and_the_next_upgrade_begins_anew(
    session: Session, database: Database
) -> None:
    actor = furnish(session, now=MONDAY).actor("reviewer", MONDAY)
    keep_sent_form(session, actor=actor, form=FORM, now=MONDAY)
    session.close()
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0071")
        connection.commit()
    engine.dispose()
    upgrade(database.migration_url, application_role=role_of(database.url))
    assert drift(database.migration_url) == []
    assert session.scalar(select(func.count()).select_from(SentForm)) == 0
    assert keep_sent_form(session, actor=actor, form=FORM, now=MONDAY)
