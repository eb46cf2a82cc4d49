"""Who is away and who acts for them, over JSON: list, announce, put right, end."""

from typing import Final

from apiflask import APIBlueprint
from flask import Response, url_for

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.absences import AbsenceAnnouncement, AbsenceCorrection, AbsenceQuery, PersonQuery
from api.inputs.rounds import Nothing
from api.permissions import Permission, permission
from api.rest.answers import answer, described, described_page
from api.rest.idempotency import marked, requested_claim
from workflow.domain.vocabulary import Via
from workflow.operations.people.absences import announce_absence, correct_absence, end_absence
from workflow.queries.absences import (
    AbsenceChoices,
    AbsenceView,
    absence_choices,
    get_absence,
    list_absences,
)
from workflow.queries.paging import BIGGEST_ID, Page

absences = APIBlueprint("absences", __name__, tag="Work and reference data")

_ONE: Final = f"/substitutions/<int(max={BIGGEST_ID}):absence_id>"


@absences.get("/substitutions")
@absences.input(AbsenceQuery, location="query")
@absences.output(described_page(AbsenceView, "Absence"))
@permission(Permission.SIGNED_IN)
def list_all(query_data: AbsenceQuery) -> Response:
    """List your absences and those in which you act, the latest first; with `office` those of your people."""
    page = list_absences(
        request_session(),
        actor=bearer_actor(),
        now=request_now(),
        limit=query_data.limit,
        cursor=query_data.cursor,
        is_office=query_data.office,
    )
    return answer(Page[AbsenceView], page)


@absences.get("/substitutions/choices")
@absences.input(PersonQuery, location="query")
@absences.output(described(AbsenceChoices, "AbsenceChoices"))
@permission(Permission.SIGNED_IN)
def choices(query_data: PersonQuery) -> Response:
    """Read which seats somebody may be away from, and who could act for them."""
    actor = bearer_actor()
    account_id = query_data.account_id or actor.account_id
    found = absence_choices(request_session(), actor=actor, account_id=account_id, now=request_now())
    return answer(AbsenceChoices, found)


@absences.post("/substitutions")
@absences.input(AbsenceAnnouncement)
@absences.output(described(AbsenceView, "Absence"), 201)
@permission(Permission.SIGNED_IN)
def announce(json_data: AbsenceAnnouncement) -> Response:
    """Say that you are away, or for your office that somebody is, and who acts meanwhile."""
    actor = bearer_actor()
    announced = announce_absence(
        request_session(),
        actor=actor,
        new=json_data.absence(actor.account_id),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    edge().wake()
    response = _representation(announced.absence_id, 201)
    response.headers["Location"] = url_for(".read", absence_id=announced.absence_id)
    return marked(response, was_answered_before=announced.was_answered_before)


@absences.get(_ONE)
@absences.output(described(AbsenceView, "Absence"))
@permission(Permission.SIGNED_IN)
def read(absence_id: int) -> Response:
    """Read one absence."""
    return _representation(absence_id)


@absences.put(_ONE)
@absences.input(AbsenceCorrection)
@absences.output(described(AbsenceView, "Absence"))
@permission(Permission.SIGNED_IN)
def correct(absence_id: int, json_data: AbsenceCorrection) -> Response:
    """Write other days or other substitutes, from now on."""
    correct_absence(
        request_session(),
        actor=bearer_actor(),
        absence_id=absence_id,
        changes=json_data.changes(),
        via=Via.API,
        now=request_now(),
    )
    edge().wake()
    return _representation(absence_id)


@absences.post(f"{_ONE}/actions/end")
@absences.input(Nothing)
@absences.output(described(AbsenceView, "Absence"))
@permission(Permission.SIGNED_IN)
def end(absence_id: int, json_data: Nothing) -> Response:  # noqa: ARG001 - the body is read, and empty
    """End an absence at once: from now on nobody acts by it."""
    end_absence(
        request_session(), actor=bearer_actor(), absence_id=absence_id, via=Via.API, now=request_now()
    )
    return _representation(absence_id)


def _representation(absence_id: int, status: int = 200) -> Response:
    view = get_absence(request_session(), actor=bearer_actor(), absence_id=absence_id, now=request_now())
    return answer(AbsenceView, view, status)
