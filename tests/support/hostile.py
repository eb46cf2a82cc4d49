"""What people and programs send that nobody meant, and every place of the interface where it can be put."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

NUL = "\x00"
# Each has brought down a product somewhere: bytes no text holds, digits that are none, days without a morrow.
TEXTS = (
    NUL,
    f"a{NUL}b",
    "²",
    "٣",
    "9" * 5000,
    str(2**63),
    "-1",
    "NaN",
    "1e400",
    "9999-12-31",
    "0001-01-01",
    # The first and the last day that is taken: before telephones had zones, and with little after it.
    "1900-01-01",
    "2200-12-31",
    "2026-W01-1",
    "\u202eab",
    "NV\u00ad04",
    "NV\u00a004",
    "\ufffe",
    "x/board",
    "../..",
    "%00",
    "'\"<>",
    "[" * 3000,
    "",
    "WyJub21pbmF0aW9ucyIsOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OV0",
)
VALUES: tuple[Any, ...] = (
    *TEXTS,
    "\ud800",
    -1,
    2**63,
    10**400,
    float("nan"),
    float("-inf"),
    1.5,
    True,
    None,
    [],
    {},
    [[[[[[]]]]]],
    {"\x00": "\x00"},
)
HEADER_TEXTS = ("²", "9" * 5000, '"v²"', "*", '"v1", "v' + "9" * 400 + '"', 'W/"', "\xff", '"', ",")
RAW_BODIES = (
    b'{"version": NaN}',
    b'{"version": 1e999999}',
    b'{"version": ' + b"9" * 5000 + b"}",
    b'{"a": ' + b"[" * 100_000,
    b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"\xff\xfe{}",
    b'{"comment": "\\ud800"}',
    b'{"comment": "\x00"}',
    b'{"comment": "\\u0000"}',
    b"",
    b"null",
)


def address(text: str) -> str:
    """Return a text as one piece of an address, bytes that are no UTF-8 included."""
    return quote(text, safe="", errors="surrogatepass")


def sample(schema: Mapping[str, Any], known: Mapping[str, Any], name: str = "") -> Any:
    """Return a value of the shape that a schema describes, by its name one that exists."""
    while "$ref" in schema or "anyOf" in schema:
        reference = schema.get("$ref", "").rsplit("/", 1)[-1]
        schema = known["$defs"][reference] if reference else schema["anyOf"][0]
    kind = schema.get("type")
    plain = {"integer": schema.get("minimum", 1), "boolean": False, "array": []}.get(str(kind), "một")
    found = known.get(name, schema.get("enum", [plain])[0])
    if kind == "object":
        found = {field: sample(inner, known, field) for field, inner in schema.get("properties", {}).items()}
    elif kind == "array" and name not in known:
        found = [sample(schema["items"], known, name)]
    elif schema.get("format") == "date":
        found = "2026-05-04"
    return found


def spoiled(body: Any) -> Iterator[Any]:
    """Give the body with each of its places, however deep, replaced by each value that nobody meant."""
    for place in places_in(body):
        for value in VALUES:
            yield replaced(body, place, value)


def replaced(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of the body with another value at one place."""
    changed = copy.deepcopy(body)
    here = changed
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = value
    return changed


def as_json(body: Any) -> bytes:
    """Write a body, lone surrogates as their escapes."""
    return json.dumps(body).encode()


def places_in(body: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to each place of a body, however deep."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for step, value in inner:
        yield (*above, step)
        yield from places_in(value, (*above, step))
