"""Views of one's work that have a name: saved, shared, renamed, deleted; on pages and by programs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.functional.test_inbox_narrowed import email_of
from tests.support.interface import Interface
from tests.support.office import AG, Office
from tests.support.pages import Browser, text_of
from tests.support.waiting import many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Refusal
from workflow.operations.people.saved_views import MOST_VIEWS, ViewName, save_view
from workflow.queries.inbox import saved_views as queries
from workflow.store.access import Account
from workflow.store.saved_views import SavedView


@pytest.fixture
def reviewer(office: Office, session: Session, desk: Callable[..., Browser], clock: FixedClock) -> Browser:
    many_submitted(office, session, 3, clock.now())
    return desk(email_of(office, "reviewer"))


def views_of(interface: Interface, part: str) -> list[dict[str, Any]]:
    answer = interface.get(part, "/inbox/views")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json["items"]
    return found


@pytest.mark.parametrize(
    ("locale", "link"), [("vi", "Lưu cách xem này"), ("en", "Save this view")], ids=["vi", "en"]
)
def test_a_view_is_saved_from_the_inbox_and_counts_what_it_finds(
    office: Office, session: Session, reviewer: Browser, locale: str, link: str
) -> None:
    session.execute(update(Account).values(locale=locale))
    session.commit()
    assert link not in text_of(reviewer.open("/")), "there is nothing to save"
    assert link in text_of(reviewer.open("/?tab=groups&unit=vks-ag"))
    assert "/inbox/views?tab=groups&amp;unit=vks-ag" in reviewer.page.text
    reviewer.open("/inbox/views?tab=groups&unit=vks-ag")
    refused = reviewer.send("/inbox/views", {"name": "  ", "is_shared": "true"})
    assert refused.status_code == 422
    assert 'value="vks-ag"' in refused.text, "what is saved is still there"
    assert reviewer.send("/inbox/views", {"name": "An Giang"}).status_code == 303
    page = reviewer.follow()
    assert page.request.full_path == "/?tab=groups&unit=vks-ag"
    assert "An Giang 3" in text_of(page)
    assert 'href="/?tab=groups&amp;unit=vks-ag" aria-current="page"' in page.text
    # The same once more is the same view; another under its name is refused, in capitals too.
    reviewer.open("/inbox/views?tab=groups&unit=vks-ag")
    assert reviewer.send("/inbox/views", {"name": "AN GIANG"}).status_code == 303
    reviewer.open("/inbox/views?unit=vks-ag")
    assert reviewer.send("/inbox/views", {"name": "an giang"}).status_code == 422
    assert [view.name for view in session.scalars(select(SavedView))] == ["An Giang"]


def test_a_view_is_called_otherwise_shared_and_deleted(
    office: Office, session: Session, reviewer: Browser, desk: Callable[..., Browser]
) -> None:
    assert "Thời hạn: Hạn sau tuần này · Đã ở khâu này: từ 7 ngày trở lên" in text_of(
        reviewer.open("/inbox/views?due=later&age=7")
    )
    reviewer.open("/inbox/views?due=later")
    reviewer.send("/inbox/views", {"name": "Sau này"})
    number = session.scalars(select(SavedView.id)).one()
    colleague = desk(email_of(office, "deputy"))
    assert "Sau này" not in text_of(colleague.open("/"))
    assert "Sau này" not in text_of(colleague.open("/inbox/views"))
    reviewer.open("/inbox/views")
    assert reviewer.send(f"/{number}", {"name": "Tuần sau", "is_shared": "true"}).status_code == 303
    maker = session.scalar(select(Account.name).where(Account.id == office.ids["reviewer"]))
    assert f"Tuần sau 0 Của {maker}" in text_of(colleague.open("/"))
    assert f'action="/inbox/views/{number}' not in colleague.open("/inbox/views").text
    stranger = desk(email_of(office, "stranger"))
    assert "Tuần sau" not in text_of(stranger.open("/inbox/views"))
    reviewer.open("/inbox/views")
    assert reviewer.send(f"/{number}/delete").status_code == 303
    assert "Tuần sau" not in text_of(colleague.open("/"))


def test_a_view_whose_conditions_are_gone_says_so_and_is_kept(
    office: Office, session: Session, reviewer: Browser
) -> None:
    for words in ({"unit": "VKS-GONE"}, {"state": "no_step"}, {"no_such_filter": "x"}, {"due": "never"}):
        name = f"view {len(words)} {next(iter(words))}"
        session.add(SavedView(account_id=office.ids["reviewer"], name=name, words=words))
    session.commit()
    page = reviewer.open("/")
    assert page.status_code == 200
    assert text_of(page).count("có điều kiện nay không còn") == 4
    opened = reviewer.open("/?unit=VKS-GONE")
    assert opened.status_code == 422
    assert "“VKS-GONE”" in opened.text


def test_programs_do_the_same_and_nobody_else_touches_a_view(interface: Interface, clock: FixedClock) -> None:
    submitted(interface.office, clock.now())
    said = {"name": "Đơn vị", "unit": AG, "age": 3, "tab": "groups"}
    made = interface.post("reviewer", "/inbox/views", said)
    [view] = made.json["items"]
    assert view["words"] == {"tab": "groups", "unit": AG, "age": "3"}
    assert (view["count"], view["is_valid"], view["is_own"], view["is_shared"]) == (0, True, True, False)
    path = f"/inbox/views/{view['id']}"
    for part in ("deputy", "stranger", "admin"):
        assert interface.call(part, "PATCH", path, json={"name": "x"}).status_code == 404, part
        assert interface.call(part, "DELETE", path).status_code == 404, part
    assert interface.call("reviewer", "PATCH", path, json={"is_shared": True}).json["items"][0]["is_shared"]
    [seen] = views_of(interface, "deputy")
    assert (seen["is_own"], seen["by"]["id"]) == (False, interface.office.ids["reviewer"])
    refused = interface.call("deputy", "PATCH", path, json={"name": "x"})
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert interface.call("stranger", "DELETE", path).status_code == 404
    assert interface.call("reviewer", "PATCH", path, json={"is_shared": False}).status_code == 200
    assert views_of(interface, "deputy") == []
    wrong = interface.post("reviewer", "/inbox/views", {"name": "x", "due": "nowhere"})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "due")
    assert interface.post("reviewer", "/inbox/views", {"name": "x", "colour": "red"}).status_code == 400
    assert interface.call("reviewer", "DELETE", path).status_code == 204
    assert interface.call("reviewer", "DELETE", path).status_code == 404


def test_who_belongs_to_no_unit_sees_no_view_that_somebody_keeps_to_themselves(
    interface: Interface, session: Session
) -> None:
    made = interface.post("reviewer", "/inbox/views", {"name": "Only mine", "unit": AG})
    session.execute(
        update(Account).where(Account.id == interface.office.ids["stranger"]).values(person_id=None)
    )
    session.commit()
    assert views_of(interface, "stranger") == []
    path = f"/inbox/views/{made.json['items'][0]['id']}"
    assert interface.call("stranger", "DELETE", path).status_code == 404
    assert interface.post("stranger", "/inbox/views", {"name": "mine too"}).json["items"][0]["is_own"]


def test_a_count_goes_as_far_as_it_says(
    interface: Interface, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_submitted(interface.office, session, 3, clock.now())
    monkeypatch.setattr(queries, "MOST_COUNTED", 2)
    interface.post("reviewer", "/inbox/views", {"name": "x", "unit": AG})
    interface.post("reviewer", "/inbox/views", {"name": "y", "tab": "done"})
    assert [view["count"] for view in views_of(interface, "reviewer")] == [2, None]


def test_twins_save_one_and_nobody_saves_without_end(
    office: Office, session: Session, database: Database, clock: FixedClock
) -> None:
    actor = office.actor("reviewer", clock.now())

    def save(number: int, name: str) -> int | str:
        with database.sessions() as own:
            try:
                return save_view(
                    own, actor=actor, called=ViewName(name, is_shared=False), words={"age": str(number)}
                )
            except Refusal as refusal:
                return refusal.code

    with ThreadPoolExecutor(4) as pool:
        same = list(pool.map(lambda _: save(3, "ba ngày"), range(4)))
        assert len(set(same)) == 1
        found = list(pool.map(lambda number: save(number, f"{number}"), range(MOST_VIEWS + 3)))
    assert found.count("conflict") == 4
    assert len(session.scalars(select(SavedView.id)).all()) == MOST_VIEWS


def test_of_a_long_inbox_nothing_is_counted(
    office: Office, session: Session, reviewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = SavedView(account_id=office.ids["reviewer"], name="Của đơn vị", words={"unit": AG})
    session.add(row)
    session.commit()
    assert "Của đơn vị 3" in text_of(reviewer.open("/"))
    monkeypatch.setattr(queries, "MOST_WALKED", 2)
    assert "Của đơn vị 3" not in text_of(reviewer.open("/"))
    assert "Của đơn vị" in text_of(reviewer.open("/inbox/views"))
