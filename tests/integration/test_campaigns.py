"""Movements in a tree: launched once, changed by those whose they are, never below themselves."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from tests.support.office import AG, TOP, furnish
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound, RequirementsMissing
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim
from workflow.operations.rounds.campaigns import (
    CampaignChanges,
    NewCampaign,
    change_campaign,
    create_campaign,
)
from workflow.store.awards import Campaign
from workflow.store.history import Event

NATIONAL = NewCampaign("2026-TQ", "Cả nước thi đua đổi mới sáng tạo", 2026, TOP)
SECTOR = NewCampaign(
    "2026-NGANH", "Ngành KSND thi đua", 2026, TOP, "2026-TQ", "01/CT-VKSTC", date(2026, 1, 5)
)
UNIT = NewCampaign("2026-AG", "An Giang thi đua", 2026, AG, "2026-NGANH")


@pytest.fixture
def office(session, clock):
    return furnish(session, now=clock.now())


@pytest.fixture
def play(session, office, clock):
    def act(operation, part="supervisor", **given):
        actor = office.actor(part, clock.now())
        return operation(session, actor=actor, via=Via.API, now=clock.now(), **given)

    return act


def changed(new, **changes):
    whole = CampaignChanges(new.title, new.year, new.parent_code, new.directive_number, new.directive_on)
    return {"code": new.code, "changes": replace(whole, **changes)}


def test_a_tree_of_movements_is_launched_and_changed_and_remembered(session, play):
    for new in (NATIONAL, SECTOR, UNIT):
        play(create_campaign, new=new)
    play(change_campaign, **changed(UNIT, title="An Giang vượt khó", parent_code=None))
    row = session.scalar(select(Campaign).where(Campaign.code == "2026-AG"))
    assert (row.title, row.parent_id) == ("An Giang vượt khó", None)
    actions = select(Event.action).where(Event.stream == f"campaign:{row.id}").order_by(Event.seq)
    assert session.scalars(actions).all() == ["create", "edit"]


@pytest.mark.parametrize("parent", ["2026-TQ", "2026-NGANH", "2026-AG"])
def test_a_movement_never_lies_below_itself(session, play, parent):
    for new in (NATIONAL, SECTOR, UNIT):
        play(create_campaign, new=new)
    with pytest.raises(RequirementsMissing) as refused:
        play(change_campaign, **changed(NATIONAL, parent_code=parent))
    assert [reason.code for reason in refused.value.reasons] == ["campaign_circle"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"code": "a/b"}, InvalidField),
        ({"code": "new"}, InvalidField),
        ({"code": ""}, InvalidField),
        ({"title": " "}, InvalidField),
        ({"year": 1900}, InvalidField),
        ({"parent_code": "NONE"}, InvalidField),
        ({"owner_code": "NONE"}, InvalidField),
    ],
)
def test_a_movement_that_cannot_be_is_refused(play, changes, refusal):
    with pytest.raises(refusal):
        play(create_campaign, new=replace(NATIONAL, **changes))


def test_the_same_key_launches_once_and_the_same_code_is_refused(session, play):
    claim = Claim("k" * 20, "POST /campaigns", b"same")
    assert not play(create_campaign, new=NATIONAL, claim=claim).was_answered_before
    assert play(create_campaign, new=NATIONAL, claim=claim).was_answered_before
    session.rollback()
    with pytest.raises(Conflict):
        play(create_campaign, new=NATIONAL)
    session.rollback()
    with pytest.raises(NotFound):
        play(change_campaign, **changed(UNIT))


@pytest.mark.parametrize(
    ("part", "new", "may"),
    [
        ("head", NATIONAL, True),
        ("admin", NATIONAL, True),
        ("unit_head", replace(UNIT, parent_code=None), True),
        ("unit_head", NATIONAL, False),
        ("nominator", replace(UNIT, parent_code=None), False),
    ],
)
def test_a_movement_is_launched_by_whose_it_is(play, part, new, may):
    if may:
        assert play(create_campaign, part, new=new).code == new.code
        return
    with pytest.raises(Forbidden):
        play(create_campaign, part, new=new)
