"""The interface's description for people at `/docs`: one page from our own files, without a script."""

from dataclasses import dataclass
from typing import Any, Final

from apiflask import APIBlueprint, APIFlask
from flask import current_app, render_template

from api.permissions import Permission, permission
from api.rest.description import Spec, operations
from api.uploads import MULTIPART

_SPEC: Final = "commendo.description"
_REFERENCE: Final = "#/components/schemas/"
_BODY: Final = "application/json"

docs = APIBlueprint(
    "docs",
    __name__,
    enable_openapi=False,
    template_folder="templates",
    static_folder="static",
    static_url_path="/docs/static",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or field as the page shows it."""

    name: str
    place: str
    kind: str
    is_required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Route:
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    takes: tuple[Field, ...]
    gives: tuple[Field, ...]


@docs.get("/docs")
@permission(Permission.ANYBODY)
def read_docs() -> str:
    """Show every route with what it takes and gives."""
    spec = _spec()
    groups: dict[str, list[Route]] = {}
    for path, method, operation in operations(spec):
        groups.setdefault(operation["tags"][0], []).append(_route(spec, path, method, operation))
    return render_template("docs.html", info=spec["info"], groups=groups)


def _spec() -> Spec:
    """Return the description, made once: making it costs more than showing it."""
    app = current_app
    if _SPEC not in app.extensions and isinstance(app, APIFlask):
        app.extensions[_SPEC] = app.spec
    spec: Spec = app.extensions[_SPEC]
    return spec


def _route(spec: Spec, path: str, method: str, operation: Spec) -> Route:
    contents = operation.get("requestBody", {}).get("content", {})
    body = (contents.get(_BODY) or contents.get(MULTIPART, {})).get("schema", {})
    answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    answer = answers[0].get("content", {}).get(_BODY, {}).get("schema", {}) if answers else {}
    return Route(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        about=operation.get("description", ""),
        takes=(*(_parameter(spec, entry) for entry in operation["parameters"]), *_fields(spec, body, "body")),
        gives=_fields(spec, _items(spec, answer), "answer"),
    )


def _parameter(spec: Spec, entry: Spec) -> Field:
    schema = entry["schema"]
    about = entry.get("description") or schema.get("description", "")
    return Field(entry["name"], entry["in"], _kind(spec, schema), bool(entry.get("required")), about)


def _fields(spec: Spec, schema: Spec, place: str) -> tuple[Field, ...]:
    schema = _resolved(spec, schema)
    required = schema.get("required", ())
    return tuple(
        Field(name, place, _kind(spec, entry), name in required, entry.get("description", ""))
        for name, entry in schema.get("properties", {}).items()
    )


def _items(spec: Spec, schema: Spec) -> Spec:
    """Return what one line of a list is; of anything else, itself."""
    found = _resolved(spec, schema)
    items = found.get("properties", {}).get("items")
    inner: Spec = items["items"] if items and "next" in found["properties"] else schema
    return inner


def _resolved(spec: Spec, schema: Spec) -> Spec:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].removeprefix(_REFERENCE)]
    return schema


def _kind(spec: Spec, schema: Spec) -> str:
    """Say what a value is, in a few words."""
    if "$ref" in schema:
        target = _resolved(spec, schema)
        return _kind(spec, target) if "enum" in target else schema["$ref"].rpartition(".")[2]
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if choices := schema.get("anyOf"):
        return " or ".join(dict.fromkeys(_kind(spec, choice) for choice in choices))
    if schema.get("type") == "array":
        return f"list of {_kind(spec, schema.get('items', {}))}"
    kind: Any = schema.get("format") or schema.get("type", "any")
    return str(kind)
