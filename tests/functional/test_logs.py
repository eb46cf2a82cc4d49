"""What is written about ourselves: one line where it matters, and nothing of a person in it."""

import json
import logging
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.problems import _database_facts
from api.serving import logs as web_logs
from tasks import logs as task_logs
from tests.support.door import Door
from tests.support.interface import DRAFT, PREFIX, Interface, interface_to, settings_for_tests
from tests.support.patience import PATIENCE
from tests.support.processes import Broker, Crew, broker, crew
from tests.support.running import Running, free_port
from workflow.clock import DatabaseClock, FixedClock, wait_for

PERSON = ("Đặng Quốc Dũng", "Quốc", "nv0", "@example.vn", "Lời riêng", "Bích")


@pytest.fixture
def redis():
    with tempfile.TemporaryDirectory(prefix="cm-") as folder, broker(Path(folder)) as running:
        yield running


@pytest.fixture
def people(tmp_path: Path, redis: Broker, database):
    with crew(tmp_path / "data", database_url=database.url, redis_url=redis.url) as running:
        yield running


def lines(people: Crew, process) -> list[str]:
    return people.log_of(process).splitlines()


def test_a_redis_that_goes_costs_each_process_a_line_or_two_and_not_one_for_each_tick(
    people: Crew, redis: Broker
) -> None:
    worker, beat = people.start("worker"), people.start("beat")
    assert wait_for(lambda: "Connected to" in people.log_of(worker), seconds=PATIENCE)
    before = len(lines(people, worker))
    redis.kill()
    assert wait_for(lambda: "Cannot connect" in people.log_of(worker), seconds=PATIENCE)
    assert wait_for(lambda: "Connection error" in people.log_of(beat), seconds=PATIENCE)
    redis.start()
    assert wait_for(lambda: people.log_of(worker).count("Connected to") == 2, seconds=PATIENCE)
    said = lines(people, worker)[before:]
    # What tells of the coming back is no complaint: how often a worker says that it is ready is its affair.
    complaints = [line for line in said if "[info " not in line]
    assert len(complaints) <= 5, said
    assert sum("Cannot connect" in line for line in said) == 1
    assert len(lines(people, beat)) <= 2, lines(people, beat)


def test_a_library_says_one_thing_in_one_line_and_again_when_it_was_well_between() -> None:
    once = task_logs.OneLine()

    def said(name: str, level: int, words: str, *args: object, error: Exception | None = None) -> str | None:
        info = (type(error), error, None) if error is not None else None
        record = logging.LogRecord(name, level, "", 0, words, args, info)
        return record.getMessage() if once.filter(record) and record.exc_info is None else None

    tick = ("celery.beat", logging.ERROR, "Message Error: %s\n%s")
    told = said(*tick, "refused", "stack\n" * 100, error=OSError("nv04@example.vn"))
    assert told == "Message Error: refused [OSError]"
    assert said(*tick, "refused", "stack\n" * 100) is None
    assert said("celery.worker", logging.INFO, "Connected to %s", "redis") == "Connected to redis"
    assert said(*tick, "refused", "stack") == "Message Error: refused"
    assert said("commendo.tasks", logging.WARNING, "pass failed") == "pass failed"
    assert said("commendo.tasks", logging.WARNING, "pass failed") == "pass failed"


def refuse() -> None:
    try:
        raise ExceptionGroup("Quốc", [KeyError("nv04@example.vn")])  # noqa: TRY301 - the error that another comes from
    except ExceptionGroup as group:
        raise ValueError("Đặng Quốc Dũng") from group


def test_an_error_is_logged_by_kind_and_place_without_its_words(capsys) -> None:
    web_logs.configure()
    try:
        try:
            refuse()
        except ValueError:
            structlog.get_logger("x").exception("request_failed")
        written = capsys.readouterr().err
    finally:
        web_logs.configure()
    (line,) = written.splitlines()
    event = json.loads(line)
    assert [stack["exc_type"] for stack in event["exception"]] == ["ValueError", "ExceptionGroup"]
    assert "refuse" in line
    assert not [word for word in PERSON if word in line or word in json.dumps(event, ensure_ascii=False)]


def test_who_is_refused_is_answered_where_a_line_of_it_has_no_room(start: Callable[..., Door]) -> None:
    door = start("import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 2)")
    client = build_opener(HTTPCookieProcessor())
    address = f"http://127.0.0.1:{door.port}/sign-in"
    page = client.open(address, timeout=PATIENCE).read().decode()
    token, *_ = re.findall(r'name="csrf_token" value="([^"]+)"', page)
    wrong = urlencode({"csrf_token": token, "email": "nobody@example.vn", "password": "not the one"})
    with pytest.raises(HTTPError) as refused:
        client.open(address, wrong.encode(), timeout=PATIENCE)
    assert refused.value.code == 401


def test_the_first_line_that_gets_through_says_how_many_did_not() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with os.fdopen(reader, "rb", buffering=0) as read, os.fdopen(writer, "w", encoding="utf-8") as log:
        with pytest.raises(BlockingIOError):
            [os.write(writer, bytes(4096)) for _ in range(1000)]
        out = web_logs.Lossy(log)
        for _ in range(2):
            out.write("lost\n")
        assert out.say(None, "", {"event": "x"}) == {"event": "x", "lines_lost": 2}
        read.read(1 << 20)
        out.write("there\n")
        assert out.say(None, "", {"event": "x"}) == {"event": "x"}
        assert read.read(1 << 20).decode().endswith("there\n")


def test_what_the_database_refuses_is_named_without_the_row_it_quotes(interface: Interface) -> None:
    session = interface.office.session
    again = text("INSERT INTO account SELECT (account).* FROM account LIMIT 1")
    with pytest.raises(IntegrityError) as caught:
        session.execute(again)
    session.rollback()
    assert "Key (" in str(caught.value)
    assert _database_facts(caught.value) == {"sqlstate": "23505", "constraint": "pk_account"}


def test_a_journey_leaves_nothing_of_a_person_in_any_log(
    session, database, people: Crew, tmp_path: Path
) -> None:
    now = FixedClock(DatabaseClock().now(session))
    interface = interface_to(session, database.sessions, now, settings_for_tests(tmp_path))
    port = free_port()
    tokens = {part: interface.token(part) for part in ("nominator", "reviewer")}
    web, worker = people.start("web", "--port", str(port)), people.start("worker")
    up = Running(people.folder, port, web, "")

    def answers() -> bool:
        try:
            return up.ask("/healthz", "").status == 200
        except OSError:
            return False

    assert wait_for(answers, seconds=PATIENCE), people.log_of(web)
    drafted = up.ask(f"{PREFIX}/nominations", tokens["nominator"], DRAFT)
    path = f"{PREFIX}/nominations/{drafted.body['id']}"
    for part, action in (("nominator", "submit"), ("reviewer", "return")):
        version = up.ask(path, tokens[part]).body["version"]
        body = {"version": version, "comment": "Lời riêng"}
        assert up.ask(f"{path}/actions/{action}", tokens[part], body).status in {200, 422}
    assert up.ask("/set-password/one-time-secret-of-nv04@example.vn", "").status in {400, 404}
    assert up.ask(f"{PREFIX}/nominations?q=Qu%E1%BB%91c", tokens["nominator"]).status in {200, 422}
    assert wait_for(lambda: "delivered" in people.log_of(worker), seconds=PATIENCE), people.log_of(worker)
    for process in (web, worker):
        said = people.log_of(process)
        assert not [word for word in PERSON if word in said or json.dumps(word)[1:-1] in said], said
    assert up.ask("/readyz", "").status in {200, 503}
