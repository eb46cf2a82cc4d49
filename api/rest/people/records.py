"""People and what is known of them, over JSON."""

from apiflask import APIBlueprint
from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.people import FactBody, PeopleQuery, QuestionBody, RecordQuery
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import answer, described, described_page
from api.rest.idempotency import requested_claim
from workflow.domain.vocabulary import Via
from workflow.operations.people.fact_questions import ask_fact
from workflow.operations.people.facts import say_fact
from workflow.queries.paging import BIGGEST_ID, Page
from workflow.queries.people.advice import NominationAdvice, nomination_advice
from workflow.queries.people.questions import FactAsked, list_fact_questions
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
@people.input(RecordQuery, location="query")
@people.output(described(PersonRecord, "PersonRecord"))
@permission(Permission.SIGNED_IN)
def record(person_code: str, query_data: RecordQuery) -> Response:
    """Read what somebody was given and what is known of them, with what the rules of awards come to."""
    return _record(person_code, query_data.year)


@people.post("/people/<person_code>/facts")
@people.input(FactBody)
@people.output(described(PersonRecord, "PersonRecord"))
@permission(Permission.SIGNED_IN)
def say(person_code: str, json_data: FactBody) -> Response:
    """Say one thing of somebody for a year; what it contradicts is replaced and stays in the history."""
    say_fact(
        request_session(),
        actor=bearer_actor(),
        person_code=person_code,
        fact=json_data.fact(),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    return _record(person_code, None)


@people.post("/people/<person_code>/questions")
@people.input(QuestionBody)
@people.output(described(PersonRecord, "PersonRecord"))
@permission(Permission.SIGNED_IN)
def ask(person_code: str, json_data: QuestionBody) -> Response:
    """Ask a person's unit for a fact that is missing; saying it answers."""
    ask_fact(
        request_session(),
        actor=bearer_actor(),
        person_code=person_code,
        wanted=json_data.wanted(),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    return _record(person_code, None)


@people.get("/facts/asked")
@people.input(Paging, location="query")
@people.output(described_page(FactAsked, "FactAsked"))
@permission(Permission.SIGNED_IN)
def asked(query_data: Paging) -> Response:
    """List the facts that your units are asked for, by the day on which they are due."""
    page = list_fact_questions(
        request_session(),
        actor=bearer_actor(),
        now=request_now(),
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(Page[FactAsked], page)


@people.get(f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/advice")
@people.output(described(NominationAdvice, "NominationAdvice"))
@permission(Permission.SIGNED_IN)
def advice(nomination_id: int) -> Response:
    """Read what the rules of a nomination's award come to: advice, which bars nothing."""
    found = nomination_advice(
        request_session(), actor=bearer_actor(), nomination_id=nomination_id, now=request_now()
    )
    return answer(NominationAdvice, found)


def _record(person_code: str, year: int | None) -> Response:
    found = person_record(
        request_session(), actor=bearer_actor(), code=person_code, now=request_now(), year=year
    )
    return answer(PersonRecord, found)
