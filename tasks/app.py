"""The Celery application: a doorbell between processes, with every setting that has cost somebody a night.

Redis carries hints only. Each setting below was measured or read on the versions pinned (docs/adr/0001).
"""

import ssl
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from celery import Celery
from kombu.entity import Exchange, Queue

from tasks.names import ROUTES, QueueName, TaskName
from tasks.schedule import BEAT_SCHEDULE

_SETTINGS: Final[dict[str, Any]] = {
    # Nothing but JSON goes in or comes out, and no answer is kept: what was done is in the database.
    "task_serializer": "json",
    "result_serializer": "json",
    "accept_content": ["json"],
    "result_backend": None,
    "task_ignore_result": True,
    # With its defaults a half-open link hangs a worker for minutes, and a publish to a frozen Redis for ever.
    "broker_transport_options": {
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
    },
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "task_publish_retry": False,
    "worker_prefetch_multiplier": 1,
    "worker_eta_task_limit": 100,
    "worker_soft_shutdown_timeout": 0.0,
    "worker_hijack_root_logger": False,
    "timezone": "UTC",
    "enable_utc": True,
    "task_default_queue": str(QueueName.TIMERS),
    "task_create_missing_queues": False,
    # A hint is not acknowledged: an acknowledgement that a frozen Redis never answers fills the worker's
    # prefetch for good, and there is nothing that a second delivery could save.
    "task_queues": [
        Queue(str(queue), Exchange(str(queue)), routing_key=str(queue), no_ack=True)  # type: ignore[no-untyped-call]  # kombu ships no types
        for queue in QueueName
    ],
    "task_routes": {str(task): {"queue": str(queue)} for task, queue in ROUTES.items()},
    "beat_schedule": BEAT_SCHEDULE,
}


def make_app(redis_url: str) -> Celery:
    """Build the application for a Redis named as COMMENDO_REDIS_URL names it; nothing is connected yet."""
    app = Celery("commendo", broker=broker_url(redis_url), set_as_current=False)
    app.conf.update(_SETTINGS)
    if urlsplit(redis_url).scheme == "rediss":
        app.conf.broker_use_ssl = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    return app


def broker_url(redis_url: str) -> str:
    """Return the address as kombu spells it: it takes a socket as `redis+socket`, and fails on `unix`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    login = parts.netloc.rpartition("@")[0]
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{login}{'@' if login else ''}{quote(parts.path)}?virtual_host={quote(database)}"


def hint(app: Celery, task: TaskName) -> None:
    """Tell the workers to look, once. Raises when Redis is away."""
    app.send_task(str(task), queue=str(ROUTES[task]), retry=False, ignore_result=True)
