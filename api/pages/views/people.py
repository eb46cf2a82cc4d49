"""Looking people up, and the page of each: what they were given, by year."""

from typing import Final

from flask import request

from api.edge import request_now, request_session
from api.pages.identity import current_actor
from api.pages.routes import pages
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.text import LONGEST_LINE, normalise
from workflow.queries.people.record import own_record, person_record
from workflow.queries.people.search import find_people

_PAGE: Final = 50


@pages.get("/people")
@permission(Permission.SIGNED_IN)
def people() -> str:
    """Show the form to look somebody up, and whom it found."""
    q = normalise(request.args.get("q", ""), field="q", single_line=True)[:LONGEST_LINE]
    found = None
    if q:
        found = find_people(
            request_session(),
            actor=current_actor(),
            q=q,
            now=request_now(),
            limit=_PAGE,
            cursor=request.args.get("cursor"),
        )
    return render("people.html", q=q, found=found, is_first="cursor" not in request.args)


@pages.get("/people/<person_code>")
@permission(Permission.SIGNED_IN)
def person(person_code: str) -> str:
    """Show somebody's awards by year."""
    found = person_record(request_session(), actor=current_actor(), code=person_code, now=request_now())
    return render("person.html", person=found)


@pages.get("/me/record")
@permission(Permission.SIGNED_IN)
def my_record() -> str:
    """Show one's own awards by year."""
    found = own_record(request_session(), actor=current_actor(), now=request_now())
    return render("person.html", person=found)
