"""People and what is known of them, over JSON."""

from apiflask import APIBlueprint
from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.people import PeopleQuery
from api.permissions import Permission, permission
from api.rest.answers import answer, described, described_page
from workflow.queries.paging import Page
from workflow.queries.people.record import PersonRecord, person_record
from workflow.queries.people.search import PersonRow, find_people

people = APIBlueprint("people", __name__, tag="People and their records")


@people.get("/people")
@people.input(PeopleQuery, location="query")
@people.output(described_page(PersonRow, "Person"))
@permission(Permission.SIGNED_IN)
def look_up(query_data: PeopleQuery) -> Response:
    """Look somebody up by any part of their name, among those whose record you may see."""
    page = find_people(request_session(), actor=bearer_actor(), now=request_now(), **query_data.model_dump())
    return answer(Page[PersonRow], page)


@people.get("/people/<person_code>/record")
@people.output(described(PersonRecord, "PersonRecord"))
@permission(Permission.SIGNED_IN)
def record(person_code: str) -> Response:
    """Read the awards that somebody was given: by lists of earlier years and by nominations decided here."""
    found = person_record(request_session(), actor=bearer_actor(), code=person_code, now=request_now())
    return answer(PersonRecord, found)
