"""Who gets in, what they see there, and that nobody learns of what they may not see."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from structlog.testing import capture_logs

from api.edge import request_session
from tests.conftest import Database
from tests.support.interface import DRAFT, PREFIX, Interface
from tests.support.patience import PATIENCE
from tests.support.running import environment, free_port
from workflow.clock import monotonic, wait_for
from workflow.operations.people.tokens import digest
from workflow.store.access import Account, ApiToken, Grant

BODY_SECONDS = 1.0
READS = ("", "/actions", "/events", "/mails")


def assert_unknown(answer) -> None:
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic bm9ib2R5", "Bearer " + "y" * 43, "Bearer " + "z" * 9000]
)
def test_nobody_comes_in_without_a_token_that_lives(interface: Interface, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert_unknown(interface.app.test_client().get(f"{PREFIX}/me", headers=headers))


def test_a_stranger_learns_neither_routes_fields_nor_ids(interface: Interface) -> None:
    client = interface.app.test_client()
    nomination_id = interface.drafted()
    for path in ("/nominations?surprise=1", f"/nominations/{nomination_id}", "/nominations/424242"):
        assert_unknown(client.get(PREFIX + path))
    assert_unknown(client.post(f"{PREFIX}/nominations", data=b"{", content_type="application/json"))


def test_a_token_dies_on_its_day(interface: Interface) -> None:
    assert interface.get("head", "/me").status_code == 200
    interface.clock.advance(timedelta(days=90))
    assert_unknown(interface.get("head", "/me"))


def test_a_token_taken_back_is_dead_at_once(interface: Interface) -> None:
    token = interface.token("head")
    interface.office.session.execute(delete(ApiToken).where(ApiToken.token_hash == digest(token)))
    interface.office.session.commit()
    client = interface.app.test_client()
    assert_unknown(client.get(f"{PREFIX}/me", headers={"Authorization": f"Bearer {token}"}))


def test_a_disabled_account_is_out_at_its_next_request(interface: Interface) -> None:
    assert interface.get("head", "/me").status_code == 200
    session = interface.office.session
    session.execute(
        update(Account)
        .where(Account.id == interface.office.ids["head"])
        .values(disabled_at=interface.clock.now())
    )
    session.commit()
    assert_unknown(interface.get("head", "/me"))


def test_a_grant_that_ends_counts_at_the_next_request(interface: Interface) -> None:
    nomination_id = interface.drafted()
    for part, action in (("nominator", "submit"), ("reviewer", "approve")):
        assert interface.act(part, nomination_id, action).status_code == 200
    assert interface.get("supervisor", f"/nominations/{nomination_id}").status_code == 200
    session = interface.office.session
    session.execute(
        update(Grant)
        .where(Grant.account_id == interface.office.ids["supervisor"])
        .values(valid_to=interface.clock.now().date())
    )
    session.commit()
    assert interface.get("supervisor", f"/nominations/{nomination_id}").status_code == 404


def test_a_cookie_opens_nothing(interface: Interface) -> None:
    client = interface.app.test_client()
    client.set_cookie("commendo", interface.token("admin"))
    assert_unknown(client.get(f"{PREFIX}/me"))


# Who sees a nomination of VKS-AG at each place of its way; everybody else meets 404 at every address of it.
# Whoever supervises the unit from above knows of it by count alone until it was sent beyond the unit.
SEEN_BY = {
    "draft": {"nominator", "reviewer", "deputy", "unit_head", "admin"},
    "unit_review": {"nominator", "reviewer", "deputy", "unit_head", "admin"},
    "council": {"nominator", "reviewer", "deputy", "unit_head", "secretary", "supervisor", "admin"},
    "decision": {"nominator", "reviewer", "deputy", "unit_head", "secretary", "head", "supervisor", "admin"},
}
PARTS = (
    "nominator",
    "reviewer",
    "deputy",
    "other_nominator",
    "other_reviewer",
    "cluster_head",
    "secretary",
    "head",
    "supervisor",
    "admin",
    "stranger",
)


@pytest.mark.parametrize("place", list(SEEN_BY))
def test_every_address_of_a_nomination_opens_to_the_same_people(interface: Interface, place: str) -> None:
    nomination_id = interface.drafted()
    for part, action in (("nominator", "submit"), ("reviewer", "approve"), ("secretary", "approve")):
        if interface.get("admin", f"/nominations/{nomination_id}").json["state"] == place:
            break
        assert interface.act(part, nomination_id, action).status_code == 200
    for part in PARTS:
        sees = part in SEEN_BY[place]
        for path in READS:
            answer = interface.get(part, f"/nominations/{nomination_id}{path}")
            assert answer.status_code == (200 if sees else 404), (part, path)
            if not sees:
                assert "Đặng Quốc Dũng" not in answer.text
        act = interface.post(part, f"/nominations/{nomination_id}/actions/claim", {"version": 99})
        assert act.status_code == (409 if sees else 404), part
        mend = interface.call(part, "PATCH", f"/nominations/{nomination_id}", json={"version": 99})
        assert mend.status_code == (409 if sees else 404), part
        listed = interface.get(part, "/nominations").json["items"]
        assert [item["id"] for item in listed] == ([nomination_id] if sees else []), part


def test_a_canary_of_one_unit_is_in_no_answer_to_another(interface: Interface) -> None:
    canary = "Chim Hoàng Yến"
    nomination_id = interface.drafted(achievement=canary, proposer=canary)
    interface.act("nominator", nomination_id, "submit")
    for path in (
        "/nominations?limit=200",
        "/nominations?q=dang",
        "/inbox",
        "/analytics/bottlenecks",
        "/analytics/bottlenecks?by=unit&time=working",
        f"/nominations/{nomination_id}",
    ):
        answer = interface.get("other_reviewer", path)
        assert canary not in answer.text
        assert "Đặng Quốc Dũng" not in answer.text


def test_nobody_drafts_for_another_unit(interface: Interface) -> None:
    answer = interface.post("other_nominator", "/nominations", DRAFT)
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert interface.get("admin", "/nominations").json["items"] == []


def test_reading_changes_nothing(interface: Interface) -> None:
    nomination_id = interface.drafted()
    interface.act("nominator", nomination_id, "submit")
    before = fingerprint(interface)
    paths = [f"/nominations/{nomination_id}{path}" for path in READS]
    paths += [
        "/me",
        "/inbox",
        "/nominations",
        "/workflows",
        "/awards",
        "/rounds",
        "/units",
        "/analytics/bottlenecks",
        "/obstacles",
    ]
    for path in paths:
        assert interface.get("admin", path).status_code == 200
    assert fingerprint(interface) == before


def fingerprint(interface: Interface) -> list[tuple]:
    session = interface.office.session
    interface.token("admin")
    tables = session.scalars(
        text("SELECT relname FROM pg_stat_user_tables WHERE relname <> 'heartbeat' ORDER BY relname")
    ).all()
    found = [
        (
            name,
            session.scalar(
                text(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{name}" t')
            ),
        )
        for name in tables
    ]
    session.rollback()
    return found


def test_a_connection_that_the_server_ended_does_not_fail_the_request(
    interface: Interface,
) -> None:
    with capture_logs() as lines, interface.app.test_request_context():
        ours = request_session().scalar(text("SELECT pg_backend_pid()"))
        session = interface.office.session
        session.execute(text("SELECT pg_terminate_backend(:ours)"), {"ours": ours})
        gone = text("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = :ours")

        def is_gone() -> bool:
            # A transaction keeps the picture of the activity that it first looked at.
            session.rollback()
            return bool(session.scalar(gone, {"ours": ours}))

        assert wait_for(is_gone, seconds=PATIENCE)
    assert [line["event"] for line in lines] == ["database_connection_lost"]
    assert interface.get("head", "/me").status_code == 200


@pytest.fixture
def web(database: Database, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Start the real web server with little patience for bodies; give its port and what it writes."""
    port, log = free_port(), tmp_path / "web.log"
    changes = f"from api.serving import server; server.BODY_SECONDS = {BODY_SECONDS}"
    start = f"{changes}; from api.cli import main; main()"
    settings = {"COMMENDO_ENV": "development", "COMMENDO_DATABASE_URL": database.url}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", start, "web", "--port", str(port)],
            env={**environment(tmp_path), **settings},
            cwd=tmp_path,
            stdout=output,
            stderr=output,
        )
    try:
        assert wait_for(lambda: answers(port), seconds=PATIENCE), log.read_text(encoding="utf-8")
        yield port, log
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return client.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def trickled(client: socket.socket) -> bytes:
    """Send a byte every tenth of a second until the server answers or ends it; return the answer."""
    client.settimeout(0.1)
    until = monotonic() + PATIENCE
    while monotonic() < until:
        try:
            return client.recv(1000)
        except TimeoutError:
            client.sendall(b" ")
    raise AssertionError("the server still waits")


@pytest.mark.parametrize("path", [f"{PREFIX}/nominations", "/sign-in"])
def test_an_unfinished_body_ends_in_time_and_holds_no_transaction(
    web: tuple[int, Path], database: Database, path: str
) -> None:
    port, log = web
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {'y' * 43}\r\n"
    with (
        socket.create_connection(("127.0.0.1", port)) as client,
        database.sessions() as session,
    ):
        client.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n{{".encode())
        assert not wait_for(lambda: open_transactions(session), seconds=BODY_SECONDS / 2)
        assert trickled(client).startswith(b"HTTP/1.1 400")
    assert answers(port)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def open_transactions(session) -> bool:
    # A transaction keeps the picture of the activity that it first looked at.
    session.rollback()
    others = "datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
    return bool(session.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {others}")))
