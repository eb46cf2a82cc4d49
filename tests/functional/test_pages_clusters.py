"""Clusters, their rotation, barred units and movements, as people without scripts meet them."""

import pytest
from sqlalchemy import select, update

from tests.support.office import AG, CLUSTER, DT, ROUND, TOP
from workflow.store.access import Account
from workflow.store.awards import Campaign, Round
from workflow.store.organisation import BarredUnit, Cluster, ClusterMember

NOMINATOR, CLUSTER_HEAD, HEAD, SUPERVISOR, ADMIN = (
    f"nv{number}@example.vn" for number in ("01", "13", "22", "23", "24")
)


def cluster(session, code=CLUSTER):
    return session.scalar(
        select(Cluster).where(Cluster.code == code).execution_options(populate_existing=True)
    )


def test_a_supervisor_sets_who_heads_and_everybody_reads_whom_to_call(desk, session):
    supervisor, path = desk(SUPERVISOR), f"/clusters/{cluster(session).id}"
    supervisor.open(path)
    sent = {"head": AG, "deputy": DT, "how": "appointed", "since": "2026-03-02"}
    assert supervisor.send("/officers", sent).status_code == 303
    assert "Đã lưu" in supervisor.follow().get_data(as_text=True)
    reader = desk(NOMINATOR)
    reader.open("/clusters")
    for words in ("Cụm trưởng VKSND tỉnh An Giang", "0296 385 2345", "Đang giữ nhiệm vụ: reviewer NV02"):
        assert words in reader.text
    page = reader.open(path).get_data(as_text=True)
    assert "/officers" not in page
    assert "làm trưởng: 2026" in reader.text


def test_officers_who_may_not_be_come_back_with_reasons_and_what_was_chosen(desk, session):
    supervisor = desk(SUPERVISOR)
    supervisor.open("/clusters/barred")
    bar = {"unit": DT, "year": "2025", "reason": "Có công chức bị kỷ luật."}
    assert supervisor.send("/clusters/barred", bar).status_code == 303
    assert "Có công chức bị kỷ luật." in supervisor.follow().get_data(as_text=True)
    assert supervisor.send("/clusters/barred", bar).status_code == 409
    assert "đã được ghi cho năm đó" in supervisor.text
    supervisor.open(f"/clusters/{cluster(session).id}")
    refused = supervisor.send("/officers", {"head": DT, "deputy": DT, "how": "elected"})
    assert refused.status_code == 422
    for words in ("không thể vừa là trưởng vừa là phó", "không được xét thi đua năm 2025"):
        assert words in supervisor.text
    assert f'<option selected value="{DT}">' in refused.get_data(as_text=True)
    supervisor.open("/clusters/barred")
    assert supervisor.send("/remove").status_code == 303
    assert session.scalar(select(BarredUnit)) is None


def test_a_cluster_is_made_and_changed_by_those_who_run_it(desk, session):
    admin = desk(ADMIN)
    admin.open("/clusters/new")
    unsaid = {"owner": TOP, "year": "2025", "number": "3", "name": "Khối 3", "members": AG}
    assert admin.send("/clusters/new", unsaid).status_code == 422
    assert "Hãy chọn một mục trong danh sách." in admin.text
    wrong = {"owner": TOP, "year": "2025", "number": "x", "kind": "block", "name": "Khối 3", "members": AG}
    assert admin.send("/clusters/new", wrong).status_code == 422
    assert "Khối 3" in admin.page.get_data(as_text=True)
    assert admin.send("/clusters/new", {**wrong, "number": "3"}).status_code == 303
    made = cluster(session, "2025/VKSTC/3")
    assert (made.kind, made.name) == ("block", "Khối 3")
    admin.follow()
    assert admin.send("/edit", {"members": DT, "name": "Khối A"}).status_code == 303
    members = session.scalars(select(ClusterMember.unit_id).where(ClusterMember.cluster_id == made.id)).all()
    assert len(members) == 1
    admin.open("/clusters/new")
    assert admin.send("/clusters/new", {**wrong, "number": "3"}).status_code == 409
    assert "đã có Cụm (Khối) mang số đó" in admin.text
    assert desk(NOMINATOR).open("/clusters/new").status_code == 403


def test_a_vote_is_recorded_by_the_clusters_head_who_appoints_nobody(desk, session):
    head = desk(CLUSTER_HEAD)
    page = head.open(f"/clusters/{cluster(session).id}").get_data(as_text=True)
    assert "Bầu" in page
    assert "Chỉ định" not in page
    assert head.send("/officers", {"head": AG, "how": "elected"}).status_code == 303
    assert cluster(session).headed_how == "elected"


