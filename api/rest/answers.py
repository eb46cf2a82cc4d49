"""Writing answers: rows of the queries as JSON, entity tags, and how each answer is described."""

import re
from functools import cache
from typing import Any, Final

from flask import Response, request
from pydantic import RootModel, TypeAdapter

from api.problems import MalformedRequest
from workflow.domain.errors import FieldError, PreconditionRequired
from workflow.queries.paging import Page

JSON: Final = "application/json"
_ENTITY_TAG: Final = re.compile(r'"v([0-9]{1,18})"')


@cache
def described(kind: Any, name: str) -> type[RootModel[Any]]:  # noqa: ANN401 - any type pydantic can write
    """Return the model that describes an answer of this kind in the interface's own description."""
    return type(name, (RootModel[kind],), {"__doc__": getattr(kind, "__doc__", None)})


def described_page(kind: type, name: str) -> type[RootModel[Any]]:
    """Return the model that describes one page of a list of this kind."""
    return described(Page[kind], f"{name}Page")  # type: ignore[valid-type]


def answer(kind: Any, view: object, status: int = 200) -> Response:  # noqa: ANN401 - as `described`
    """Return a query's row, or page of rows, as JSON."""
    return Response(_writer(kind).dump_json(view), status, content_type=JSON)


def tagged(response: Response, version: int) -> Response:
    """Return the answer with the entity tag of a nomination's version."""
    response.headers["ETag"] = entity_tag(version)
    return response


def entity_tag(version: int) -> str:
    """Return the entity tag of a version, the same for every viewer."""
    return f'"v{version}"'


def not_modified(version: int) -> Response:
    """Return the answer to a reader who holds this version already."""
    return tagged(Response(status=304), version)


def is_held_already(version: int) -> bool:
    """Return whether the reader says that they hold this version (`If-None-Match`)."""
    return request.if_none_match.contains_weak(f"v{version}")


def seen_version(in_body: int | None) -> int:
    """Return the version a change is based on, from `If-Match` or the body.

    Raises `PreconditionRequired` without one, `MalformedRequest` for one that cannot be read or for two that
    differ.
    """
    header = request.headers.get("If-Match")
    if header is None and in_body is None:
        raise PreconditionRequired(
            "Say which version you saw: send the nomination's ETag as If-Match, or `version` in the body."
        )
    if header is None:
        return in_body or 0
    found = _ENTITY_TAG.fullmatch(header.strip())
    if found is None:
        message = 'must be one entity tag such as "v3"'
        raise MalformedRequest(f"If-Match {message}.", errors=[FieldError("If-Match", message)])
    version = int(found[1])
    if in_body is not None and in_body != version:
        message = f"says version {version}, the body says {in_body}"
        raise MalformedRequest(f"If-Match {message}.", errors=[FieldError("If-Match", message)])
    return version


def optional_version(in_body: int | None) -> int | None:
    """Return the version a change is based on, None where its sender says none and need not."""
    return None if in_body is None and "If-Match" not in request.headers else seen_version(in_body)


@cache
def _writer(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - as `described`
    return TypeAdapter(kind)
