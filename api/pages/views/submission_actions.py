"""Acting on a whole list: first what it would do, name by name; only the second button does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import request

from api.edge import edge, request_now, request_session
from api.pages.action_form import ActionForm
from api.pages.catalogue import say
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.papers_section import papers_section, scans_of
from api.pages.refusals import Refused, refused_for_all, refused_form, refused_operation
from api.pages.routes import pages
from api.pages.views.submissions import SUBMISSION, show_submission
from api.pages.writing import award, render
from api.permissions import Permission, permission
from api.wording import detail_of, message_of
from workflow.domain.errors import NotFound, Refusal
from workflow.domain.paper_names import PaperRoot
from workflow.domain.vocabulary import Via
from workflow.operations.answers import ItemResult, ListOutcome
from workflow.operations.answers import Refused as Answer
from workflow.operations.submission_names import ListOrder, act_on_submission
from workflow.queries.submission import ListAction, SubmissionView, get_submission
from workflow.store.database import local_day
from workflow.store.paper_desks import Target

_BIGGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Line:
    """One name as it is shown before and after: who, for what, and why it is left as it is, if it is."""

    nomination_id: int
    name: str
    award: str
    why: tuple[str, ...] = ()


@pages.post(f"{SUBMISSION}/review")
@permission(Permission.SIGNED_IN)
def review_list(submission_id: int) -> str | tuple[str, int]:
    """Show what an action would do with the names ticked, and ask for what it has to be told."""
    view = _view(submission_id)
    action = _chosen(view, request.form.get("what", ""))
    ticked = _ids("names")
    if action is None or not ticked:
        key = "submissions.action_gone" if action is None else "submissions.nobody_ticked_here"
        return show_submission(submission_id, problem=say(current_locale(), key)), 422
    return _review(view, action, ticked, None)


@pages.post(f"{SUBMISSION}/actions/<action>")
@permission(Permission.SIGNED_IN)
def act_on_list(submission_id: int, action: str) -> str | tuple[str, int]:
    """Carry out one action on the names listed in the form, and answer for each of them."""
    form, actor, locale = ActionForm(), current_actor(), current_locale()
    session, now = request_session(), request_now()
    view, ticked, state = _view(submission_id), _ids("names"), request.form.get("state") or None
    chosen = _chosen(view, f"{action}@{state}")
    if not form.validate():
        return _again(view, chosen, ticked, refused_form(form, action))
    order = ListOrder(
        submission_id=submission_id,
        version=form.version.data,
        request=form.request(action),
        via=Via.WEB,
        nominations=sorted(ticked),
        state=state,
        claim=claim_of_form(),
    )
    session.rollback()
    try:
        outcome = act_on_submission(session, actor=actor, order=order, now=now)
    except NotFound:
        raise
    except Refusal as refusal:
        session.rollback()
        return _again(view, chosen, ticked, refused_operation(refusal, form, action, locale))
    if (shared := _shared(outcome)) is not None and chosen is not None:
        return _again(view, chosen, ticked, refused_for_all(shared, form, action, locale))
    edge().wake()
    return _done(view, chosen, action, outcome)


def _again(
    view: SubmissionView, action: ListAction | None, ticked: frozenset[int], refused: Refused
) -> tuple[str, int]:
    """Return the review with what was typed; where the action is gone, the paper as it is now."""
    if action is None:
        problem = refused.problem or " ".join(refused.reasons) or say(current_locale(), "submissions.stale")
        return show_submission(view.paper.id, problem=problem), refused.status
    return _review(view, action, ticked, refused), refused.status


def _review(view: SubmissionView, action: ListAction, ticked: frozenset[int], refused: Refused | None) -> str:
    """Show the names it takes and those it leaves, with the reasons, and the form."""
    locale, takes = current_locale(), frozenset(action.takes)
    lines = [line for line in _lines(view) if line.nomination_id in ticked]
    section = papers_section(Target(PaperRoot.SUBMISSION, view.paper.id))
    return render(
        "submission_review.html",
        submission=view,
        action=action,
        taken=[line for line in lines if line.nomination_id in takes],
        left=[line for line in lines if line.nomination_id not in takes],
        why=[(message_of(one.reason, locale), one.names) for one in action.refused],
        refused=refused,
        scans=scans_of(section),
        today=local_day(request_session(), request_now()),
        new_key=new_key,
    )


def _done(view: SubmissionView, action: ListAction | None, name: str, outcome: ListOutcome) -> str:
    """Say of every name what became of it."""
    locale = current_locale()
    words = {line.nomination_id: line for line in _lines(view)}
    refused = [item for item in outcome.items if item.refused is not None]
    return render(
        "submission_done.html",
        submission=view,
        label=action.label.text(locale) if action else name,
        done=[words[item.nomination_id] for item in outcome.done if item.nomination_id in words],
        refused=[_refused_line(item, words, locale) for item in refused],
        was_answered_before=outcome.was_answered_before,
    )


def _refused_line(item: ItemResult, words: Mapping[int, Line], locale: str) -> Line:
    known = words.get(item.nomination_id)
    why: Sequence[str] = ()
    if item.refused is not None:
        reasons = [message_of(reason, locale) for reason in item.refused.reasons]
        detail = detail_of(item.refused.code, item.refused.detail, item.refused.params or {}, locale)
        why = reasons or [detail]
    return Line(
        item.nomination_id,
        known.name if known else str(item.nomination_id),
        known.award if known else "",
        tuple(why),
    )


def _shared(outcome: ListOutcome) -> Answer | None:
    """Return the one thing that stands against every name, None where any was decided or they differ."""
    if outcome.done or outcome.was_answered_before:
        return None
    answers = [item.refused for item in outcome.items if item.refused is not None]
    # Compared, not counted in a set: a reason's parameters are no key.
    said = [(one.code, one.reasons, one.errors) for one in answers]
    return answers[0] if answers and all(one == said[0] for one in said) else None


def _lines(view: SubmissionView) -> list[Line]:
    locale = current_locale()
    return [
        Line(name.nomination_id, subject.name, award(name.award.title, locale))
        for subject in view.list
        for name in subject.awards
    ]


def _view(submission_id: int) -> SubmissionView:
    return get_submission(
        request_session(), actor=current_actor(), submission_id=submission_id, now=request_now()
    )


def _chosen(view: SubmissionView, what: str) -> ListAction | None:
    """Return the action that a button named as `approve@unit_review`."""
    return next((one for one in view.actions if f"{one.name}@{one.state}" == what), None)


def _ids(field: str) -> frozenset[int]:
    given = request.form.getlist(field)
    return frozenset(int(text) for text in given if text.isdigit() and int(text) <= _BIGGEST)