def test_the_next_year_is_proposed_with_reasons_and_opened_once(desk, session):
    supervisor = desk(SUPERVISOR)
    supervisor.open(f"/clusters/{cluster(session).id}")
    supervisor.send("/officers", {"head": AG, "deputy": DT, "how": "appointed"})
    supervisor.open("/clusters")
    address = f"/clusters/rotation?owner={TOP}&year=2027"
    assert address.replace("&", "&amp;") in supervisor.page.get_data(as_text=True)
    supervisor.open(address)
    assert "VKSND tỉnh Đồng Tháp là phó năm 2026; phó năm trước làm trưởng năm sau." in supervisor.text
    assert "VKS-DT" not in supervisor.text
    speak(session, "en")
    supervisor.open(address)
    assert "VKSND tỉnh Đồng Tháp was deputy in 2026; the deputy of a year heads the next." in supervisor.text
    assert "VKS-DT" not in supervisor.text
    speak(session, "vi")
    page = supervisor.open(address)
    action = form_action(page)
    # Nobody is recorded as appointed because it stood first.
    assert supervisor.send(action, {"head-1": DT}).status_code == 422
    assert "Hãy chọn một mục trong danh sách." in supervisor.text
    assert f'<option value="{DT}" selected' in supervisor.page.text
    supervisor.page = page
    assert supervisor.send(action, {"how": "appointed", "head-1": DT, "deputy-1": DT}).status_code == 422
    assert "không thể vừa là trưởng vừa là phó" in supervisor.text
    supervisor.page = page
    opened = supervisor.send(action, {"how": "appointed"})
    assert (opened.status_code, opened.location) == (303, f"/clusters?year=2027&owner={TOP}")
    assert "Đã mở năm 2027 với 1 Cụm (Khối)." in supervisor.follow().get_data(as_text=True)
    supervisor.page = page
    assert supervisor.send(action, {"how": "appointed"}).location == opened.location
    reader = desk(HEAD)
    assert "Năm 2027 đã có Cụm, Khối." in reader.open(address).get_data(as_text=True)
    assert desk(NOMINATOR).open(address).status_code == 403


def speak(session, locale):
    session.execute(update(Account).values(locale=locale))
    session.commit()


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("vi", ("VKSND tỉnh Đồng Tháp không thể vừa là", "VKSND tỉnh Đồng Tháp không được xét thi đua")),
        ("en", ("VKSND tỉnh Đồng Tháp cannot be head", "VKSND tỉnh Đồng Tháp was not considered")),
    ],
)
def test_a_refusal_calls_units_by_their_names(desk, session, locale, said):
    supervisor = desk(SUPERVISOR)
    supervisor.open("/clusters/barred")
    supervisor.send("/clusters/barred", {"unit": DT, "year": "2025", "reason": "Có công chức bị kỷ luật."})
    speak(session, locale)
    supervisor.open(f"/clusters/{cluster(session).id}")
    assert supervisor.send("/officers", {"head": DT, "deputy": DT, "how": "elected"}).status_code == 422
    for words in said:
        assert words in supervisor.text


def form_action(page):
    """Return the address the rotation's form is sent to."""
    html = page.get_data(as_text=True)
    return html.split('<form method="post" action="/clusters/rotation')[1].split('"')[0].replace("&amp;", "&")


def test_a_tree_of_movements_with_its_rounds(desk, session):
    supervisor = desk(SUPERVISOR)
    supervisor.open("/campaigns/new")
    top = {"title": "Cả nước thi đua", "code": "TQ-2026", "owner": TOP, "year": "2026"}
    assert supervisor.send("/campaigns/new", {**top, "code": "a/b"}).status_code == 422
    assert "Cả nước thi đua" in supervisor.page.get_data(as_text=True)
    assert supervisor.send("/campaigns/new", top).status_code == 303
    supervisor.open("/campaigns/new")
    below = {**top, "title": "Ngành thi đua", "code": "NGANH-2026", "parent": "TQ-2026"}
    below |= {"directive_number": "01/CT-VKSTC", "directive_on": "2026-01-05"}
    assert supervisor.send("/campaigns/new", below).status_code == 303
    sector = session.query(Campaign).filter_by(code="NGANH-2026").one()
    session.query(Round).filter_by(code=ROUND).update({"campaign_id": sector.id})
    session.commit()
    reader = desk(NOMINATOR)
    reader.open("/campaigns")
    for words in ("Ngành thi đua", "Chỉ thị số 01/CT-VKSTC", "Đợt xét năm 2026", "(0 hồ sơ)"):
        assert words in reader.text
    assert "/campaigns/new" not in reader.page.get_data(as_text=True)
    assert reader.open("/campaigns/TQ-2026/edit").status_code == 403
    supervisor.open("/campaigns/TQ-2026/edit")
    assert supervisor.send("/edit", {"parent": "NGANH-2026"}).status_code == 422
    assert "nằm dưới TQ-2026" in supervisor.text
    supervisor.open("/campaigns/NGANH-2026/edit")
    assert supervisor.send("/edit", {"title": "Ngành vượt khó"}).status_code == 303
    assert "Ngành vượt khó" in supervisor.follow().get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/clusters", "Clusters and blocks"),
        ("/clusters?year=all", "All years"),
        ("/clusters/barred", "Units not considered for emulation"),
        ("/clusters/new", "New cluster or block"),
        (f"/clusters/rotation?owner={TOP}&year=2027", "nothing is recorded until you open the year"),
        ("/campaigns", "There are no campaigns yet."),
        ("/campaigns/new", "Launch a campaign"),
    ],
)
def test_every_page_is_there_in_english_too(desk, path, words):
    supervisor = desk(SUPERVISOR)
    supervisor.open(path)
    assert supervisor.send("/language", {"locale": "en"}).status_code == 303
    supervisor.follow()
    assert words in supervisor.text


def test_another_movement_by_the_same_form_is_said_as_of_a_form_and_not_as_of_a_key(desk):
    supervisor = desk(SUPERVISOR)
    form = supervisor.open("/campaigns/new")
    first = {"title": "Cả nước thi đua", "code": "TQ-2026", "owner": TOP, "year": "2026"}
    assert supervisor.send("/campaigns/new", first).status_code == 303
    supervisor.page = form
    assert supervisor.send("/campaigns/new", {**first, "code": "TQ-2027"}).status_code == 422
    assert "Biểu mẫu này đã được gửi một lần với nội dung khác." in supervisor.text
    assert "khóa" not in supervisor.text.casefold()
