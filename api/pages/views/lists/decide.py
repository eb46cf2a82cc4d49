"""A list decided in one pass: a choice at each name, one sheet, one confirmation, an answer for each.

In the same pass whoever works for a seat prepares what it decides.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import flash, request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session
from api.pages.carry_out import carry_out
from api.pages.frame.seen_again import (
    Page,
    a_look,
    answers,
    done_at,
    key_of_page,
    noted,
    see_refused,
    take_up_ticks,
)
from api.pages.identity import current_actor, current_locale
from api.pages.kept_form import in_sight
from api.pages.once import claim_of_form
from api.pages.picked import Picks, picks_in, read_picks, read_seen, write_seen
from api.pages.refusals import told
from api.pages.routes import pages
from api.pages.typed import NotTaken
from api.pages.views.lists.confirmed import CONFIRMED, read_confirmed
from api.pages.views.lists.doors import doors_of
from api.pages.views.lists.kinds import DECIDE, PREPARE, ListPass
from api.pages.views.lists.names import (
    NameWaiting,
    cards_of,
    own_names,
    said_of_many,
    said_once,
    waiting_names,
)
from api.pages.views.lists.proposals import summed_up, typed_with
from api.pages.views.lists.result import labels_of, show_result
from api.pages.views.lists.sheet import DecisionSheet, sheet_of
from api.pages.views.submissions import SUBMISSION, due_here
from api.pages.writing import ShownDue, render
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.only import read_runs
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.answers import ListOutcome
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_inbox
from workflow.queries.submissions.looks import changed_since, looks_at
from workflow.queries.submissions.submission import SubmissionView, get_submission

AT_ONCE: Final = 100
"""So many names are decided in one pass; what waits beyond them comes with the next."""


@pages.get(f"{SUBMISSION}/decide")
@permission(Permission.SIGNED_IN)
def decide_list(submission_id: int) -> str:
    """Show the names of a list that wait for me, each with what I can choose for it."""
    return _names(DECIDE, submission_id)


@pages.get(f"{SUBMISSION}/prepare")
@permission(Permission.SIGNED_IN)
def prepare_list(submission_id: int) -> str:
    """Show the names of a list whose decision I prepare, each with what I can propose for it."""
    return _names(PREPARE, submission_id)


@answers(f"{SUBMISSION}/decide", is_look=a_look)
@permission(Permission.SIGNED_IN)
def weigh_names(submission_id: int) -> Page:
    """Show what the choices would do, and ask for what has to be told; nothing is carried out yet."""
    return _weigh(DECIDE, submission_id)


@answers(f"{SUBMISSION}/prepare", is_look=a_look)
@permission(Permission.SIGNED_IN)
def weigh_prepared(submission_id: int) -> Page:
    """Show what would be proposed, and ask for its words; nothing is proposed yet."""
    return _weigh(PREPARE, submission_id)


@pages.get(f"{SUBMISSION}/decide/sheet")
@permission(Permission.SIGNED_IN)
def names_sheet(submission_id: int) -> str:
    """Show the same by its address, to which the language buttons and a new session lead back."""
    return _sheet_by_address(DECIDE, submission_id)


@pages.get(f"{SUBMISSION}/prepare/sheet")
@permission(Permission.SIGNED_IN)
def prepared_sheet(submission_id: int) -> str:
    """Show what would be proposed by its address."""
    return _sheet_by_address(PREPARE, submission_id)


@answers(f"{SUBMISSION}/decisions")
@permission(Permission.SIGNED_IN)
def decide_names(submission_id: int) -> Page:
    """Carry out everything that was confirmed, and answer for each name."""
    return _confirm(DECIDE, submission_id)


@answers(f"{SUBMISSION}/preparations")
@permission(Permission.SIGNED_IN)
def prepare_names(submission_id: int) -> Page:
    """Propose everything that was confirmed, and answer for each name."""
    return _confirm(PREPARE, submission_id)


def _names(way: ListPass, submission_id: int) -> str:
    take_up_ticks(way.weigh)
    return show_names(way, _view(submission_id, way))


def _weigh(way: ListPass, submission_id: int) -> Page:
    """Show the sheet, with what is wrong in it once it was confirmed; what came of it, where it was done."""
    if (done := done_at(way.confirm)) is not None:
        return done
    view, picks = _view(submission_id, way), picks_in(request.form.items())
    if not picks:
        return show_names(way, view, problem=say(current_locale(), "decide.nothing_chosen")), 422
    if CONFIRMED not in request.form:
        return _sheet(way, view, picks, _seen())
    try:
        read_confirmed(way, _weighed(view, picks, _seen(), request.form), picks, _seen())
    except NotTaken as wrong:
        problem = say(current_locale(), "form.look_below")
        return in_sight(_sheet(way, view, picks, _seen(), problem=problem, wrong=wrong.words)), wrong.status
    return in_sight(_sheet(way, view, picks, _seen()))


def _sheet_by_address(way: ListPass, submission_id: int) -> str:
    view, picks = _view(submission_id, way), read_picks(request.args.getlist("pick"))
    return _sheet(way, view, picks, {}) if picks else show_names(way, view)


def _confirm(way: ListPass, submission_id: int) -> Page:
    actor, session, now, locale = current_actor(), request_session(), request_now(), current_locale()
    view, picks, seen = _view(submission_id, way), picks_in(request.form.items()), _seen()

    def decided() -> ListOutcome:
        if not picks:
            raise NotTaken({"seen": say(locale, "decide.nothing_chosen")})
        said = read_confirmed(way, _weighed(view, picks, seen, request.form), picks, seen)
        items = [Command(one.nomination, one.version, one.move, Via.WEB) for one in said.items]
        return decide_inbox(session, actor=actor, items=items, now=now, claim=claim_of_form())

    def labels() -> dict[str, object]:
        return labels_of(view, picks)

    def keep(refusal: Refusal) -> Response | None:
        # What is wrong with its words the sheet finds again by itself.
        if not isinstance(refusal, NotTaken):
            flash(told(refusal, locale), "warning")
        return see_refused(refusal, way.weigh)

    def again(refusal: Refusal) -> str:
        wrong = refusal.words if isinstance(refusal, NotTaken) else {}
        problem = say(locale, "form.look_below") if wrong else told(refusal, locale)
        return _sheet(way, view, picks, seen, problem=problem, wrong=wrong)

    return carry_out(
        decided,
        done=lambda outcome: show_result(way, _view(submission_id, way), picks, outcome, noted(labels)),
        again=again,
        keep=keep,
        recalled=ListOutcome.again,
        noted=labels,
    )


def _view(submission_id: int, way: ListPass = DECIDE) -> SubmissionView:
    return get_submission(
        request_session(),
        actor=current_actor(),
        submission_id=submission_id,
        now=request_now(),
        preparing=way.is_preparing,
    )


def _seen() -> dict[int, int]:
    return read_seen(request.form.get("seen", ""))


def show_names(way: ListPass, view: SubmissionView, *, problem: str = "") -> str:
    """Show the names: those that want a look of their own first, then those to agree to as they come."""
    locale, everything = current_locale(), waiting_names(view)
    wanted = _wanted(everything)
    shown = wanted[:AT_ONCE]
    looks = looks_at(request_session(), actor=current_actor(), ids=[one.id for one in shown])
    said = said_once(view, locale)
    cards = cards_of(shown, looks, said, locale, preparing=way.is_preparing)
    of_many, cards = said_of_many(cards, locale)
    picks = picks_in(request.form.items())
    steps, places = {one.name.label for one in shown}, {one.name.way for one in shown}
    return render(
        "decide.html",
        way=way,
        proposed=summed_up((one.prepared for one in looks.values() if one.prepared), locale),
        step=steps.pop() if len(steps) == 1 else None,
        way_there=places.pop() if len(places) == 1 else None,
        submission=view,
        due=_first_due(shown),
        problem=problem,
        picks=picks,
        apart=[card for card in cards if not card.is_clean],
        clean=[card for card in cards if card.is_clean],
        own=own_names(view),
        said=said,
        of_many=of_many,
        doors=[] if way.is_preparing else doors_of(view.paper.round, view.actions),
        seen=write_seen({one.id: one.name.version for one in shown}),
        following=wanted[AT_ONCE - 1].id if len(wanted) > AT_ONCE else None,
        following_count=len(wanted) - len(shown),
        besides=len(everything) - len(wanted),
        only=request.args.get("only", ""),
        elsewhere=_elsewhere(view, everything),
    )


def _first_due(names: Sequence[NameWaiting]) -> ShownDue | None:
    return due_here(min((one.name.due_at for one in names if one.name.due_at), default=None))


def _wanted(names: Sequence[NameWaiting]) -> list[NameWaiting]:
    """Return the names that the address asks for: some and no others, those after one that was shown."""
    wanted = list(names)
    if only := request.args.get("only"):
        runs = read_runs(only)
        wanted = [one for one in wanted if any(first <= one.id <= last for first, last in runs)]
    after = request.args.get("after", "")
    ids = [one.id for one in wanted]
    return wanted[ids.index(int(after)) + 1 :] if after in map(str, ids) else wanted


def _elsewhere(view: SubmissionView, waiting: Sequence[NameWaiting]) -> int:
    """Return how many names of the list wait for somebody else, or for nobody any more."""
    listed = sum(len(subject.awards) for subject in view.list)
    return listed - len(waiting) - len(own_names(view))


def _weighed(
    view: SubmissionView, picks: Picks, seen: Mapping[int, int], typed: Mapping[str, str]
) -> DecisionSheet:
    now_at = {name.nomination_id: name.version for subject in view.list for name in subject.awards}
    stale = [one for one in picks if one in seen and seen[one] != now_at.get(one, seen[one])]
    changed = changed_since(request_session(), actor=current_actor(), ids=stale) if stale else {}
    return sheet_of(view, picks, seen, changed, current_locale(), typed=typed)


def _sheet(
    way: ListPass,
    view: SubmissionView,
    picks: Picks,
    seen: Mapping[int, int],
    *,
    problem: str = "",
    wrong: Mapping[str, str] | None = None,
) -> str:
    looks = looks_at(request_session(), actor=current_actor(), ids=list(picks))
    prepared = {number: look.prepared for number, look in looks.items() if look.prepared}
    typed = typed_with(request.form, prepared, picks)
    return render(
        "decide_sheet.html",
        way=way,
        submission=view,
        sheet=(sheet := _weighed(view, picks, seen, typed)),
        due=_first_due([one for one in waiting_names(view) if one.id in picks]),
        seen=write_seen(sheet.seen),
        problem=problem,
        wrong=wrong or {},
        typed=typed,
        key=key_of_page(),
    )
