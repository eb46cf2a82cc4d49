"""How often the worker looks by itself, and how often beat tells it to. What is due, the database says."""

from typing import Final

from tasks.names import ROUTES, TaskName

SWEEP_SECONDS: Final = 10.0
"""The pace of the worker's own passes, by a clock that never jumps."""

PASS_SECONDS: Final = 8.0
"""After so long a pass hands over to the next: what is more urgent by then comes first."""

SUM_PASSES: Final = 30
"""How many passes with nothing left over go by until what has ended since is added to the sums."""

LOOK_SECONDS: Final = 3600.0
"""How long it takes until what cannot go on is looked for again, in a pass with nothing left over."""

# No `expires`: it compares the clocks of two hosts, and a hint that comes late does no harm.
BEAT_SCHEDULE: Final = {
    "sweep": {
        "task": str(TaskName.SWEEP),
        "schedule": SWEEP_SECONDS,
        "options": {"queue": str(ROUTES[TaskName.SWEEP])},
    }
}
