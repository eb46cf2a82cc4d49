"""The line of stages of a whole list: how many names came to each and when, where they are, until when."""

import re
from datetime import timedelta

from tests.support.lists import add_colleagues, compose, names_of, row
from tests.support.pages import browser, give_passwords
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.names import ListOrder, act_on_submission


def sent_list(interface, session, size):
    """Have the nominator send a list to its unit's review and return it with its names."""
    office, now = interface.office, interface.clock.now()
    made = compose(office, [row(person) for person in add_colleagues(session, size, prefix="K")], now)
    [paper] = made.submissions
    order = ListOrder(paper.submission_id, 1, MoveRequest("submit"), Via.API)
    act_on_submission(session, actor=office.actor("nominator", now), order=order, now=now)
    return paper.submission_id, names_of(made)


def line(interface, part, submission_id):
    stages = interface.get(part, f"/submissions/{submission_id}").json["stages"]
    return {one["stage"]: one for one in stages}


def test_names_that_went_on_and_those_behind_stand_in_one_line(interface, session, clock):
    number, names = sent_list(interface, session, 3)
    clock.advance(timedelta(days=1))
    interface.office.act("reviewer", names[0], "approve", clock.now())
    found = line(interface, "nominator", number)
    assert next(iter(found)) == "draft"
    review = found["unit_review"]
    assert (review["of"], review["reached"], review["here"], review["is_current"]) == (3, 3, 2, True)
    assert (review["first_on"], review["last_on"]) == ("2026-03-02", "2026-03-02")
    assert review["due_at"].startswith("2026-03-09")
    later = [one for one in found.values() if one["here"] and one["stage"] != "unit_review"]
    assert [(one["reached"], one["here"], one["first_on"]) for one in later] == [(1, 1, "2026-03-03")]
    assert (found["approved"]["reached"], found["approved"]["first_on"]) == (0, None)
    assert [one["is_current"] for one in found.values()].count(True) == 1


def test_what_was_returned_has_the_stage_ahead_again(interface, session, clock):
    number, names = sent_list(interface, session, 2)
    interface.office.act(
        "reviewer", names[0], "return", clock.now(), to_step="draft", comment="Bổ sung.", reason_code="other"
    )
    found = line(interface, "nominator", number)
    assert (found["draft"]["here"], found["draft"]["is_current"]) == (1, True)
    assert (found["unit_review"]["of"], found["unit_review"]["reached"]) == (2, 1)


def test_the_page_says_it_as_an_ordered_list_with_one_current_step(interface, database, session, clock):
    number, names = sent_list(interface, session, 3)
    clock.advance(timedelta(days=1))
    interface.office.act("reviewer", names[0], "approve", clock.now())
    give_passwords(session)
    reviewer = browser(database.sessions, clock)
    reviewer.sign_in("nv02@example.vn")
    page = reviewer.open(f"/submissions/{number}").get_data(as_text=True)
    shown = re.findall(r'<ol class="stages" aria-label="Các bước của danh sách">(.*?)</ol>', page, re.DOTALL)
    assert len(shown) == 1
    assert shown[0].count('aria-current="step"') == 1
    assert "2 tên đang ở đây, hạn 17:00 thứ Hai, ngày 9/3/2026" in " ".join(shown[0].split())
    assert "1 trên 3 tên đã đến" in shown[0]


def test_a_list_without_names_has_no_line(interface, session):
    number, _ = sent_list(interface, session, 2)
    assert line(interface, "nominator", number)
    assert interface.get("stranger", f"/submissions/{number}").status_code == 404
