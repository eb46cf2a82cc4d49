"""Who is away and who acts, on pages and over JSON: said, put right, ended, by whom it may be."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.pages.views.me import absences as view
from tests.support.absences import go_away
from tests.support.interface import Interface
from tests.support.office import AG, ROUND, Office
from tests.support.pages import Browser, fields_of_forms, text_of
from tests.support.waiting import add_account, submitted
from workflow.clock import FixedClock
from workflow.queries import absences as query
from workflow.store.absences import Absence, Substitute
from workflow.store.access import Account

REVIEWER = f"unit_reviewer@unit:{AG}"


def seated(desk: Callable[..., Browser], office: Office, part: str, locale: str = "vi") -> Browser:
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    return desk(str(office.session.scalar(select(Account.email).where(Account.id == office.ids[part]))))


def absences(office: Office) -> list[Absence]:
    office.session.rollback()
    rows = select(Absence).order_by(Absence.id).execution_options(populate_existing=True)
    return list(office.session.scalars(rows))


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("vi", ("Ngày này đã qua", "Sắp tới", "Xử lý thay: deputy NV03", "Hủy đợt vắng mặt")),
        ("en", ("The day has passed", "To come", "Acting: deputy NV03", "Cancel the absence")),
    ],
)
def test_somebody_says_on_the_page_that_they_are_away_and_takes_it_back(
    office: Office, desk: Callable[..., Browser], locale: str, words: tuple[str, ...]
) -> None:
    passed, coming, acting, cancel = words
    mine = seated(desk, office, "reviewer", locale)
    assert 'href="/me/absence"' in mine.open("/").text
    mine.open("/me/absence")
    deputy = str(office.ids["deputy"])
    page = mine.send("/me/absence", {"first": "1/3/2026", "last": "6/3/2026", "substitutes": deputy})
    assert page.status_code == 422
    assert passed in text_of(page)
    assert 'value="1/3/2026"' in page.text, "what was typed stays"
    assert mine.send("/me/absence", {"first": "", "last": "x"}).status_code == 422
    done = mine.send("/me/absence", {"first": "4/3/2026", "last": "06/03/2026", "substitutes": deputy})
    assert (done.status_code, done.headers["Location"]) == (303, "/me/absence")
    [row] = absences(office)
    assert (f"{row.valid_from}", f"{row.valid_to}") == ("2026-03-04", "2026-03-07")
    page = mine.open("/me/absence")
    for said in (coming, acting, cancel):
        assert said in text_of(page)
    page = mine.open(f"/absences/{row.id}")
    assert 'value="04/03/2026"' in page.text
    changed = mine.send(f"/absences/{row.id}", {"last": "9/3/2026"})
    assert changed.status_code == 303, changed.text
    [row] = absences(office)
    assert f"{row.valid_to}" == "2026-03-10"
    assert office.session.scalar(select(Substitute.account_id)) == int(deputy)
    mine.open("/me/absence")
    assert mine.send(f"/absences/{row.id}/end", {}).status_code == 303
    [row] = absences(office)
    assert row.ended_at is not None


def test_a_form_sent_twice_is_one_absence_and_one_seen_before_changes_nothing(
    office: Office, desk: Callable[..., Browser]
) -> None:
    mine = seated(desk, office, "reviewer")
    page = mine.open("/me/absence")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    said = {**fields, "first": "4/3/2026", "last": "6/3/2026", "seat": REVIEWER}
    for _ in range(2):
        assert mine.answer_to("/me/absence", said).status_code == 303
    [row] = absences(office)
    assert row.key == REVIEWER
    mine.open(f"/absences/{row.id}")
    stale = mine.send(f"/absences/{row.id}", {"changed_at": "2020-01-01T00:00:00+00:00"})
    assert stale.status_code == 409
    assert "vừa sửa" in text_of(stale)


def test_the_office_says_it_of_its_people_and_nobody_else_does(
    office: Office, desk: Callable[..., Browser]
) -> None:
    head = seated(desk, office, "unit_head")
    page = head.open("/absences")
    assert "deputy NV03" in text_of(page)
    [asked] = [form for form in fields_of_forms(page) if "account_id" in form]
    assert asked["account_id"] == "", "of several people nobody is chosen before somebody chooses"
    unsaid = head.open("/absences/new?account_id=")
    assert unsaid.status_code == 422
    assert "Hãy chọn người." in text_of(unsaid)
    unasked = head.open("/absences/new")
    assert (unasked.status_code, "Hãy chọn người." in text_of(unasked)) == (200, False)
    deputy = office.ids["deputy"]
    head.open(f"/absences/new?account_id={deputy}")
    done = head.send(
        "/absences/new",
        {"first": "2/3/2026", "last": "2/3/2026", "substitutes": str(office.ids["nominator"])},
    )
    assert (done.status_code, done.headers["Location"]) == (303, "/absences")
    assert "nominator NV01" in text_of(head.open("/absences"))
    [row] = absences(office)
    stranger = seated(desk, office, "other_nominator")
    assert stranger.open("/absences").status_code == 403
    assert stranger.open(f"/absences/new?account_id={deputy}").status_code == 404
    assert stranger.open(f"/absences/{row.id}").status_code == 404
    token = re.findall(r'name="csrf_token" value="([^"]+)"', stranger.open("/").text)[0]
    for path in (f"/absences/{row.id}/end", f"/absences/{row.id}", "/absences/new"):
        said = {"csrf_token": token, "first": "2/3/2026", "last": "3/3/2026", "account_id": str(deputy)}
        assert stranger.answer_to(path, said).status_code == 404
    acting = seated(desk, office, "nominator")
    page = acting.open(f"/absences/{row.id}")
    assert page.status_code == 200
    assert "<select" not in page.text, "who acts reads it and changes nothing"


def test_an_office_of_more_people_than_are_listed_names_the_others_by_their_address(
    office: Office, desk: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "MOST_PEOPLE", 1)
    monkeypatch.setattr(view, "MOST_PEOPLE", 1)
    admin = seated(desk, office, "admin")
    page = admin.open("/absences")
    assert page.text.count('<option value="') == 2, "nobody, and the first"
    assert "chỉ gợi ý 1 người" in text_of(page)
    assert "reviewer NV02" in text_of(admin.open("/absences/new?account_id=&email=NV02@example.vn"))
    assert admin.open("/absences/new?account_id=&email=nobody@example.vn").status_code == 404
    reviewer = seated(desk, office, "deputy")
    assert reviewer.open("/absences/new?email=nv02@example.vn").status_code == 404


def test_substitutes_that_a_program_named_stay_when_a_page_corrects_the_days(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock
) -> None:
    names = [f"more-{number}" for number in range(4)]
    for name in names:
        office.ids[name] = add_account(session, f"{name}@example.vn", f"unit_deputy@unit:{AG}", clock.now())
    absence_id = go_away(office, clock, "reviewer", *names)
    page = seated(desk, office, "reviewer").open(f"/absences/{absence_id}")
    assert [str(office.ids[name]) for name in names] == re.findall(r'value="(\d+)" selected', page.text)


def test_the_inbox_history_and_buttons_say_in_whose_place(
    office: Office, desk: Callable[..., Browser], clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    go_away(office, clock, "reviewer", "deputy")
    acting = seated(desk, office, "deputy")
    page = acting.open("/")
    assert "Xử lý thay reviewer NV02" in text_of(page)
    assert "Bạn đang xử lý thay reviewer NV02 đến hết" in text_of(page)
    page = acting.open(f"/nominations/{number}")
    assert acting.send(f"/nominations/{number}/actions/approve", {}).status_code == 303
    assert "Xử lý thay reviewer NV02" in text_of(acting.open(f"/nominations/{number}"))


def test_programs_say_the_same(interface: Interface, clock: FixedClock) -> None:
    office = interface.office
    ids = office.ids
    found = interface.get("reviewer", "/substitutions/choices").json
    assert {one["id"] for one in found["substitutes"]} >= {ids["deputy"], ids["nominator"]}
    body = {"first": "2026-03-02", "last": "2026-03-06", "substitutes": [ids["deputy"]]}
    key = {"Idempotency-Key": "away-1"}
    made = interface.post("reviewer", "/substitutions", body, headers=key)
    assert made.status_code == 201, made.text
    again = interface.post("reviewer", "/substitutions", body, headers=key)
    assert again.json["id"] == made.json["id"]
    assert (made.json["state"], made.json["can_change"]) == ("now", True)
    me = interface.get("deputy", "/me").json
    assert me["substitutions"][0]["person"]["id"] == ids["reviewer"]
    assert REVIEWER in me["substitutions"][0]["keys"]
    assert interface.get("reviewer", "/me").json["away_until"] == "2026-03-06"
    refused = interface.post("reviewer", "/substitutions", body)
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (409, "absence_overlaps")
    number = interface.drafted()
    interface.act("nominator", number, "submit")
    [item] = interface.get("deputy", "/inbox").json["items"]
    assert item["why"] == {"kind": "substitute", "source": REVIEWER, "absent": "reviewer NV02"}
    assert interface.act("deputy", number, "approve").status_code == 200
    events = interface.get("deputy", f"/nominations/{number}/events").json["items"]
    assert events[-1]["substitute_for"]["id"] == ids["reviewer"]
    one = f"/substitutions/{made.json['id']}"
    assert interface.get("other_nominator", one).status_code == 404
    assert interface.post("deputy", f"{one}/actions/end").status_code == 404
    assert [a["id"] for a in interface.get("deputy", "/substitutions").json["items"]] == [made.json["id"]]
    assert interface.get("supervisor", "/substitutions?office=true").json["items"] != []
    put = {"first": "2026-03-02", "last": "2026-03-03", "substitutes": []}
    assert interface.call("reviewer", "PUT", one, json=put).json["last"] == "2026-03-03"
    assert interface.post("reviewer", f"{one}/actions/end").json["state"] == "ended"
    clock.advance(timedelta(days=1))
    assert interface.get("reviewer", "/me").json["away_until"] is None


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("vi", "reviewer NV02 vắng mặt đến hết thứ Sáu, ngày 6/3/2026; xử lý thay: deputy NV03"),
        ("en", "reviewer NV02 is away until Friday, 6 March 2026; acting: deputy NV03"),
    ],
)
def test_wherever_the_holder_stands_it_is_said_until_when_they_are_away_and_who_acts(
    office: Office, desk: Callable[..., Browser], clock: FixedClock, locale: str, said: str
) -> None:
    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    above = seated(desk, office, "admin", locale)
    places = (f"/nominations/{number}", "/nominations", f"/rounds/{ROUND}/board")
    for path in places:
        page = above.open(path)
        assert "reviewer NV02" in text_of(page)
        assert said not in text_of(page), path
    go_away(office, clock, "reviewer", "deputy", "nominator")
    for path in places:
        assert said in text_of(above.open(path)), path
        assert f"{said}, nominator NV01" not in text_of(above.open(path)), "the first acts, and nobody else"
    assert said in text_of(seated(desk, office, "deputy", locale).open("/")), "among the work of who acts"
    assert said in text_of(seated(desk, office, "reviewer", locale).open("/")), "and of who is away"


def test_programs_read_it_too_and_the_nominee_reads_nothing_of_it(
    interface: Interface, clock: FixedClock
) -> None:
    office = interface.office
    number = interface.drafted(person="NV03")
    interface.act("nominator", number, "submit")
    interface.act("reviewer", number, "claim")
    go_away(office, clock, "reviewer", "deputy", "nominator")
    for path in ("/nominations", "/inbox"):
        # The deputy was asked first, and acts for nobody on their own file.
        [item] = interface.get("nominator", path).json["items"]
        assert item["holder"]["assignee"]["id"] == office.ids["reviewer"]
        assert item["holder"]["away_until"] == "2026-03-06"
        assert item["holder"]["substitutes"] == ["nominator NV01"]
    [item] = interface.get("deputy", "/nominations").json["items"]
    assert (item["holder"]["assignee"], item["holder"]["away_until"]) == (None, None)
