"""Routes, awards and days in the browser: shown, checked by line, compared and published; for nobody else."""

import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.definitions import text_of as route_text
from tests.support.importing import Desk as Importing
from tests.support.office import Office
from tests.support.pages import Browser, form_of, forms_of, text_of
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden
from workflow.domain.vocabulary import Via
from workflow.operations.setup.publish import publish_definition
from workflow.store.awards import WorkflowDefinition
from workflow.store.history import Event

Desk = Callable[..., Browser]


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return desk("nv24@example.vn")


def newest(database: Database) -> int:
    with database.sessions() as session:
        key = WorkflowDefinition.key == "standard"
        return session.scalars(select(func.max(WorkflowDefinition.version)).where(key)).one()


def later(database: Database, **changes: str) -> str:
    """Return the standard route as its next version, with some of its words changed."""
    version = newest(database)
    text = route_text("standard").replace(f"version: {version}", f"version: {version + 1}", 1)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def test_a_route_is_checked_compared_and_published_once(
    admin: Browser, database: Database, office: Office
) -> None:
    before = newest(database)
    text = later(database).replace("due: 5 working_days", "due: 3 working_days", 1)
    admin.open("/admin/routes")
    page = admin.send("/admin/routes/check", {"text": text})
    assert page.status_code == 200
    assert "5 working_days → 3 working_days" in text_of(page)
    assert newest(database) == before, "checking publishes nothing"
    form = form_of(page, "/admin/routes")
    assert form["text"].strip() == text.strip()
    done = admin.send("/admin/routes")
    assert done.status_code == 303
    assert "Đã ban hành" in text_of(admin.follow())
    data = {name: value for name, value in form.items() if name}
    again = admin.answer_to("/admin/routes", data)
    assert again.status_code == 303
    assert "Không có gì mới" in text_of(admin.open(again.location))
    with database.sessions() as session:
        events = session.scalars(
            select(Event).where(Event.stream == "definition:standard", Event.via == "web")
        ).all()
        assert [event.actor_id for event in events] == [office.ids["admin"]]
    assert newest(database) == before + 1


def test_every_problem_of_a_file_is_named_with_its_line(admin: Browser, database: Database) -> None:
    admin.open("/admin/routes")
    for content, said in (
        (later(database).replace("stage: unit_review", "stage: nowhere", 1).encode(), "route.yaml:"),
        (route_text("standard").replace("5 working_days", "4 working_days", 1).encode(), "raise the version"),
        ("key: x".encode("utf-16"), "UTF-16"),
        (b"\xff\xff", "UTF-8"),
        (b"a: &b [*b]", "route.yaml:1"),
    ):
        admin.open("/admin/routes")
        form = form_of(admin.page, "/admin/routes/check")
        data = {name: value for name, value in form.items() if name and name != "file"}
        page = admin.post("/admin/routes/check", {**data, "file": (io.BytesIO(content), "x.yaml")})
        if page.status_code == 200:
            # What only the database knows, that this version has other content, is told when it is published.
            admin.page = page
            page = admin.send("/admin/routes")
        assert page.status_code == 422, said
        assert said in text_of(page), text_of(page)
    admin.open("/admin/routes")
    assert "Hãy chọn tệp" in text_of(admin.send("/admin/routes/check"))
    assert admin.open("/admin/routes/standard/999").status_code == 404
    assert admin.open("/admin/routes/nothing/1").status_code == 404


AWARDS = (
    "code,vi,en,kind,workflow,valid_from,valid_to,regime\n"
    "MOI,Danh hiệu mới,New title,individual,standard,2025-07-01,2027-02-28,R2022_152\n"
    "RIENG,Danh hiệu riêng,Own title,individual,standard,2025-07-01,,Quy chế 12/QC\n"
    "CHOI,Danh hiệu chơi,Played title,individual,standard,2025-07-01,,PLAY\n"
)


def test_what_is_published_and_the_awards_and_days_are_shown(
    admin: Browser, database: Database, session: Session, clock: FixedClock
) -> None:
    page = admin.open(f"/admin/routes/standard/{newest(database)}")
    assert "stateDiagram-v2" in text_of(page)
    for said in (
        "Người lập hồ sơ, đơn vị đề nghị",
        "5 ngày làm việc Trước hạn 2 ngày làm việc: nhắc người đang giữ việc",
        "Quá hạn 1 ngày làm việc: báo cáo lãnh đạo nơi giữ việc",
    ):
        assert said in text_of(page), (said, text_of(page))
    for code in ("nominator@subject.unit", "5 working_days", "escalate"):
        assert code not in text_of(page)
    Importing(session, clock.now()).take("awards", AWARDS)
    awards = text_of(admin.open("/admin/awards"))
    assert "CSTDCS" in awards
    # The last day itself, and the words of the route and of the decree instead of their codes.
    for said in ("đến chủ Nhật, ngày 28/2/2027", "Theo Nghị định 152/2025/NĐ-CP", "Quy trình bình xét chung"):
        assert said in awards, awards
    for said in ("Theo văn bản: Quy chế 12/QC", "Chỉ dùng cho bản trình diễn"):
        assert said in awards, awards
    assert "R2022_152" not in awards
    assert "PLAY" not in awards
    assert re.search(r"Ngày nghỉ và ngày làm bù [1-9]\d", text_of(admin.open("/admin")))
    assert "/admin/imports?kind=calendar" in admin.open("/admin/calendar").get_data(as_text=True)
    for year in ("2026", "0", "x", "99999999999", "²"):
        assert admin.open(f"/admin/calendar?year={year}").status_code in {200, 422}, year
    home = admin.open("/admin").get_data(as_text=True)
    for path in ("accounts", "routes", "awards", "calendar", "imports"):
        assert f"/admin/{path}" in home


def test_nobody_else_finds_or_publishes_any_of_it(
    desk: Desk, admin: Browser, database: Database, office: Office, clock: FixedClock
) -> None:
    before = newest(database)
    seated = desk("nv23@example.vn")
    for path in ("/admin/routes", f"/admin/routes/standard/{before}", "/admin/awards", "/admin/calendar"):
        assert seated.open(path).status_code == 404
    token = form_of(seated.open("/"), "/sign-out")["csrf_token"]
    for path in ("/admin/routes", "/admin/routes/check"):
        data = {"csrf_token": token, "text": later(database)}
        assert seated.answer_to(path, data).status_code == 404
        assert admin.answer_to(path, {"text": later(database)}).status_code == 400
    with database.sessions() as session, pytest.raises(Forbidden):
        publish_definition(
            session, text=later(database), filename="x", actor=office.actor("supervisor", clock.now()),
            via=Via.WEB, now=clock.now(),
        )  # fmt: skip
    assert newest(database) == before
    assert forms_of(admin.open("/admin/routes"), "/admin/routes/check")
