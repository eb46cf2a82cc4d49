"""The submissions of units: all of them, one with its list, and the number, date and signer written on it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.submissions import SubmissionChanges
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by, word_asked
from api.pages.frame.narrowed import called, narrowed_to
from api.pages.identity import current_actor, current_locale
from api.pages.list_words import offered
from api.pages.once import new_key
from api.pages.papers_section import papers_section, scans_of
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.lists.doors import doors_of
from api.pages.views.lists.names import waiting_names
from api.pages.writing import ShownDue, decider_text, due_of, holder_text, render
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.papers.rules import kept_units
from workflow.domain.rights.roles_held import nominating_units
from workflow.domain.rights.submission_rights import WITH_THE_UNIT
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import Stage, Via
from workflow.operations.submissions.compose import SubmissionEdit, edit_submission
from workflow.queries.choices import FilterChoices, filter_choices
from workflow.queries.nominations.moves import MoveKind
from workflow.queries.seats import name_seats
from workflow.queries.submissions.list_actions import ListAction
from workflow.queries.submissions.submission import SubmissionView, get_submission
from workflow.queries.submissions.submissions import SubmissionFilters, list_submissions
from workflow.queries.submissions.tally import ListStatus
from workflow.queries.waiting.spans import left_until

_PAGE: Final = 50
_FILTERS: Final = ("round", "unit", "q", "status")
_WORDS: Final = {"signed_on": "form.paper_day"}
_UNSENT: Final = frozenset({Stage.DRAFT, Stage.WITHDRAWN})
SUBMISSION: Final = "/submissions/<int(max=9223372036854775807):submission_id>"
"""The address of one submission."""


@pages.get("/submissions")
@permission(Permission.SIGNED_IN)
@narrowed_by(*_FILTERS)
def submissions() -> str:
    """List the submissions I may see, newest first."""
    actor, session, now, locale = current_actor(), request_session(), request_now(), current_locale()
    given = {name: request.args.get(name) or None for name in ("round", "unit", "q")}
    filters = SubmissionFilters(**given, status=word_asked(ListStatus, "status"))
    page = list_submissions(
        session,
        actor=actor,
        filters=filters,
        limit=_PAGE,
        cursor=request.args.get("cursor"),
        now=now,
    )
    today = request_today()
    choices = filter_choices(session, scope=actor.scope, today=today)
    seats = name_seats(session, {row.decider for row in page.items}, today=today)
    return render(
        "submissions.html",
        rows=[(row, decider_text(row.decider, seats, locale), due_here(row.due_at)) for row in page.items],
        next=page.next,
        looks_on=page.is_short_of(_PAGE),
        is_first="cursor" not in request.args,
        filters=filters,
        statuses=ListStatus,
        choices=choices,
        narrowed=_narrowed(filters, choices, locale),
        may_compose=bool(nominating_units(actor)),
        args={name: value for name, value in {**given, "status": filters.status}.items() if value},
    )


def _narrowed(filters: SubmissionFilters, choices: FilterChoices, locale: str) -> str:
    status = filters.status and say(locale, f"submissions.status_{filters.status}")
    return narrowed_to([status, *called(choices, locale, unit=filters.unit, round_code=filters.round)])


@pages.get(SUBMISSION)
@permission(Permission.SIGNED_IN)
def submission(submission_id: int) -> str:
    """Show one submission with its list."""
    return show_submission(submission_id)


@pages.post(f"{SUBMISSION}/paper")
@permission(Permission.SIGNED_IN)
def write_submission(submission_id: int) -> Response | tuple[str, int]:
    """Write number, date and signer; what cannot be taken comes back with everything typed."""
    actor, locale = current_actor(), current_locale()

    def written() -> None:
        said = read_typed(SubmissionChanges, request.form, required=("version",))
        edit_submission(
            request_session(),
            actor=actor,
            submission_id=submission_id,
            version=said.version or 0,
            changes=SubmissionEdit(said.number, said.signed_on, said.signer, said.reason),
            via=Via.WEB,
            now=request_now(),
        )

    def again(refusal: Refusal) -> str:
        problem, wrong = said_beside(refusal, locale, _WORDS)
        return show_submission(submission_id, problem=problem, wrong=wrong)

    words = say(locale, "submissions.paper_saved")
    return carry_out(
        written,
        done=lambda _: go_on(words, "pages.submission", submission_id=submission_id),
        again=again,
    )


def show_submission(
    submission_id: int,
    *,
    problem: str = "",
    words: str = "",
    wrong: Mapping[str, str] = MappingProxyType({}),
    papers: Mapping[str, object] | None = None,
) -> str:
    """Return the page of one submission as it stands now; `problem` is what was refused, with what was typed.

    `words` were typed into a form that is not there any more, and are shown to be copied. `papers` is the
    section of papers where it has words of its own to say; else it is made here.
    """
    actor, session, now, locale = current_actor(), request_session(), request_now(), current_locale()
    view = get_submission(session, actor=actor, submission_id=submission_id, now=now)
    seats = name_seats(session, _seats(view), today=request_today())
    section = papers or papers_section(Target(PaperRoot.SUBMISSION, submission_id))
    names = [name for subject in view.list for name in subject.awards]
    return render(
        "submission.html",
        submission=view,
        paper=view.paper,
        decider=decider_text(view.paper.decider, seats, locale),
        due=due_here(view.paper.due_at),
        holders={name.nomination_id: holder_text(name.holder, seats, locale) for name in names},
        offers=offered(view, locale),
        to_decide=len(waiting_names(view)),
        doors=doors_of(view.paper.round, view.actions),
        may_bring=_may_bring(view),
        may_act=any(action.is_open for action in view.actions),
        takes={nomination_id for action in view.actions for nomination_id in action.takes},
        ticked=_ticked(view.actions),
        was_sent=view.is_sent or any(name.stage not in _UNSENT or name.last_return for name in names),
        section=section,
        scans=scans_of(section),
        problem=problem,
        wrong=wrong,
        words_to_copy=words,
        typed=request.form,
        today=request_today(),
        new_key=new_key,
    )


def _may_bring(view: SubmissionView) -> bool:
    """Return whether papers of names on the list are the reader's to bring together."""
    is_kept = view.paper.unit.code in kept_units(current_actor())
    names = (name for subject in view.list for name in subject.awards)
    return is_kept and any(name.stage in WITH_THE_UNIT or name.is_asked for name in names)


def _ticked(actions: tuple[ListAction, ...]) -> frozenset[int]:
    """Return the names that wait for the reader: a list is decided as a whole unless somebody is left out."""
    moves = [action for action in actions if action.form.kind is MoveKind.MOVE]
    return frozenset(nomination_id for action in moves for nomination_id in action.takes)


def _seats(view: SubmissionView) -> set[str]:
    holders = [name.holder for subject in view.list for name in subject.awards]
    return {holder.seat for holder in holders if holder} | {view.paper.decider}


def due_here(due_at: datetime | None) -> ShownDue | None:
    """Say when something is due and how long that is from now, by the working days of here."""
    left = left_until(request_session(), CalendarName.LOCAL, due_at, request_now())
    return due_of(due_at, left.working_days if left else None, current_locale())
