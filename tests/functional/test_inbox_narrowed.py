"""An inbox narrowed by its address: the same words on its page and for programs, in both languages."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.interface import Interface
from tests.support.office import AG, CLUSTER, ROUND, Office
from tests.support.pages import Browser, text_of
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.queries.inbox.filters import DueGroup, InboxFlag
from workflow.queries.inbox.looks import Tab
from workflow.store.access import Account

# What one name, sent to its unit's review a moment ago, is found by, and what leaves it out.
FITTING: tuple[dict[str, str], ...] = (
    *({"q": words} for words in ("dang quoc dung", "ĐẶNG", "an giang", "vks-ag", "  quốc dũng ")),
    {"unit": AG},
    {"unit": AG.lower()},
    {"round": ROUND, "award": "CSTDCS"},
    {"cluster": CLUSTER},
    {"level": "unit_review"},
    {"state": "unit_review"},
    {"holder": "nobody"},
    {"flag": "unclaimed"},
    {"due": "later"},
    {"tab": "groups"},
)
LEAVING_OUT: tuple[dict[str, str], ...] = (
    {"q": "tran van an"},
    {"q": "%"},
    {"unit": "VKS-DT"},
    {"award": "LDTT"},
    {"level": "council"},
    {"state": "draft"},
    {"holder": "me"},
    {"holder": "other"},
    {"age": "1"},
    {"tab": "mine"},
    {"tab": "waiting"},
    {"tab": "aside"},
    {"tab": "done"},
    *({"due": str(due)} for due in DueGroup if due is not DueGroup.LATER),
    *({"flag": str(flag)} for flag in InboxFlag if flag is not InboxFlag.UNCLAIMED),
)
WRONG: tuple[dict[str, str], ...] = (
    *({name: "nowhere"} for name in ("unit", "cluster", "round", "award", "state", "holder")),
    *({name: "nowhere"} for name in ("level", "due", "age", "flag", "tab")),
    {"age": "0"},
    {"age": "-3"},
    {"holder": "1.5"},
)


@pytest.fixture
def reviewer(office: Office, desk: Callable[..., Browser], clock: FixedClock) -> Browser:
    submitted(office, clock.now())
    office.session.commit()
    return desk(email_of(office, "reviewer"))


def email_of(office: Office, part: str) -> str:
    return str(office.session.scalar(select(Account.email).where(Account.id == office.ids[part])))


def test_page_and_program_find_the_same_by_the_same_words(interface: Interface, clock: FixedClock) -> None:
    submitted(interface.office, clock.now())
    for query in FITTING:
        found = interface.get("reviewer", f"/inbox?{urlencode(query)}")
        assert [item["subject"] for item in found.json["items"]] == ["Đặng Quốc Dũng"], query
        [group] = interface.get("reviewer", f"/inbox/groups?{urlencode(query)}").json["items"]
        assert (group["waiting"], len(group["items"])) == (1, 1)
    for query in LEAVING_OUT:
        found = interface.get("reviewer", f"/inbox?{urlencode(query)}")
        assert (found.status_code, found.json.get("items")) == (200, []), query
    for query in WRONG:
        refused = interface.get("reviewer", f"/inbox?{urlencode(query)}")
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, *query), query


def test_the_page_shows_what_fits_and_says_what_is_no_word(reviewer: Browser) -> None:
    for query in FITTING:
        page = reviewer.open(f"/?{urlencode(query)}")
        assert page.status_code == 200, query
        assert "Đặng Quốc Dũng" in text_of(page), query
    for query in LEAVING_OUT:
        page = reviewer.open(f"/?{urlencode(query)}")
        assert (page.status_code, "Đặng Quốc Dũng" in text_of(page)) == (200, False), query
    for query in WRONG:
        page = reviewer.open(f"/?{urlencode(query)}")
        assert page.status_code == 422, query
        assert f"“{next(iter(query.values()))}”" in page.text, query
    ways = re.findall(r'href="([^"]*)"', reviewer.open("/?tab=nowhere").text)
    assert not [way for way in ways if "nowhere" in way], "what leads on has no wrong tab"


@pytest.mark.parametrize(("locale", "title"), [("vi", "(1) Việc cần xử lý"), ("en", "(1) To do")])
def test_the_number_of_things_stands_in_the_title_and_every_tab_has_its_own(
    office: Office, reviewer: Browser, locale: str, title: str
) -> None:
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    page = reviewer.open("/")
    assert f"<title>{title}" in " ".join(page.text.split())
    for tab in Tab:
        opened = reviewer.open(f"/?tab={tab}")
        assert opened.status_code == 200
        assert opened.text.count('aria-current="page"') >= 1


def test_what_i_sent_on_waits_on_others_until_it_comes_back(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    number = submitted(interface.office, clock.now())
    [item] = interface.get("nominator", "/inbox?tab=waiting").json["items"]
    assert (item["nomination_id"], item["why"]["kind"]) == (number, "sent")
    assert interface.get("nominator", "/inbox/counts").json["waiting"] == 1
    assert interface.get("nominator", "/inbox").json["items"] == []
    assert interface.get("reviewer", "/inbox?tab=waiting").json["items"] == []
    interface.office.act(
        "reviewer", number, "return", clock.now(), comment="Thiếu.", reason_code="achievement_unclear"
    )
    assert interface.get("nominator", "/inbox?tab=waiting").json["items"] == []
    [back] = interface.get("nominator", "/inbox?flag=returned").json["items"]
    assert back["nomination_id"] == number
    [sent] = interface.get("reviewer", "/inbox?tab=waiting").json["items"]
    assert sent["is_returned"]
    session.rollback()


def test_a_filter_opens_nothing(interface: Interface, clock: FixedClock) -> None:
    submitted(interface.office, clock.now())
    for query in FITTING:
        assert interface.get("stranger", f"/inbox?{urlencode(query)}").json["items"] == [], query
        counts = interface.get(
            "stranger", f"/inbox/counts?{urlencode({k: v for k, v in query.items() if k != 'tab'})}"
        ).json
        assert counts["total"] == 0
