"""Nobody learns from a refusal whether a code exists where they have nothing to say."""

from typing import Any

import pytest
from sqlalchemy import delete

from tests.support.interface import DRAFT, Interface
from tests.support.office import AG
from tests.support.rounds import NEXT, opened
from workflow.store.access import Grant

NOTHING = {"number": "1/CV", "signed_on": "2026-03-02", "signer": "Ai"}
ROW = {"awards": ["CSTDCS"], "achievement": "Tốt.", "proposer": "Ai"}


@pytest.fixture
def nobody(interface: Interface) -> str:
    """Take every grant from somebody who can sign in."""
    interface.office.session.execute(
        delete(Grant).where(Grant.account_id == interface.office.ids["stranger"])
    )
    interface.office.session.commit()
    return "stranger"


# Every route that takes a code, once with what exists and once with what does not.
WRITES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("/nominations", DRAFT, {"round": "NONE", "award": "NONE", "unit": "NONE", "person": "NONE"}),
    (
        "/submissions",
        {"round": "2026-NAM", "unit": AG, "rows": [{"person": "NV04", **ROW}]},
        {"round": "NONE", "unit": "NONE"},
    ),
    (
        "/rounds",
        {"code": "X", "title": "X", "year": 2026, "owner": "VKSTC", "dates": {}, "awards": ["CSTDCS"]},
        {"owner": "NONE", "code": "2026-NAM"},
    ),
    (
        "/clusters",
        {"year": 2026, "owner": "VKSTC", "number": 7, "name": "X", "members": [AG]},
        {"owner": "NONE"},
    ),
    ("/clusters/barred", {"unit": AG, "year": 2025, "reason": "Kỷ luật"}, {"unit": "NONE"}),
    ("/clusters/rotation", {"owner": "VKSTC", "year": 2027}, {"owner": "NONE"}),
]
PLACES = [
    ("/rounds/2026-NAM/actions/close", "/rounds/NONE/actions/close", {}),
    ("/rounds/2026-NAM/actions/reopen", "/rounds/NONE/actions/reopen", {}),
    (
        "/rounds/2026-NAM/actions/extend",
        "/rounds/NONE/actions/extend",
        {"date": "unit_deadline", "day": "2026-04-24", "reason": "Bão"},
    ),
    ("/rounds/2026-NAM/returns/VKS-AG/answer", "/rounds/2026-NAM/returns/NONE/answer", NOTHING),
    ("/rounds/2026-NAM/returns/VKS-AG/reopen", "/rounds/NONE/returns/VKS-AG/reopen", {}),
    ("/rounds/2026-NAM/returns/VKS-AG/attachments", "/rounds/2026-NAM/returns/NONE/attachments", None),
    (
        "/clusters/1/actions/set_officers",
        "/clusters/99/actions/set_officers",
        {"head": AG, "how": "appointed"},
    ),
    ("/nominations/1/actions/claim", "/nominations/99/actions/claim", {"version": 1}),
    ("/submissions/1/actions/submit", "/submissions/99/actions/submit", {"version": 1}),
]


def said(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.json["code"], answer.json["detail"]


@pytest.mark.parametrize(("path", "body", "wrong"), WRITES, ids=[path for path, _, _ in WRITES])
def test_who_holds_no_role_is_refused_before_a_code_is_looked_up(interface, nobody, path, body, wrong):
    first = said(interface.post(nobody, path, body))
    assert first[0] == 403
    for name, value in wrong.items():
        assert said(interface.post(nobody, path, {**body, name: value})) == first


@pytest.mark.parametrize(("there", "not_there", "body"), PLACES, ids=[place for place, _, _ in PLACES])
def test_who_holds_no_role_hears_the_same_of_what_is_and_is_not_there(
    interface, nobody, there, not_there, body
):
    interface.drafted()
    if body is None:
        data = {"kind": "answer", "confirms_not_secret": "true"}
        answers = [interface.call(nobody, "POST", path, data=data) for path in (there, not_there)]
    else:
        answers = [interface.post(nobody, path, body) for path in (there, not_there)]
    assert said(answers[0]) == said(answers[1])
    assert answers[0].status_code in {403, 404}


@pytest.mark.parametrize("part", ["other_nominator", "other_reviewer", "cluster_head"])
def test_who_drafts_elsewhere_learns_nothing_of_another_units_codes(interface, part):
    told = {
        said(interface.post(part, "/nominations", {**DRAFT, **change}))
        for change in ({}, {"person": "NONE"}, {"round": "NONE"}, {"award": "NONE"})
    }
    assert {status for status, _, _ in told} == {403}
    assert len(told) == 1


@pytest.mark.parametrize("part", ["other_nominator", "cluster_head", "stranger"])
def test_the_papers_of_what_a_unit_owes_are_nobody_elses_to_find(interface, part):
    opened(interface.office.session, interface.clock.now())
    seen = f"/rounds/{NEXT}/returns/{AG}/attachments"
    assert interface.get("nominator", seen).status_code == 200
    for path in (seen, f"/rounds/{NEXT}/returns/NONE/attachments"):
        answer = interface.get(part, path)
        assert answer.status_code == 404
        assert answer.json["detail"].replace(AG, "NONE") == (
            f"Nothing is expected of 'NONE' in the round '{NEXT}' that you may see."
        )
