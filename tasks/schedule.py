"""How often beat tells the workers to look. Which rows are due is the database's business."""

from typing import Final

from tasks.names import ROUTES, TaskName

SWEEP_SECONDS: Final = 10.0
# A hint that nobody took for two periods is stale: after an outage no backlog of them is worked off.
EXPIRES_SECONDS: Final = 2 * SWEEP_SECONDS

BEAT_SCHEDULE: Final = {
    "sweep": {
        "task": str(TaskName.SWEEP),
        "schedule": SWEEP_SECONDS,
        "options": {"queue": str(ROUTES[TaskName.SWEEP]), "expires": EXPIRES_SECONDS},
    }
}
