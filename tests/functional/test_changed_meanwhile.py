"""Two who run the same things open one form: the second does not write over what the first saved, unsaid."""

import pytest
from sqlalchemy import select

from tests.support.interface import Interface
from tests.support.office import AG, CLUSTER, DT, TOP
from workflow.store.awards import Campaign
from workflow.store.organisation import Cluster, ClusterMember

SUPERVISOR, ADMIN = "nv23@example.vn", "nv24@example.vn"
MEANWHILE = "Có người vừa sửa nội dung này"


@pytest.fixture
def cluster_id(session) -> int:
    return int(session.scalars(select(Cluster.id).where(Cluster.code == CLUSTER)).one())


def members(session, cluster_id: int) -> int:
    session.rollback()
    rows = session.scalars(select(ClusterMember.unit_id).where(ClusterMember.cluster_id == cluster_id))
    return len(rows.all())


def test_a_members_list_is_not_written_over_by_a_form_that_is_older(desk, session, cluster_id) -> None:
    first, second, path = desk(ADMIN), desk(SUPERVISOR), f"/clusters/{cluster_id}"
    first.open(path)
    second.open(path)
    assert first.send("/edit", {"members": DT}).status_code == 303
    refused = second.send("/edit", {"name": "Cụm Một", "members": [AG, DT]})
    assert refused.status_code == 409
    assert MEANWHILE in second.text
    assert members(session, cluster_id) == 1
    # What was typed is there, and who saves once more has read that it was changed.
    assert 'value="Cụm Một"' in refused.get_data(as_text=True)
    assert second.send("/edit", {"members": [AG, DT]}).status_code == 303
    assert members(session, cluster_id) == 2


def test_a_form_that_was_refused_keeps_the_state_it_was_opened_on(desk, session, cluster_id) -> None:
    first, second, path = desk(ADMIN), desk(SUPERVISOR), f"/clusters/{cluster_id}"
    second.open(path)
    assert second.send("/edit", {"members": ["KHONG-CO"]}).status_code == 422
    first.open(path)
    assert first.send("/edit", {"members": DT}).status_code == 303
    assert second.send("/edit", {"members": [AG, DT]}).status_code == 409


def test_who_heads_is_not_set_by_a_page_that_is_older(desk, session, cluster_id) -> None:
    first, second, path = desk(ADMIN), desk(SUPERVISOR), f"/clusters/{cluster_id}"
    first.open(path)
    second.open(path)
    chosen = {"head": AG, "deputy": DT, "how": "appointed", "since": "2026-03-02"}
    assert first.send("/officers", chosen).status_code == 303
    assert second.send("/officers", {**chosen, "head": DT, "deputy": ""}).status_code == 409
    assert MEANWHILE in second.text
    assert second.send("/officers").status_code == 303


def test_a_movement_is_not_written_over_by_a_form_that_is_older(desk, session) -> None:
    first, second = desk(ADMIN), desk(SUPERVISOR)
    first.open("/campaigns/new")
    new = {"code": "PT-1", "title": "Thi đua", "year": "2026", "owner": TOP}
    assert first.send("/campaigns/new", new).status_code == 303
    first.open("/campaigns/PT-1/edit")
    second.open("/campaigns/PT-1/edit")
    assert first.send("/edit", {"directive_number": "01/CT"}).status_code == 303
    assert second.send("/edit", {"title": "Thi đua yêu nước"}).status_code == 409
    assert MEANWHILE in second.text
    session.rollback()
    assert session.scalars(select(Campaign.directive_number)).one() == "01/CT"
    assert second.send("/edit", {"directive_number": "01/CT"}).status_code == 303
    session.rollback()
    kept = session.execute(select(Campaign.title, Campaign.directive_number)).one()
    assert tuple(kept) == ("Thi đua yêu nước", "01/CT")


def test_a_program_that_names_the_version_it_saw_is_refused_at_another(
    interface: Interface, cluster_id
) -> None:
    path = f"/clusters/{cluster_id}"
    seen = interface.get("admin", path).json["version"]
    assert interface.call("admin", "PATCH", path, json={"members": [DT], "version": seen}).status_code == 200
    late = interface.call("supervisor", "PATCH", path, json={"members": [AG, DT], "version": seen})
    assert (late.status_code, late.json["reasons"][0]["code"]) == (409, "changed_meanwhile")
    head = {"head": DT, "how": "appointed", "from": "2026-03-02", "version": seen}
    assert interface.post("supervisor", f"{path}/actions/set_officers", head).status_code == 409
    assert interface.call("supervisor", "PATCH", path, json={"members": [AG, DT]}).status_code == 200
    new = {"code": "PT-1", "title": "Thi đua", "year": 2026, "owner": TOP}
    assert interface.post("admin", "/campaigns", new).json["version"] == 1
    change = {"title": "Khác", "version": 1}
    assert interface.call("admin", "PATCH", "/campaigns/PT-1", json=change).json["version"] == 2
    assert interface.call("admin", "PATCH", "/campaigns/PT-1", json=change).status_code == 409
