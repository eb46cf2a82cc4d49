"""`/metrics`: for whoever holds its token, in a format that others read, counted over all web processes."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import func, select

from api.wsgi import create_app
from tasks.smtp import SmtpTransport
from tests.support.interface import Interface, settings_for_tests
from tests.support.mail import BASE_URL, SENDER, mail_server
from tests.support.patience import PATIENCE
from tests.support.processes import crew
from tests.support.running import CHECKOUT, free_port
from workflow.clock import wait_for
from workflow.domain.mails.preferences import UNFOLDED
from workflow.operations.mail.post import Post
from workflow.operations.sweep.heartbeat import Pulse, beat
from workflow.operations.sweep.sweep import sweep
from workflow.store.nominations import Rung

TOKEN = "a token of Prometheus alone, long enough"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
MONITORING = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
# The format's own grammar, apart from the library that wrote it (exposition format 0.0.4).
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
LINE = re.compile(
    rf"# (?:HELP|TYPE) [a-zA-Z_:][\w:]* .+"
    rf"|[a-zA-Z_:][\w:]*(?:\{{{LABEL}(?:,{LABEL})*,?\}})? [-+.eE\d]+(?: \d+)?"
)


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    for line in text.splitlines():
        assert LINE.fullmatch(line), line
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, "a series stands twice"
            found[key] = sample.value
    return found


@pytest.fixture
def app(interface: Interface, database, tmp_path: Path):
    settings = settings_for_tests(tmp_path).model_copy(update={"metrics_token": SecretStr(TOKEN)})
    return create_app(settings, sessions=database.sessions, clock=interface.clock)


def test_only_its_token_opens_it_and_without_one_it_is_not_there(interface: Interface, app) -> None:
    off = interface.app.test_client().get("/metrics", headers=BEARER)
    assert (off.status_code, off.json["code"]) == (404, "not-found")
    client = app.test_client()
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {interface.token('admin')}"},
    ):
        answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"})
        assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert client.get("/metrics", headers=BEARER).status_code == 200


def test_it_tells_of_queues_letters_and_requests_and_of_no_person(
    interface: Interface, app, database
) -> None:
    interface.act("nominator", interface.drafted(), "submit")
    beat(database.sessions, Pulse.SWEEP)
    client = app.test_client()
    client.get("/healthz")
    client.get("/password/one-time-secret-of-somebody")
    client.get("/no/such/place/nv04@example.vn")
    answer = client.get("/metrics", headers=BEARER)
    found = samples(answer.text)
    assert found["commendo_queue_depth", (("queue", "mails"),)] == 1
    assert found["commendo_queue_age_seconds", (("queue", "mails"),)] > 60
    assert found["commendo_letters", (("state", "new"),)] == 1
    assert found["commendo_letters", (("state", "dead"),)] == 0
    assert found["commendo_obstacles", (("reason", "group_empty"),)] == 0
    assert found["commendo_heartbeats_total", (("work", "sweep"),)] == 1
    assert found["commendo_check_ok", (("check", "deliver"),)] == 0
    assert found["commendo_reminders_fired_total", ()] == 0
    healthy = (("method", "GET"), ("route", "/healthz"), ("status", "200"))
    assert found["commendo_requests_total", healthy] == 1
    assert found["commendo_requests_total", (("method", "GET"), ("route", "none"), ("status", "404"))] == 1
    for word in ("nv04", "one-time-secret", "example.vn", "Quốc"):
        assert word not in answer.text


def test_what_was_done_is_counted_by_who_did_it_and_only_once(interface: Interface, app, database) -> None:
    interface.act("nominator", interface.drafted(), "submit")
    interface.clock.advance(timedelta(days=30))
    with mail_server() as server:
        post = Post(SmtpTransport(server.url), SENDER, BASE_URL, preferences=UNFOLDED)
        for _ in range(2):
            sweep(database.sessions, clock=interface.clock, post=post, until_idle=True)
    found = samples(app.test_client().get("/metrics", headers=BEARER).text)
    with database.sessions() as session:
        fired = session.scalar(select(func.count(Rung.fired_at)))
    assert fired
    assert found["commendo_reminders_fired_total", ()] == fired
    assert found["commendo_letters_sent_total", ()] == len(server.inbox.mails) > 0
    assert {found["commendo_letters", (("state", state),)] for state in ("new", "sending", "dead")} == {0}


def test_all_workers_of_a_web_count_together(database, tmp_path: Path) -> None:
    port = free_port()
    settings = {"database_url": database.url, "metrics_token": TOKEN, "redis_url": "redis://127.0.0.1:1/0"}
    with crew(tmp_path / "data", **settings) as people:
        web = people.start("web", "--port", str(port))
        address = f"http://127.0.0.1:{port}"

        def ask(path: str) -> str:
            request = urllib.request.Request(address + path, headers=BEARER)  # noqa: S310 - loopback
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
                return str(answer.read().decode())

        def answers() -> bool:
            try:
                return bool(ask("/healthz"))
            except OSError:
                return False

        assert wait_for(answers, seconds=PATIENCE), people.log_of(web)
        key = ("commendo_requests_total", (("method", "GET"), ("route", "/healthz"), ("status", "200")))
        before = samples(ask("/metrics"))[key]
        for _ in range(40):
            ask("/healthz")
        seen = [samples(ask("/metrics"))[key] for _ in range(8)]
        assert seen == [before + 40] * 8, "whichever process answers says the same"


def exported(app) -> set[str]:
    text = app.test_client().get("/metrics", headers=BEARER).text
    return {name for name, _ in samples(text)} | {"up"}


def test_rules_and_dashboard_ask_for_what_is_there(app) -> None:
    app.test_client().get("/healthz")
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    panels = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    asked = [rule["expr"] for rule in rules] + [panel["targets"][0]["expr"] for panel in panels]
    names = {name for one in asked for name in re.findall(r"\bcommendo_\w+", one)}
    assert names - exported(app) == set()
    assert all(rule["annotations"]["remedy"] for rule in rules)


def test_prometheus_own_tool_takes_rules_and_text(app) -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed")
    subprocess.run([tool, "check", "rules", str(MONITORING / "alerts.yml")], check=True)
    text = app.test_client().get("/metrics", headers=BEARER).data
    subprocess.run([tool, "check", "metrics"], input=text, check=True)


COUNTING = """
import os, resource, sys
from pathlib import Path
from flask import Flask
from api.meter import Meter
folder = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
app, meter = Flask("counted"), Meter(folder)
meter.register(app)
for number in range(600):
    app.add_url_rule(f"/{number}", str(number), lambda: "well")
client = app.test_client()
print({client.get(f"/{number}").status_code for number in range(600)})
print(sum(each.stat().st_blocks * 512 < each.stat().st_size for each in folder.glob("*.db")))
print(b'route="/599"' in meter.scraped(None, ()))
"""


@pytest.mark.parametrize(("most_bytes", "is_counted"), [(2**30, "True"), (2**16, "False"), (1000, "False")])
def test_a_disk_without_room_costs_counts_and_neither_an_answer_nor_the_process(
    tmp_path: Path, most_bytes: int, is_counted: str
) -> None:
    words = [sys.executable, "-c", COUNTING, str(tmp_path), str(most_bytes)]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # A hole that finds no room when it is written ends the process by a SIGBUS.
    assert done.stdout.split("\n")[:3] == ["{200}", "0", is_counted]
