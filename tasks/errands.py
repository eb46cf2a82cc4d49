"""What the worker does for pages that may not take so long, in a thread beside the reminders."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from threading import Event, Thread
from typing import Final

from workflow.clock import Clock
from workflow.domain.rights.errands import ErrandKind
from workflow.domain.vocabulary import Via
from workflow.operations.calendars.counts import Replanned
from workflow.operations.calendars.replan import preview_replan, replan
from workflow.operations.errands.run import Doer, ErrandInHand, OnStep, run_errands
from workflow.operations.routes.asked import GoingAsked
from workflow.operations.routes.go_over import go_over, preview_going
from workflow.queries.history.audit import verify_chains
from workflow.store.database import Sessions
from workflow.store.paper_files import PaperFolder
from workflow.store.reads import reading_at_one_instant

MOST_FINDINGS: Final = 200
"""How many places where history is not whole a page lists; the command line lists more."""
_JOIN_SECONDS: Final = 20.0


def do_errands(
    sessions: Sessions,
    *,
    folder: PaperFolder,
    clock: Clock,
    is_ended: Callable[[], bool] = lambda: False,
) -> int:
    """Do what was asked for and nobody has in hand; return how much of it ended."""
    return run_errands(sessions, clock=clock, doers=_doers(sessions, folder, clock), is_ended=is_ended)


class ErrandThread:
    """Does errands beside the passes of a lane, so that no reminder waits for one."""

    def __init__(self, work: Callable[[Callable[[], bool]], object]) -> None:
        self._work = work
        self._rung, self._ended = Event(), Event()
        self._thread = Thread(target=self._serve, name="errands", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Have it look for errands."""
        self._rung.set()

    def end(self) -> None:
        """Let it give back what it has in hand."""
        self._ended.set()
        self._rung.set()
        self._thread.join(_JOIN_SECONDS)

    def _serve(self) -> None:
        while not self._ended.is_set():
            self._rung.wait()
            self._rung.clear()
            if not self._ended.is_set():
                self._work(self._ended.is_set)


def _doers(sessions: Sessions, folder: PaperFolder, clock: Clock) -> Mapping[ErrandKind, Doer]:
    return {
        ErrandKind.VERIFY: partial(_verify, sessions, folder),
        ErrandKind.REPLAN_SHOWN: partial(_show_replan, sessions, clock),
        ErrandKind.REPLAN: partial(_replan, sessions, clock),
        ErrandKind.MIGRATE_SHOWN: partial(_show_going, sessions, clock),
        ErrandKind.MIGRATE: partial(_go_over, sessions, clock),
    }


def _verify(
    sessions: Sessions, folder: PaperFolder, _errand: ErrandInHand, on_step: OnStep
) -> Mapping[str, object]:
    with reading_at_one_instant(sessions) as session:
        found = verify_chains(session, folder=folder, on_step=on_step)
    problems = [
        {
            "stream": one.stream,
            "seq": one.seq,
            "message": one.message,
            "code": one.fault.wrong,
            "values": dict(one.fault.values),
        }
        for one in found.problems[:MOST_FINDINGS]
    ]
    is_cut_short = found.is_cut_short or len(found.problems) > MOST_FINDINGS
    counts = {name: getattr(found, name) for name in COUNTED}
    return {**counts, "problems": problems, "is_cut_short": is_cut_short}


COUNTED: Final = ("streams", "events", "texts", "erased_texts", "papers")


def _show_replan(
    sessions: Sessions, clock: Clock, _errand: ErrandInHand, on_step: OnStep
) -> Mapping[str, object]:
    shown = preview_replan(sessions, clock=clock, on_step=on_step)
    return {**shown.counts(), "examples": _examples(shown)}


def _examples(shown: Replanned) -> list[dict[str, object]]:
    return [
        {
            "nomination_id": one.nomination_id,
            "unit_code": one.unit_code,
            "was_at": one.was_at and one.was_at.isoformat(),
            "due_at": one.due_at and one.due_at.isoformat(),
        }
        for one in shown.examples
    ]


def _replan(sessions: Sessions, clock: Clock, errand: ErrandInHand, on_step: OnStep) -> Mapping[str, object]:
    done = replan(
        sessions, actor=errand.actor, reason=errand.reason, via=Via.WEB, clock=clock, on_step=on_step
    )
    return done.counts()


def _show_going(
    sessions: Sessions, clock: Clock, errand: ErrandInHand, on_step: OnStep
) -> Mapping[str, object]:
    asked = GoingAsked.of(errand.args)
    going, shown = preview_going(sessions, asked, actor=errand.actor, clock=clock, on_step=on_step)
    steps = [asdict(one) for one in going.steps]
    return {**shown.counts(), "steps": steps, "examples": _examples(shown.dates)}


def _go_over(sessions: Sessions, clock: Clock, errand: ErrandInHand, on_step: OnStep) -> Mapping[str, object]:
    done = go_over(
        sessions,
        GoingAsked.of(errand.args),
        actor=errand.actor,
        reason=errand.reason,
        via=Via.WEB,
        clock=clock,
        on_step=on_step,
    )
    return done.counts()
