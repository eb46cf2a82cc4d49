"""Rows of lists and the page that decides a list say at which of how many stages something stands."""

import re

from sqlalchemy import update

from tests.functional.test_list_stages import sent_list
from tests.support.pages import browser, give_passwords
from workflow.store.access import Account


def reader(session, database, clock, email):
    give_passwords(session)
    signed_in = browser(database.sessions, clock)
    signed_in.sign_in(email)
    return lambda path: signed_in.open(path).get_data(as_text=True)


def test_a_row_stands_where_the_line_of_its_nomination_does(interface, session, database, clock):
    _, names = sent_list(interface, session, 3)
    interface.office.act("reviewer", names[0], "approve", clock.now())
    rows = {one["id"]: one["way"] for one in interface.get("reviewer", "/nominations").json["items"]}
    read, found = reader(session, database, clock, "nv02@example.vn"), {}
    for number in names:
        [line] = re.findall(r'<ol class="stages".*?</ol>', read(f"/nominations/{number}"), re.DOTALL)
        stages = re.findall(r'<li class="([a-z-]+)"', line)
        found[number] = {"number": stages.index("is-current") + 1, "of": len(stages)}
        assert rows[number] == found[number] | {"furthest": found[number]["number"]}
    assert [found[number]["number"] for number in names] == [3, 2, 2]


def test_a_list_is_told_from_its_last_name_to_its_first(interface, session, database, clock):
    number, names = sent_list(interface, session, 3)
    together = interface.get("reviewer", f"/submissions/{number}").json["paper"]["way"]
    assert (together["number"], together["furthest"]) == (2, 2)
    interface.office.act("reviewer", names[0], "approve", clock.now())
    apart = interface.get("reviewer", f"/submissions/{number}").json["paper"]["way"]
    assert (apart["number"], apart["furthest"], apart["of"]) == (2, 3, together["of"])
    read = reader(session, database, clock, "nv02@example.vn")
    assert f"Bước 2 đến 3/{together['of']}" in read("/submissions")


def test_the_pages_say_it_in_words_and_draw_it_for_the_eye_alone(interface, session, database, clock):
    number, _ = sent_list(interface, session, 2)
    read = reader(session, database, clock, "nv02@example.vn")
    for path in ("/nominations", "/submissions", f"/submissions/{number}/decide"):
        page = read(path)
        [of] = set(re.findall(r"Bước 2/(\d)", page))
        drawn = re.findall(r'<span class="way-line" aria-hidden="true">(.*?)</span></span>', page)
        assert {one.count("<span") for one in drawn} == {int(of)}
        assert all(one.count("is-passed") == 1 and one.count("is-current") == 1 for one in drawn)
    # Said once above the names, where they all stand at one place.
    assert read(f"/submissions/{number}/decide").count("way-line") == 1
    session.execute(update(Account).values(locale="en"))
    session.commit()
    assert f"Step 2 of {of}" in read("/nominations")


def test_what_is_closed_stands_at_no_stage(interface, session, database, clock):
    _, names = sent_list(interface, session, 2)
    for number in names:
        interface.office.act(
            "nominator", number, "withdraw", clock.now(), comment="Rút.", reason_code="other"
        )
    rows = interface.get("nominator", "/nominations").json["items"]
    assert [one["way"] for one in rows if one["id"] in names] == [None, None]
    assert "way-line" not in reader(session, database, clock, "nv01@example.vn")("/submissions")
