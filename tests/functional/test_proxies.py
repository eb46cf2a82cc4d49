"""Who asks, and under which address: as proxies in front say, never as a client says."""

import re

import pytest
from sqlalchemy import select

from api.wsgi import create_app
from tests.support.interface import DRAFT, PREFIX, Interface, settings_for_tests
from workflow.settings import SettingsError, load
from workflow.store.access import SignInAttempt

CLIENT, FORGED = "198.51.100.7", "203.0.113.66"
POISON = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Prefix": "/evil"}


def seen_with(interface: Interface, tmp_path, *, proxies: int, forwarded: str) -> str:
    """Return the address that a wrong password was counted against."""
    settings = settings_for_tests(tmp_path).model_copy(update={"trusted_proxies": proxies})
    app = create_app(settings, sessions=interface.app.extensions["commendo"].sessions, clock=interface.clock)
    client = app.test_client()
    page = client.get("/sign-in", base_url=settings.base_url).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    client.post(
        "/sign-in",
        base_url=settings.base_url,
        data={"email": "nv01@example.vn", "password": "một mật khẩu nào đó", "csrf_token": token[1]},
        headers={"X-Forwarded-For": forwarded, "X-Forwarded-Host": "evil.example.com"},
        environ_base={"REMOTE_ADDR": "192.0.2.10"},
    )
    newest = select(SignInAttempt.address).order_by(SignInAttempt.id.desc()).limit(1)
    found = interface.office.session.scalar(newest)
    interface.office.session.rollback()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, FORGED, "192.0.2.10"),
        (1, CLIENT, CLIENT),
        (1, f"{FORGED}, {CLIENT}", CLIENT),
        (2, f"{FORGED}, {CLIENT}, 10.0.0.1", CLIENT),
        (2, CLIENT, "192.0.2.10"),
        (1, f"{FORGED}, {CLIENT}:51234", CLIENT),
        (1, f"{FORGED}, [2001:db8:1:2:3::4]:51234", "2001:db8:1:2::/64"),
    ],
)
def test_as_many_entries_are_believed_as_there_are_proxies(
    interface: Interface, tmp_path, proxies: int, forwarded: str, seen: str
) -> None:
    assert seen_with(interface, tmp_path, proxies=proxies, forwarded=forwarded) == seen


@pytest.mark.parametrize("base_url", ["https://khen.example.vn", "https://khen.example.vn/thi-dua"])
def test_what_a_client_calls_this_site_leads_nowhere(interface: Interface, tmp_path, base_url: str) -> None:
    settings = settings_for_tests(tmp_path).model_copy(update={"base_url": base_url})
    app = create_app(settings, sessions=interface.app.extensions["commendo"].sessions, clock=interface.clock)
    token = {"Authorization": f"Bearer {interface.token('nominator')}"}
    made = app.test_client().post(
        f"{PREFIX}/nominations",
        json=DRAFT,
        headers={**token, **POISON},
        environ_base={"SCRIPT_NAME": "/evil"},
    )
    assert made.headers["Location"] == f"{base_url}{PREFIX}/nominations/{made.json['id']}"
    for path in ("/", "/inbox", "/sign-in", "/docs", "/openapi.json", "/nothing-here"):
        answer = app.test_client().get(path, headers=POISON, environ_base={"SCRIPT_NAME": "/evil"})
        assert "evil" not in answer.get_data(as_text=True) + str(answer.headers), path


def test_the_path_of_the_site_is_found_however_the_proxy_passes_it_on(interface: Interface, tmp_path) -> None:
    settings = settings_for_tests(tmp_path).model_copy(update={"base_url": "https://khen.example.vn/thi-dua"})
    app = create_app(settings, sessions=interface.app.extensions["commendo"].sessions, clock=interface.clock)
    for path in ("/thi-dua/", "/"):
        assert app.test_client().get(path).location.startswith("/thi-dua/sign-in")
    page = app.test_client().get("/thi-dua/sign-in").get_data(as_text=True)
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
    assert links
    assert all(link.startswith("/thi-dua/") for link in links), links
    assert app.test_client().get("/thi-duau").status_code == 404


@pytest.mark.parametrize("count", ["-1", "10", "one", "1.5"])
def test_a_number_of_proxies_that_cannot_be_is_refused_by_name(monkeypatch, count: str) -> None:
    monkeypatch.setenv("COMMENDO_TRUSTED_PROXIES", count)
    with pytest.raises(SettingsError, match="COMMENDO_TRUSTED_PROXIES"):
        load()
