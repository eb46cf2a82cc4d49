"""A route whose first step belongs to a role of the house's own: the pages do what the interface does."""

import pytest
from sqlalchemy import update

from tests.support.definitions import text_of
from tests.support.office import AG, furnish
from tests.support.pages import browser, give_passwords
from workflow.domain.vocabulary import Via
from workflow.operations.people.accounts import NewAccount, add_account
from workflow.operations.setup.publish import publish_definition
from workflow.store.awards import AwardEdition
from workflow.store.nominations import Nomination

ROUTE = (
    text_of("simplified")
    .replace("key: simplified", "key: spot")
    .replace("nominator@subject.unit", "colleague@subject.unit")
    .replace(
        "\nsteps:",
        """
roles:
  - {name: colleague, label: {vi: "Đồng nghiệp", en: "Colleague who proposes"}}
  - panel_chair

steps:""",
        1,
    )
    .replace("owner: unit_reviewer@subject.unit", "owner: panel_chair@subject.unit")
    .replace("by: unit_reviewer@subject.unit", "by: panel_chair@subject.unit")
)
# Where the decision sends a name back: a step of stage draft that is not the first.
MENDING = """
  - name: mending
    stage: draft
    label: {vi: "Hoàn thiện", en: "Mending"}
    owner: colleague@subject.unit

  - name: approved"""
AGAIN = """
  - name: send_again
    from: mending
    to: unit_review
    by: colleague@subject.unit
    label: {vi: "Gửi lại", en: "Send again"}

  - name: approve
"""
ROUTE = ROUTE.replace("\n  - name: approved", MENDING, 1).replace("\n  - name: approve\n", AGAIN, 1)
ROUTE = ROUTE.replace("to: [draft, unit_review]", "to: [mending, unit_review]")


@pytest.fixture
def office(session, clock):
    office, now = furnish(session, now=clock.now()), clock.now()
    publish_definition(session, text=ROUTE, filename="spot.yaml", actor=None, via=Via.CLI, now=now)
    session.execute(update(AwardEdition).values(workflow_key="spot"))
    for email, role in (("colleague@example.vn", "colleague"), ("chair@example.vn", "panel_chair")):
        new = NewAccount(email, role.title(), grants=(f"{role}@unit:{AG}",), locale="en")
        add_account(session, actor=None, new=new, via=Via.CLI, now=now)
    give_passwords(session)
    return office


@pytest.fixture
def colleague(database, clock, office, tmp_path):
    seated = browser(database.sessions, clock, data_dir=tmp_path)
    assert seated.sign_in("colleague@example.vn").status_code == 303
    return seated


def draft(colleague):
    assert "/nominations/new" in colleague.open("/").get_data(as_text=True)
    colleague.open("/nominations/new")
    fields = {
        "award": "CSTDCS",
        "unit": AG,
        "person": "NV04",
        "round": "2026-NAM",
    }
    assert colleague.send("/nominations/new", fields).status_code == 303, colleague.text
    colleague.follow()
    assert colleague.send("/edit", {"achievement": "Good work."}).status_code == 303, colleague.text
    return colleague.follow().request.path


def test_a_starter_of_their_own_role_drafts_on_the_pages(colleague):
    path = draft(colleague)
    assert "Colleague who proposes" in colleague.open(path).get_data(as_text=True)
    # The menu of whoever is signed in names their own address; nothing else may.
    assert "colleague@" not in colleague.text.replace("colleague@example.vn", "", 1)


def test_a_role_without_a_label_is_said_in_words_and_never_by_its_name(colleague, session, office, clock):
    path = draft(colleague)
    colleague.send("/actions/submit")
    shown = colleague.open(path).get_data(as_text=True)
    assert "Panel chair" in shown
    assert "panel_chair" not in colleague.text


def test_a_step_of_stage_draft_that_is_not_the_first_is_edited(colleague, session, office, database):
    path = draft(colleague)
    nomination_id = int(path.rsplit("/", 1)[1])
    session.execute(
        update(Nomination).where(Nomination.id == nomination_id).values(state="mending", stage="draft")
    )
    session.commit()
    assert colleague.open(f"{path}/edit").status_code == 200
    assert colleague.send("/edit", {"achievement": "Better words."}).status_code == 303
    assert "Better words." in colleague.follow().get_data(as_text=True)


def test_nobody_drafts_by_a_role_that_starts_nothing(database, clock, office, tmp_path):
    chair = browser(database.sessions, clock, data_dir=tmp_path)
    chair.sign_in("chair@example.vn")
    assert chair.open("/nominations/new").status_code == 403
    assert "/nominations/new" not in chair.open("/").get_data(as_text=True)
