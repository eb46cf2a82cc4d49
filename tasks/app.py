"""The Celery application: a doorbell between processes, with every setting that has cost somebody a night.

Redis carries hints only. Each setting below was measured or read on the versions pinned (docs/adr/0001).
"""

import ssl
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from celery import Celery

from tasks.names import ROUTES, QueueName, TaskName
from tasks.schedule import BEAT_SCHEDULE, EXPIRES_SECONDS

_SETTINGS: Final[dict[str, Any]] = {
    # Nothing but JSON goes in or comes out, and no answer is kept: what was done is in the database.
    "task_serializer": "json",
    "result_serializer": "json",
    "accept_content": ["json"],
    "result_backend": None,
    "task_ignore_result": True,
    # With its defaults a half-open link hangs a worker for minutes, and a publish to a frozen Redis for ever.
    "broker_transport_options": {
        "visibility_timeout": 300,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
    },
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "task_publish_retry": False,
    # A task is acknowledged when it is done; a row that stays due covers the rest.
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_soft_time_limit": 20,
    "task_time_limit": 30,
    "worker_prefetch_multiplier": 1,
    "worker_eta_task_limit": 100,
    "worker_max_tasks_per_child": 500,
    "worker_max_memory_per_child": 200_000,  # kB
    "worker_soft_shutdown_timeout": 5.0,
    "worker_enable_soft_shutdown_on_idle": True,
    "worker_hijack_root_logger": False,
    "timezone": "UTC",
    "enable_utc": True,
    "task_default_queue": str(QueueName.TIMERS),
    "task_create_missing_queues": False,
    "task_queues": {str(queue): {"exchange": str(queue), "routing_key": str(queue)} for queue in QueueName},
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
    """Tell the workers to look, once; whoever gets it too late drops it. Raises when Redis is away."""
    app.send_task(
        str(task), queue=str(ROUTES[task]), expires=EXPIRES_SECONDS, retry=False, ignore_result=True
    )
