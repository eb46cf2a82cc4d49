"""What a definition file says in short is published in full, and what was published before goes on."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.definitions import SHIPPED, shipped, text_of
from workflow.clock import FixedClock
from workflow.domain.checking.explaining import explained
from workflow.domain.vocabulary import Via
from workflow.operations.setup.publish import publish_definition, publish_shipped
from workflow.store.awards import WorkflowDefinition
from workflow.store.definitions import latest_definition_id, load_definition
from workflow.store.history import Event


def publish(session: Session, clock: FixedClock, key: str, text: str):
    now = clock.now()
    return publish_definition(session, text=text, filename=f"{key}.yaml", actor=None, via=Via.CLI, now=now)


def test_the_long_form_of_what_is_published_in_short_is_the_same_version(session, clock):
    published = select(func.count()).select_from(Event).where(Event.action == "publish")
    before = session.scalar(published)
    for key in SHIPPED:
        again = publish(session, clock, key, explained(text_of(key), f"{key}.yaml"))
        assert (again.definition_id, again.is_new) == (latest_definition_id(session, key), False)
        assert load_definition(session, again.definition_id) == shipped(key)
    publish_shipped(session, now=clock.now())
    assert session.scalar(published) == before


def test_a_route_is_stored_without_a_name_that_it_would_have_to_be_looked_up_by(session, clock):
    text = text_of("annual").replace("key: annual", "key: short").replace("version: 2", "version: 1")
    text = text.replace("ladders:\n", "defaults: {due: 9 working_days, ladder: usual}\nladders:\n", 1)
    new = publish(session, clock, "short", text.replace("    due: 5 working_days\n    ladder: usual\n", ""))
    content = session.scalar(
        select(WorkflowDefinition.content).where(WorkflowDefinition.id == new.definition_id)
    )
    assert {"ladders", "defaults"} & set(content) == set()
    [reception] = [step for step in content["steps"] if step["name"] == "reception"]
    assert reception["due"] == "9 working_days"
    assert [rung["to"] for rung in reception["ladder"]] == ["holder", "group", "head", "next_level"]


def test_an_earlier_version_goes_on_beside_the_one_that_ships(session, clock):
    # `standard` as it was first published: no day for what came back, and the Vietnamese calendar by name.
    text = text_of("standard").replace("version: 3", "version: 1").replace("calendar: local", "calendar: vn")
    begins, ends = text.index("    returned:"), text.index("  - name: unit_review")
    first = publish(session, clock, "standard", text[:begins] + text[ends:])
    session.expunge_all()
    assert latest_definition_id(session, "standard") != first.definition_id
    there = load_definition(session, first.definition_id)
    assert there.content_hash == "5d128de07562225dd937313f4f1492f41493deb953c3de53f43e6ceaa2b7e979"
    assert there.step("draft").returned is None
