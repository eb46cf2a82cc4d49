"""The names of tasks and queues, and which goes where: messages outlive the code that sent them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class TaskName(StrEnum):
    """Everything a message may ask for; each says "look now" and carries no fact."""

    SWEEP = "commendo.sweep"
    DELIVER = "commendo.deliver"


class QueueName(StrEnum):
    """The queues a worker serves: a slow mail server must not keep deadlines waiting."""

    TIMERS = "timers"
    MAIL = "mail"


ROUTES: Final[Mapping[TaskName, QueueName]] = {
    TaskName.SWEEP: QueueName.TIMERS,
    TaskName.DELIVER: QueueName.MAIL,
}
