"""Acting on a whole list: first what it would do, name by name; only the second button does it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.submissions import ListActionBody
from api.pages.action_form import read_action
from api.pages.carry_out import carry_out
from api.pages.frame.seen_again import (
    Page,
    a_look,
    answers,
    done_at,
    keep_refusal,
    key_of_page,
    noted,
    see_refused,
)
from api.pages.identity import current_actor, current_locale
from api.pages.kept_form import ticked_names, typed_fields, words_of
from api.pages.list_words import NameLine, chosen_lines, lines_of, offered
from api.pages.once import claim_of_form, new_key
from api.pages.papers_section import papers_section, scans_of
from api.pages.picked import read_picked
from api.pages.refusals import RefusedForm, refused_action, refused_for_all, sentence_of
from api.pages.routes import pages
from api.pages.views.submissions import SUBMISSION, show_submission
from api.pages.writing import render
from api.permissions import Permission, permission
from api.wording import message_of
from workflow.domain.errors import Refusal
from workflow.domain.moves.engine import Direction
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.rights.submission_rights import WITH_THE_UNIT
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.answers import ItemResult, ListOutcome
from workflow.operations.nominations.answers import RefusedItem as Answer
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.queries.shapes import Words
from workflow.queries.submissions.list_actions import ListAction
from workflow.queries.submissions.submission import SubmissionView, get_submission


@answers(f"{SUBMISSION}/review", is_look=a_look)
@permission(Permission.SIGNED_IN)
def review_list(submission_id: int) -> Page:
    """Show what an action would do with the names ticked, and ask for what it has to be told."""
    what = request.form.get("what", "")
    action = what.partition("@")[0]
    done = done_at("pages.act_on_list", action=action) if action else None
    return done or _sheet(submission_id, what, ticked_names(), status=422)


@pages.get(f"{SUBMISSION}/review")
@permission(Permission.SIGNED_IN)
def review_sheet(submission_id: int) -> str | tuple[str, int]:
    """Show the same by its address, to which the language buttons and a new session lead back."""
    return _sheet(submission_id, request.args.get("what", ""), read_picked(request.args.get("names", "")))


def _sheet(
    submission_id: int, what: str, ticked: frozenset[int], *, status: int = 200
) -> str | tuple[str, int]:
    """Return the review; with nothing to review, the submission with a word about it and that status."""
    view = _view(submission_id)
    action = _chosen(view, what)
    if action is None or not ticked:
        key = "submissions.action_gone" if action is None else "submissions.nobody_ticked_here"
        return show_submission(submission_id, problem=say(current_locale(), key)), status
    refused = noted(dict).get("refused")
    page = _review(view, action, ticked, RefusedForm(**refused) if refused else None, key=key_of_page())
    return (page, refused["status"]) if refused else page


@answers(f"{SUBMISSION}/actions/<action>")
@permission(Permission.SIGNED_IN)
def act_on_list(submission_id: int, action: str) -> Page:
    """Carry out one action on the names listed in the form, and answer for each of them."""
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    view, ticked = _view(submission_id), ticked_names()
    state, route = request.form.get("state"), request.form.get("workflow")
    chosen = _chosen(view, f"{action}@{state}@{route}")

    def decided() -> ListOutcome:
        said = read_action(ListActionBody)
        order = ListOrder(
            submission_id=submission_id,
            version=said.version or 0,
            request=said.as_move(action),
            via=Via.WEB,
            nominations=sorted(set(said.nominations or ())),
            state=said.state,
            workflow=said.workflow,
            assignee_id=said.assignee_id,
            claim=claim_of_form(),
        )
        return act_on_submission(session, actor=actor, order=order, now=now)

    def done(outcome: ListOutcome) -> str | tuple[str, int]:
        if (shared := _shared(outcome)) is not None and chosen is not None:
            answer = refused_for_all(shared, action, locale)
            return _again(view, chosen, ticked, answer), answer.status
        return _done(view, action, outcome, noted(before))

    def before() -> dict[str, object]:
        return _noted(view, chosen)

    def keep(refusal: Refusal) -> Response | None:
        if chosen is None:
            return keep_refusal(refusal)
        refused = {"refused": asdict(refused_action(refusal, action, locale))}
        return see_refused(refusal, "pages.review_list", {"what": chosen.key}, refused)

    def again(refusal: Refusal) -> str:
        return _again(view, chosen, ticked, refused_action(refusal, action, locale))

    return carry_out(decided, done=done, again=again, keep=keep, recalled=ListOutcome.again, noted=before)


def _again(
    view: SubmissionView, action: ListAction | None, ticked: frozenset[int], refused: RefusedForm
) -> str:
    """Return the review with what was typed; where the action is gone, the submission as it is now."""
    if action is None:
        problem = refused.problem or " ".join(refused.reasons) or say(current_locale(), "submissions.stale")
        words = words_of(typed_fields())
        return show_submission(view.paper.id, problem=problem, words=words)
    return _review(view, action, ticked, refused)


def _review(
    view: SubmissionView,
    action: ListAction,
    ticked: frozenset[int],
    refused: RefusedForm | None,
    *,
    key: str = "",
) -> str:
    """Show the names it takes and the step each goes to, those it leaves and why, and the form."""
    locale, takes = current_locale(), frozenset(action.takes)
    lines = lines_of(view, locale)
    section = papers_section(Target(PaperRoot.SUBMISSION, view.paper.id))
    offer = next(one for one in offered(view, locale) if one.action is action)
    unfit = ticked - takes
    return render(
        "submission_review.html",
        submission=view,
        action=action,
        title=offer.title,
        taken=chosen_lines(lines, takes & ticked),
        ways=_ways(action, chosen_lines(lines, takes & ticked), locale),
        left=chosen_lines(lines, unfit),
        lacks=[replace(lack, lines=named) for lack in offer.lacks if (named := _among(lack.lines, unfit))],
        unticked=chosen_lines(lines, takes - ticked),
        elsewhere=len(lines) - len(takes | ticked),
        refused=refused,
        scans=scans_of(section),
        today=request_today(),
        key=key or new_key(),
    )


def _ways(action: ListAction, taken: Sequence[NameLine], locale: str) -> list[tuple[str, list[NameLine]]]:
    """Return the names taken under the step each goes to; under none where whoever acts chooses the step."""
    found = [
        (lead.dest.title.text(locale), chosen_lines(taken, frozenset(lead.nomination_ids)))
        for lead in action.leads
    ]
    led = [(step, lines) for step, lines in found if lines]
    return led or [("", list(taken))]


def _among(lines: Sequence[NameLine], ids: frozenset[int]) -> tuple[NameLine, ...]:
    return tuple(chosen_lines(lines, ids))


def _noted(view: SubmissionView, action: ListAction | None) -> dict[str, object]:
    """Return what nothing tells afterwards: what the action is called, whom it takes away from the unit."""
    if action is None:
        return {}
    names = (name for subject in view.list for name in subject.awards)
    is_onward = action.form.direction is Direction.FORWARD
    with_unit = [one.nomination_id for one in names if is_onward and one.stage in WITH_THE_UNIT]
    return {"label": [action.label.vi, action.label.en], "with_unit": with_unit}


def _done(view: SubmissionView, name: str, outcome: ListOutcome, before: Mapping[str, Any]) -> str:
    """Say of every name what became of it; `before` is what was noted as it was sent."""
    locale = current_locale()
    words = {line.nomination_id: line for line in lines_of(view, locale)}
    refused = [item for item in outcome.items if item.refused is not None]
    return render(
        "submission_done.html",
        submission=view,
        label=Words(*before["label"]).text(locale) if before else name,
        done=[words[item.nomination_id] for item in outcome.done if item.nomination_id in words],
        refused=[_refused_line(item, words, locale) for item in refused],
        # Of what the unit sent on there is a receipt.
        was_sent=any(item.nomination_id in before.get("with_unit", ()) for item in outcome.done),
    )


def _refused_line(item: ItemResult, words: Mapping[int, NameLine], locale: str) -> NameLine:
    known = words.get(item.nomination_id)
    why: Sequence[str] = ()
    if item.refused is not None:
        reasons = [message_of(reason, locale) for reason in item.refused.reasons]
        why = reasons or [sentence_of(item.refused, locale)]
    return NameLine(
        item.nomination_id,
        known.name if known else str(item.nomination_id),
        known.award if known else "",
        tuple(why),
    )


def _shared(outcome: ListOutcome) -> Answer | None:
    """Return the one thing that stands against every name, None where any was decided or they differ."""
    if outcome.done:
        return None
    answers = [item.refused for item in outcome.items if item.refused is not None]
    # Compared, not counted in a set: a reason's parameters are no key.
    said = [(one.code, one.reasons, one.errors) for one in answers]
    return answers[0] if answers and all(one == said[0] for one in said) else None


def _view(submission_id: int) -> SubmissionView:
    return get_submission(
        request_session(), actor=current_actor(), submission_id=submission_id, now=request_now()
    )


def _chosen(view: SubmissionView, what: str) -> ListAction | None:
    """Return the action that a button named by its key, None where it takes nobody now."""
    return next((one for one in view.actions if one.is_open and one.key == what), None)
