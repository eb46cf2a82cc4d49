"""The estate of tasks: each is named, routed and served, and leaves no date to the broker."""

import inspect

import pytest

from tasks.app import make_app
from tasks.jobs import Desk, register
from tasks.names import ROUTES, QueueName, TaskName
from tasks.schedule import BEAT_SCHEDULE
from workflow.settings import Settings


def make_estate():
    """Build the application with its tasks; nothing is connected and no database is opened."""
    app = make_app("redis://127.0.0.1:1/0")
    register(
        app, Desk(Settings(secret_key="x" * 32), database=lambda: pytest.fail("nothing opens a database"))
    )
    app.finalize()
    return app


APP = make_estate()
TASKS = {name: task for name, task in APP.tasks.items() if not name.startswith("celery.")}


def test_every_name_has_its_task_and_every_task_its_name():
    assert set(TASKS) == {str(name) for name in TaskName}


@pytest.mark.parametrize("name", list(TaskName))
def test_every_task_is_routed_to_a_queue_that_workers_serve(name):
    routed = APP.amqp.router.route({}, str(name))
    assert routed["queue"].name == str(ROUTES[name])
    assert str(ROUTES[name]) in {str(queue) for queue in QueueName}


@pytest.mark.parametrize("queue", list(QueueName))
def test_every_queue_has_somebody_who_uses_it(queue):
    assert queue in ROUTES.values()
    assert str(queue) in APP.conf.task_queues


@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_task_takes_ids_by_keyword_and_bears_what_newer_senders_add(name):
    kinds = [parameter.kind for parameter in inspect.signature(TASKS[name].run).parameters.values()]
    assert kinds[-1] is inspect.Parameter.VAR_KEYWORD
    assert set(kinds[:-1]) <= {inspect.Parameter.KEYWORD_ONLY}


def test_beat_says_look_now_and_nothing_else():
    [entry] = BEAT_SCHEDULE.values()
    assert entry["task"] == TaskName.SWEEP
    assert entry["options"]["expires"] == 2 * entry["schedule"]
    assert "args" not in entry
    assert "kwargs" not in entry


def test_messages_are_json_no_answer_is_kept_and_a_lost_worker_gives_its_task_back():
    conf = APP.conf
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.result_backend is None
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.enable_utc
    assert conf.timezone == "UTC"


@pytest.mark.parametrize("limit", ["socket_timeout", "socket_connect_timeout", "health_check_interval"])
def test_no_socket_to_the_broker_waits_for_ever(limit):
    assert 0 < APP.conf.broker_transport_options[limit] < 60
