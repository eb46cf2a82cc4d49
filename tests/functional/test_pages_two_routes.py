"""Names of two routes on one list: routes may share the names of steps and moves, and mean other things."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.applications import application
from tests.support.interface import Interface, settings_for_tests
from tests.support.office import plain_awards
from tests.support.pages import PASSWORD, Browser, browser, form_of, give_passwords
from tests.support.sector import FIRST, OPENING, ROUND, UNITS, colleagues_of, sector_files, settle
from workflow.clock import FixedClock

SHORT, LONG = "LDTT", "CSTDCS"
ROUTES = {SHORT: "simplified", LONG: "standard"}
NOMINATOR = f"{FIRST}-CB"
COMMENT = 'Danh sách <đủ>, "ký" ngày 2/3.'


@pytest.fixture
def sector(session: Session, database, clock: FixedClock, tmp_path: Path) -> Interface:
    """Have an award run on each of the two plain routes."""
    office = settle(session, clock.now(), sector_files(UNITS[:2], 3))
    plain_awards(session)
    session.commit()
    give_passwords(session)
    app = application(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock)
    interface = Interface(app, office, clock)
    assert interface.post("GS", "/rounds", OPENING).status_code == 201
    return interface


@pytest.fixture
def names(sector: Interface) -> dict[str, list[int]]:
    """Compose a list of three people, each with an award of either route; give the names by award."""
    row = {"achievement": "Hoàn thành tốt nhiệm vụ.", "proposer": "Cán bộ đầu mối", "awards": [SHORT, LONG]}
    rows = [{**row, "person": person} for person in colleagues_of(FIRST, 3)]
    words = {"number": "9/TTr", "signed_on": "2026-03-02", "signer": "Thủ trưởng"}
    made = sector.post(NOMINATOR, "/submissions", {"round": ROUND, "unit": FIRST, "rows": rows, **words})
    assert [one["id"] for one in made.json["submissions"]] == [1], made.text
    found: dict[str, list[int]] = {SHORT: [], LONG: []}
    for subject in sector.get(NOMINATOR, "/submissions/1").json["list"]:
        for one in subject["awards"]:
            found[one["award"]["code"]].append(one["nomination_id"])
    return found


@pytest.fixture
def desk(names: dict[str, list[int]], database, clock: FixedClock) -> Browser:
    seated = browser(database.sessions, clock)
    assert seated.sign_in(f"{NOMINATOR}@example.vn".lower()).status_code == 303
    seated.open("/submissions/1")
    return seated


def states(sector: Interface) -> dict[int, str]:
    found = sector.get(NOMINATOR, "/submissions/1").json["list"]
    return {one["nomination_id"]: one["state"] for subject in found for one in subject["awards"]}


def test_each_route_has_its_action_and_the_button_says_which(
    sector: Interface, names: dict[str, list[int]], desk: Browser
) -> None:
    actions = sector.get(NOMINATOR, "/submissions/1").json["actions"]
    submits = {one["workflow"]["code"]: one["takes"] for one in actions if one["name"] == "submit"}
    assert submits == {ROUTES[award]: ids for award, ids in names.items()}
    html = desk.page.get_data(as_text=True)
    buttons = re.findall(r'name="what" value="(submit@[^"]+)">([^<]+)<', html)
    assert sorted(what for what, _ in buttons) == ["submit@draft@simplified", "submit@draft@standard"]
    assert len({title for _, title in buttons}) == len(buttons)
    every = re.findall(r'<button class="btn [^"]*" type="submit" name="what" [^>]*>([^<]+)<', html)
    assert len(set(every)) == len(every) > 2


def test_the_review_takes_the_names_of_its_route_and_leaves_the_others_by_name(
    sector: Interface, names: dict[str, list[int]], desk: Browser
) -> None:
    both = [*names[SHORT], *names[LONG]]
    answer = desk.send("/review", {"what": "submit@draft@standard", "names": both})
    assert answer.status_code == 200
    html = answer.get_data(as_text=True)
    assert [int(text) for text in re.findall(r'name="names" value="(\d+)"', html)] == sorted(names[LONG])
    left = html[html.index('id="left"') :]
    assert left.count("Lao động tiên tiến") == len(names[SHORT])
    assert desk.send("/actions/submit", {"names": names[LONG]}).status_code == 200
    assert {states(sector)[one] for one in names[LONG]} == {"unit_review"}
    assert {states(sector)[one] for one in names[SHORT]} == {"draft"}


def test_names_of_another_route_than_the_one_seen_are_refused_by_page_and_interface(
    sector: Interface, names: dict[str, list[int]], desk: Browser
) -> None:
    both = [*names[SHORT], *names[LONG]]
    desk.send("/review", {"what": "submit@draft@simplified", "names": names[SHORT]})
    answer = desk.send("/actions/submit", {"names": both})
    assert answer.status_code == 200
    assert desk.text.count("Hồ sơ theo quy trình khác với quy trình bạn đã xem.") == len(names[LONG])
    assert {states(sector)[one] for one in names[LONG]} == {"draft"}
    version = sector.get(NOMINATOR, "/submissions/1").json["paper"]["version"]
    order = {"version": version, "state": "draft", "workflow": "simplified", "nominations": names[LONG]}
    items = sector.post(NOMINATOR, "/submissions/1/actions/submit", order).json["items"]
    assert [one["refusal"]["reasons"][0]["code"] for one in items] == ["not_on_this_route"] * len(items)


def test_a_review_of_no_action_leads_back_to_the_list(names: dict[str, list[int]], desk: Browser) -> None:
    assert desk.send("/review", {"what": "", "names": names[LONG]}).status_code == 422
    assert "Việc này không còn" in desk.text


def reviewed(desk: Browser, ids: list[int]) -> None:
    assert desk.send("/review", {"what": "submit@draft@standard", "names": ids}).status_code == 200


def filled_again(desk: Browser, ids: list[int]) -> None:
    """See that the review is back, of the same names, with the words in their field."""
    html = desk.page.get_data(as_text=True)
    assert [int(text) for text in re.findall(r'name="names" value="(\d+)"', html)] == ids
    assert form_of(desk.page, "/actions/submit")["comment"].strip() == COMMENT
    assert "readonly" not in html


def test_the_language_of_an_answered_review_changes_and_its_words_and_ticks_stay(
    sector: Interface, names: dict[str, list[int]], desk: Browser
) -> None:
    chosen = [names[LONG][0], names[LONG][2]]
    reviewed(desk, chosen)
    answer = desk.send("/actions/submit", {"comment": COMMENT, "names": chosen, "version": "0"})
    assert answer.status_code == 409
    filled_again(desk, chosen)
    assert desk.send("/language", {"locale": "en"}).status_code == 303
    desk.follow()
    filled_again(desk, chosen)
    assert "Submit – Draft" in desk.text
    assert desk.send("/actions/submit", {"names": chosen}).status_code == 200
    assert {states(sector)[one] for one in chosen} == {"unit_review"}


def test_the_language_of_a_review_changes_before_anything_was_typed(
    names: dict[str, list[int]], desk: Browser
) -> None:
    reviewed(desk, names[LONG][:2])
    desk.send("/language", {"locale": "en"})
    desk.follow()
    html = desk.page.get_data(as_text=True)
    assert [int(text) for text in re.findall(r'name="names" value="(\d+)"', html)] == names[LONG][:2]
    assert "What you typed" not in desk.text


def test_after_an_ended_session_the_review_is_back_with_its_words_and_ticks(
    names: dict[str, list[int]], desk: Browser, database, clock: FixedClock
) -> None:
    chosen = [names[LONG][0], names[LONG][2]]
    reviewed(desk, chosen)
    clock.advance(timedelta(days=60))
    assert desk.send("/actions/submit", {"comment": COMMENT, "names": chosen}).status_code == 401
    link = re.search(r'href="(/sign-in\?next=[^"]+)"', desk.page.get_data(as_text=True))
    assert link
    desk.open(link[1].replace("&amp;", "&"))
    assert (
        desk.send("/sign-in", {"email": f"{NOMINATOR}@example.vn".lower(), "password": PASSWORD}).status_code
        == 303
    )
    desk.follow()
    filled_again(desk, chosen)


def test_words_for_an_action_that_is_gone_are_shown_to_be_copied(
    sector: Interface, names: dict[str, list[int]], desk: Browser
) -> None:
    reviewed(desk, names[LONG])
    version = sector.get(NOMINATOR, "/submissions/1").json["paper"]["version"]
    order = {"version": version, "nominations": names[LONG]}
    assert sector.post(NOMINATOR, "/submissions/1/actions/submit", order).json["done"] == len(names[LONG])
    assert desk.send("/actions/submit", {"comment": COMMENT, "names": names[LONG]}).status_code == 409
    assert COMMENT.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;") in desk.page.get_data(
        as_text=True
    )
    assert desk.send("/language", {"locale": "en"}).status_code == 303
    desk.follow()
    assert COMMENT in desk.text.replace("&lt;", "<")


def test_words_too_long_for_a_cookie_are_in_their_field(names: dict[str, list[int]], desk: Browser) -> None:
    words = " ".join(f"{number * 7919:x}" for number in range(800))
    reviewed(desk, names[LONG])
    desk.send("/actions/submit", {"comment": words, "names": names[LONG], "version": "0"})
    assert desk.send("/language", {"locale": "en"}).status_code == 303
    desk.follow()
    assert form_of(desk.page, "/actions/submit")["comment"].strip() == words
