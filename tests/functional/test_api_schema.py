"""Whatever a program sends, the interface answers as it describes itself, and never with an error of ours."""

from functools import cache
from math import isfinite
from typing import Any

import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.functional.test_api_reference import CONTRACT
from tests.support.hostile import HEADER_TEXTS, TEXTS, VALUES, places_in, replaced
from tests.support.interface import PREFIX, Interface

# That bad input is refused is tried by hand in test_api_protocol. What the library means to break it may lose
# on the way (an extra word without a value), and would then call the right answer wrong.
PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
QUIET = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
]


# Another address is another operation's, whose description does not hold here.
IN_ADDRESS = [text for text in TEXTS if text and "/" not in text]
# What no JSON can hold this client does not write; the raw bodies of the hostile walk do.
# Half a surrogate pair the library cannot look at itself; written out it stands among the hostile bodies.
IN_BODY = [
    value
    for value in VALUES
    if (not isinstance(value, float) or isfinite(value))
    and not (isinstance(value, str) and "\ud800" in value)
]
# A form travels as UTF-8, which has no half of a letter.
IN_FORM = [text for text in TEXTS if text.isascii() or text == text.encode("utf-8", "ignore").decode()]


@pytest.fixture(params=sorted(CONTRACT), ids=" ".join)
def operation(request, interface: Interface) -> APIOperation:
    """Return one operation of the description, on a database with something to find."""
    nomination_id = interface.drafted()
    interface.act("nominator", nomination_id, "submit")
    interface.drafted(person="NV05")
    method, path = request.param
    return described(interface.app)[PREFIX + path][method]


@cache
def described(app: APIFlask) -> OpenApiSchema:
    """Return how an application describes itself: the same whichever test it is lent to."""
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


def send(
    data: st.DataObject, operation: APIOperation, interface: Interface, *, is_hostile: bool = False
) -> Response:
    """Send one made-up request as the nominator, well formed or not; hold the answer to the description."""
    mode = GenerationMode.POSITIVE if is_hostile else data.draw(st.sampled_from(GenerationMode))
    case = data.draw(operation.as_strategy(generation_mode=mode))
    # This client unpacks nothing: answers come plain, as to whoever says so.
    headers = {"Authorization": f"Bearer {interface.token('nominator')}", "Accept-Encoding": "identity"}
    if is_hostile:
        spoil(data, case)
    return case.call_and_validate(headers=headers, checks=PROMISES)


def spoil(data: st.DataObject, case: Case) -> None:
    """Put what nobody meant into one place of a well-formed request: address, query, header or body."""
    places: list[tuple[Any, ...]] = [
        ("headers", "If-Match"),
        ("headers", "Idempotency-Key"),
        *(("path_parameters", name) for name in case.path_parameters or ()),
        *(("query", one.name) for one in case.operation.query),
        *(("body", *place) for place in (places_in(case.body) if isinstance(case.body, dict) else ())),
    ]
    part, *place = data.draw(st.sampled_from(places))
    alphabet = {"headers": HEADER_TEXTS, "path_parameters": IN_ADDRESS, "query": TEXTS}.get(part, IN_BODY)
    if part == "body" and "json" not in (case.media_type or ""):
        alphabet = IN_FORM
    value = data.draw(st.sampled_from(alphabet))
    if part == "body":
        case.body = replaced(case.body, tuple(place), value)
    else:
        getattr(case, part)[place[0]] = value


# So few of each operation: the deep run below sends a hundred times as many.
@given(data=st.data())
@settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=QUIET,
)
def test_answers_are_as_described_also_to_what_nobody_meant(
    operation: APIOperation, interface: Interface, data
) -> None:
    is_hostile = data.draw(st.booleans())
    answer = send(data, operation, interface, is_hostile=is_hostile)
    assert answer.headers["cache-control"] == ["no-store"]


@pytest.mark.deep
@pytest.mark.timeout(7200)
@given(data=st.data())
@settings(max_examples=500, deadline=None, suppress_health_check=QUIET)
def test_answers_are_as_described_whatever_comes(operation: APIOperation, interface: Interface, data) -> None:
    answer = send(data, operation, interface, is_hostile=data.draw(st.booleans()))
    assert answer.headers["cache-control"] == ["no-store"]
