"""One pass over everything that time has made due: rungs first, then the mails they promised."""

from collections.abc import Callable
from dataclasses import dataclass, field

from workflow.clock import Clock
from workflow.operations.deadlines.bounces import follow_reports
from workflow.operations.deadlines.claims import release_ended_claims
from workflow.operations.deadlines.emptied_seats import tell_of_emptied_seats
from workflow.operations.deadlines.facts_passed_on import ask_who_follows
from workflow.operations.mail.deliver import ServerMemory, deliver
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.post import Post
from workflow.operations.sweep.escalate import fire_due
from workflow.operations.sweep.firing import Fired
from workflow.operations.sweep.heartbeat import Pulse, beat
from workflow.store.database import Sessions


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did, in all its passes."""

    fired: Fired = field(default_factory=Fired)
    delivered: Delivered = field(default_factory=Delivered)

    @property
    def has_changed_something(self) -> bool:
        """Whether anything came to its end; what is only waiting for another try does not count."""
        done = self.delivered
        return bool(self.fired.rungs or self.fired.dead or done.sent or done.cancelled or done.dead)


def sweep(sessions: Sessions, *, clock: Clock, post: Post, until_idle: bool = False) -> Swept:
    """Fire what is due and send what waits, once; or, `until_idle`, until a pass changes nothing.

    Needs neither Celery nor Redis: for a timer, for cron, for tests and for machines without a broker. Raises
    OperationalError when the database is gone.
    """
    total = Swept()
    while True:
        fired = fire_rungs(sessions, clock=clock)
        delivered = deliver_mails(sessions, clock=clock, post=post)
        total = Swept(total.fired + fired, total.delivered + delivered)
        if not until_idle or not Swept(fired, delivered).has_changed_something:
            return total


def fire_rungs(sessions: Sessions, *, clock: Clock, seconds: float | None = None) -> Fired:
    """Give back what ended seats hold, tell above of those that emptied, ask anew, fire what is due, note it.

    What mail servers said of letters is followed first, because a rung takes its way by it. Rungs are fired
    for at most about `seconds`, reports followed and seats looked after before for a quarter of that each.
    """
    quarter = None if seconds is None else seconds / 4
    follow_reports(sessions, clock=clock, seconds=quarter)
    release_ended_claims(sessions, clock=clock, seconds=quarter)
    told = Fired(mails=tell_of_emptied_seats(sessions, clock=clock, seconds=quarter))
    told += Fired(mails=ask_who_follows(sessions, clock=clock, seconds=quarter))
    fired = told + fire_due(sessions, clock=clock, seconds=seconds)
    beat(sessions, Pulse.SWEEP, done=fired.rungs)
    return fired


def deliver_mails(
    sessions: Sessions,
    *,
    clock: Clock,
    post: Post,
    seconds: float | None = None,
    is_ended: Callable[[], bool] = lambda: False,
    on_wait: Callable[[], None] = lambda: None,
    mood: ServerMemory | None = None,
) -> Delivered:
    """Send every due mail, as `deliver` does, and note that this was done, and meanwhile that it is alive."""

    def wait() -> None:
        beat(sessions, Pulse.DELIVER)
        on_wait()

    delivered = deliver(
        sessions, clock=clock, post=post, seconds=seconds, is_ended=is_ended, on_wait=wait, mood=mood
    )
    beat(sessions, Pulse.DELIVER, done=delivered.sent)
    return delivered
