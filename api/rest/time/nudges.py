"""Reminding by hand, over JSON: whoever holds a nomination, or units that owe a round."""

from dataclasses import dataclass

from flask import Response

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.nudges import NudgeRequest, UnitsNudge
from api.permissions import Permission, permission
from api.rest.answers import answer, described
from api.rest.idempotency import marked, requested_claim
from api.rest.nominations import nominations
from api.rest.rounds import rounds
from api.wording import message_of
from workflow.domain.errors import Reason
from workflow.domain.vocabulary import Via
from workflow.operations.nudges.nudge import nudge
from workflow.operations.nudges.units import UnitsNudged, nudge_units
from workflow.queries.nudges.press import NudgeView, nudge_of
from workflow.queries.paging import BIGGEST_ID


@dataclass(frozen=True, slots=True)
class NudgeDone:
    """How many people are told."""

    told_count: int


@dataclass(frozen=True, slots=True)
class UnitNudgeView:
    """What became of one unit: how many are told, or why nobody is."""

    unit: str
    told_count: int
    refused: Reason | None


@dataclass(frozen=True, slots=True)
class UnitsNudgeView:
    """One result a unit."""

    results: tuple[UnitNudgeView, ...]


@nominations.get(f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/nudge")
@nominations.output(described(NudgeView, "NudgePreview"))
@permission(Permission.SIGNED_IN)
def before_nudge(nomination_id: int) -> Response:
    """Read the last three reminders of a nomination's open work, and why you may not press, if so."""
    found = nudge_of(request_session(), actor=bearer_actor(), nomination_id=nomination_id, now=request_now())
    return answer(NudgeView, found)


@nominations.post(f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/nudge")
@nominations.input(NudgeRequest)
@nominations.output(described(NudgeDone, "Nudge"))
@permission(Permission.SIGNED_IN)
def press(nomination_id: int, json_data: NudgeRequest) -> Response:
    """Remind whoever holds a nomination, in your own words; once a working day, whoever presses."""
    done = nudge(
        request_session(),
        actor=bearer_actor(),
        nomination_id=nomination_id,
        words=json_data.words,
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    if not done.was_answered_before:
        edge().wake()
    said = answer(NudgeDone, NudgeDone(done.told_count))
    return marked(said, was_answered_before=done.was_answered_before)


@rounds.post("/rounds/<round_code>/nudge")
@rounds.input(UnitsNudge)
@rounds.output(described(UnitsNudgeView, "UnitsNudge"))
@permission(Permission.SIGNED_IN)
def press_units(round_code: str, json_data: UnitsNudge) -> Response:
    """Remind units of what they owe a round, in your own words; one result a unit."""
    actor = bearer_actor()
    done = nudge_units(
        request_session(),
        actor=actor,
        round_code=round_code,
        units=json_data.units,
        words=json_data.words,
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    if not done.was_answered_before:
        edge().wake()
    return marked(
        answer(UnitsNudgeView, _view(done, actor.locale)), was_answered_before=done.was_answered_before
    )


def _view(done: UnitsNudged, locale: str) -> UnitsNudgeView:
    return UnitsNudgeView(
        tuple(UnitNudgeView(one.unit, one.told_count, _said(one.refused, locale)) for one in done.results)
    )


def _said(refused: Reason | None, locale: str) -> Reason | None:
    return refused and Reason(refused.code, message_of(refused, locale), refused.params)
