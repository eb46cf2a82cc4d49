"""Every task is named, routed and served; the broker keeps no fact, no date and no answer."""

import ast

import pytest

from tasks import jobs
from tasks.app import make_app
from tasks.names import ROUTES, QueueName, TaskName
from tests.architecture.source import ROOT, python_files, short, tree

APP = make_app("redis://127.0.0.1:1/0")
jobs.register(APP, sweep=lambda: None, deliver=lambda: None)
OURS = {name: task for name, task in APP.tasks.items() if not name.startswith("celery.")}


def test_every_task_has_its_name_from_the_list_and_every_name_its_task():
    assert set(OURS) == {str(name) for name in TaskName}


def test_every_task_is_routed_to_a_queue_that_is_served_and_every_queue_has_a_task():
    assert set(ROUTES) == set(TaskName)
    assert set(ROUTES.values()) == set(QueueName)
    for name in TaskName:
        route = APP.amqp.router.route({}, str(name))
        assert route["queue"].name == ROUTES[name]
    assert set(APP.amqp.queues) == {str(queue) for queue in QueueName}


def test_a_task_takes_what_it_may_not_know_yet_by_keyword():
    for function in ast.walk(tree(ROOT / "tasks/jobs.py")):
        if isinstance(function, ast.FunctionDef) and function.decorator_list:
            if any(isinstance(item, ast.Name) for item in function.decorator_list):
                continue
            assert function.args.kwarg is not None, f"{function.name} would fail on a newer message"
            assert not function.args.args, f"{function.name} takes arguments by place"


def test_the_broker_holds_hints_and_nothing_else():
    conf = APP.conf
    assert conf.result_backend is None
    assert conf.task_ignore_result is True
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])
    assert all(queue.no_ack for queue in conf.task_queues), "a hint that must be acknowledged can be stuck"


def test_no_socket_to_the_broker_waits_for_ever():
    options = APP.conf.broker_transport_options
    assert 0 < options["socket_timeout"] <= 10
    assert 0 < options["socket_connect_timeout"] <= 10
    assert options["socket_keepalive"] is True


def test_beat_has_one_kind_of_entry_and_compares_no_clocks_of_hosts():
    [entry] = APP.conf.beat_schedule.values()
    assert entry["task"] == TaskName.SWEEP
    assert entry["options"]["queue"] == QueueName.TIMERS
    assert "expires" not in entry["options"]
    assert APP.conf.timezone == "UTC"


@pytest.mark.parametrize("path", python_files("tasks"), ids=short)
def test_nothing_is_connected_or_made_when_a_module_of_the_tasks_is_imported(path):
    makers = {"make_engine", "make_sessions", "make_app", "Celery", "Redis", "SMTP"}
    for line in tree(path).body:
        if isinstance(line, ast.FunctionDef | ast.ClassDef):
            continue
        called = {
            node.func.id
            for node in ast.walk(line)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & makers


def test_papers_are_tidied_by_the_sweep_alone():
    callers = {
        short(path)
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tidy_papers"
    }
    assert callers == {"tasks/run.py", "tasks/work.py"}, "one pass by hand, and the worker's own"
