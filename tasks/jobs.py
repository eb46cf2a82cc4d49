"""What a task does: ring, and nothing else. Whoever hears it looks into the database."""

from collections.abc import Callable

from celery import Celery

from tasks.names import TaskName


def register(app: Celery, *, sweep: Callable[[], None], deliver: Callable[[], None]) -> None:
    """Give the application its tasks, which may come late, twice or never."""

    @app.task(name=str(TaskName.SWEEP))
    def look_what_is_due(**_: object) -> None:
        """Have the sweep look now."""
        sweep()

    @app.task(name=str(TaskName.DELIVER))
    def look_for_mails(**_: object) -> None:
        """Have the senders look now."""
        deliver()
