"""Writing answers: rows of the queries as JSON, entity tags, and how each answer is described."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from flask import Response, request
from pydantic import RootModel, TypeAdapter
from pydantic_core import SchemaSerializer, core_schema

from api.problems import MalformedRequest
from workflow.domain.errors import FieldError, PreconditionFailed, PreconditionRequired
from workflow.queries.paging import Page

JSON: Final = "application/json"
# RFC 9110, 8.8.3: a tag is quoted characters, W/ before a weak one; 13.1.1: a list of them, or a star.
_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS: Final = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")
_ONE_TAG: Final = re.compile(rf"{_TAG}")
_STRONG: Final = re.compile(r'"v([0-9]{1,18})"')
_ANY: Final = "*"


@cache
def described(kind: Any, name: str) -> type[RootModel[Any]]:  # noqa: ANN401 - any type pydantic can write
    """Return the model that describes an answer of this kind in the interface's own description."""
    return type(name, (RootModel[kind],), {"__doc__": getattr(kind, "__doc__", None)})


def described_page(kind: type, name: str) -> type[RootModel[Any]]:
    """Return the model that describes one page of a list of this kind."""
    return described(Page[kind], f"{name}Page")  # type: ignore[valid-type]  # the kind is a value here, and each makes a model


def answer(kind: Any, view: object, status: int = 200) -> Response:  # noqa: ANN401 - as `described`
    """Return a query's row, or page of rows, as JSON."""
    return Response(_writer(kind).to_json(view), status, content_type=JSON)


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
    """Return whether the reader says that they hold this version (`If-None-Match`, compared weakly).

    Raises `MalformedRequest` for a header that is neither a star nor entity tags.
    """
    tags = _tags("If-None-Match")
    return tags == _ANY or any(tag.removeprefix("W/") == entity_tag(version) for tag in tags or ())


def seen_version(in_body: int | None, current: Callable[[], int]) -> int:
    """Return the version a change is based on, from `If-Match` or the body.

    `current` reads the version of what is to be changed as its sender sees it, and raises what reading it
    raises; it is asked where tags name no version or several. Raises `PreconditionRequired` without header
    and body, `PreconditionFailed` where no strong tag is one of ours, `MalformedRequest` for a header that is
    no list of entity tags, and for one that contradicts the body (RFC 9110, 13.1.1).
    """
    tags = _tags("If-Match")
    if tags is None and in_body is None:
        raise PreconditionRequired(
            "Say which version you saw: send the ETag as If-Match, or `version` in the body."
        )
    if tags is None:
        return in_body or 0
    named = _versions(tags)
    if in_body is not None and (tags == _ANY or in_body in named):
        return in_body
    if in_body is not None and named:
        message = f"says version {' or '.join(map(str, named))}, the body says {in_body}"
        raise MalformedRequest(f"If-Match {message}.", errors=[FieldError("If-Match", message)])
    if len(named) == 1:
        return named[0]
    now = current()
    if tags == _ANY or now in named:
        return now
    if not named:
        message = f"no tag here is {entity_tag(now)}, and a weak one never counts"
        raise PreconditionFailed(f"If-Match: {message}.", errors=[FieldError("If-Match", message)])
    # Whoever named versions that have passed is told who was faster, as after a single one.
    return max(named)


def optional_version(in_body: int | None, current: Callable[[], int]) -> int | None:
    """Return the version a change is based on, None where its sender says none and need not."""
    return None if in_body is None and "If-Match" not in request.headers else seen_version(in_body, current)


def _tags(header: str) -> Sequence[str] | None:
    """Return the entity tags of a header, "*" for a star, None without one."""
    values = request.headers.getlist(header)
    if not values:
        return None
    text = ", ".join(values).strip()
    if text == _ANY:
        return _ANY
    if not _TAGS.fullmatch(text):
        message = 'must be entity tags such as "v3", apart by commas, or *'
        raise MalformedRequest(f"{header} {message}.", errors=[FieldError(header, message)])
    return _ONE_TAG.findall(text)


def _versions(tags: Sequence[str]) -> list[int]:
    """Return the versions that strong tags of ours name."""
    return [int(found[1]) for tag in tags if (found := _STRONG.fullmatch(tag))]


@cache
def _writer(kind: Any) -> SchemaSerializer:  # noqa: ANN401 - as `described`
    return SchemaSerializer(_words_as_text(TypeAdapter(kind).core_schema))


def _words_as_text(schema: Any) -> Any:  # noqa: ANN401 - a tree of whatever pydantic's schemas are made of
    """Return the schema with every word of ours written as the text that it is.

    Else pydantic asks each one for its value, in Python: a third of what writing an inbox takes.
    """
    if isinstance(schema, dict):
        found = {key: _words_as_text(part) for key, part in schema.items()}
        is_word = found.get("type") == "enum" and found.get("sub_type") == "str"
        return found | {"serialization": core_schema.simple_ser_schema("str")} if is_word else found
    if isinstance(schema, list | tuple):
        return type(schema)(map(_words_as_text, schema))
    return schema
