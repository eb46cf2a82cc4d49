"""What a council and a head enter on the pages: counts and a decision, of one name and of a list."""

import pytest

from tests.support.interface import Interface
from tests.support.pages import Browser, browser, give_passwords
from tests.support.yearly import collective_draft, complete, make_yearly
from workflow.clock import FixedClock

BELOW = {"vote_members": "9", "vote_in_favour": "3", "vote_against": "6"}
CARRIED = {**BELOW, "vote_in_favour": "8", "vote_against": "0", "vote_blank": "1"}
EMAILS = {"secretary": "nv21@example.vn", "head": "nv22@example.vn"}


@pytest.fixture
def waiting(interface: Interface, session) -> int:
    """Bring a unit's own nomination to the council; give its id."""
    make_yearly(interface.office, interface.clock.now())
    give_passwords(session)
    nomination_id = collective_draft(interface.office, "CTD_NGANH", interface.clock.now())
    complete(interface.office, nomination_id, interface.clock.now())
    for part in ("nominator", "reviewer", "cluster_head", "appraiser", "appraiser"):
        action = "submit" if part == "nominator" else "approve"
        answer = interface.act(part, nomination_id, action)
        assert answer.status_code == 200, answer.text
    return nomination_id


def seated(part: str, database, clock: FixedClock, path: str) -> Browser:
    desk = browser(database.sessions, clock)
    assert desk.sign_in(EMAILS[part]).status_code == 303
    desk.open(path)
    return desk


@pytest.mark.parametrize("place", ["name", "list"])
def test_counts_and_a_decision_are_taken_on_the_page_of_a_name_and_of_its_list(
    interface: Interface, waiting: int, database, clock: FixedClock, place: str
) -> None:
    name = f"/nominations/{waiting}"
    listed = interface.get("secretary", name).json["submission"]["id"]
    path = f"/submissions/{listed}" if place == "list" else name

    def tell(part: str, action: str, changes: dict[str, str]) -> Browser:
        desk = seated(part, database, clock, path)
        if place == "list":
            state = interface.get(part, name).json["state"]
            what = {"what": f"{action}@{state}@annual", "names": str(waiting)}
            assert desk.send("/review", what).status_code == 200
        desk.send(f"/actions/{action}", changes)
        return desk

    empty = tell("secretary", "approve", {})
    assert empty.page.status_code == 422
    assert "Hãy nhập kết quả bỏ phiếu" in empty.text
    below = tell("secretary", "approve", BELOW)
    assert (below.page.status_code, 'value="3"' in below.page.get_data(as_text=True)) == (422, True)
    half = tell("secretary", "approve", {"vote_members": "9"})
    assert half.page.status_code == 422
    assert tell("secretary", "approve", CARRIED).page.status_code in {200, 303}
    voted = interface.get("secretary", name).json
    assert (voted["state"], voted["recommendation"]["in_favour"]) == ("decision", 8)
    early = {"decision_number": "12/QĐ", "decision_on": "01/03/2026", "decision_signer": "Nguyễn Minh Trí"}
    refused = tell("head", "approve", early)
    assert refused.page.status_code == 422
    # The day of the vote as people write it, never as programs do.
    assert "2/3/2026" in refused.text.replace("02/03/2026", "2/3/2026")
    assert "2026-03-02" not in refused.text
    assert tell("head", "approve", {**early, "decision_on": "02/03/2026"}).page.status_code in {200, 303}
    decided = interface.get("secretary", name).json
    assert (decided["stage"], decided["decision"]["number"]) == ("approved", "12/QĐ")
