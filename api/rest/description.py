"""What the interface says about itself at `/openapi.json`: OpenAPI 3.1, made from the routes by APIFlask.

Added here is what every route has in common: the token, the problems, the headers of versions and keys.
"""

from collections.abc import Iterator
from typing import Any, Final

from apiflask import APIFlask

from api.problems import PROBLEM_TYPE
from api.rest.idempotency import HEADER
from api.uploads import FILE, MULTIPART
from workflow.domain.papers.media import EXTENSIONS
from workflow.domain.vocabulary import PaperKind
from workflow.queries.paging import BIGGEST_ID

Spec = dict[str, Any]

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_ABOUT: Final = """Award nominations from draft to decision.

Every change needs the version it is based on (`If-Match`), every POST may carry an `Idempotency-Key`. Lists
are cut at `limit`; `next` is the `cursor` of the rest, and a page may have one before it is full. Errors are
problems (RFC 9457) with a stable `code`.
Send `Accept-Language: vi` to read them in Vietnamese."""
_TEXT: Final[Spec] = {"type": "string"}
_PROBLEM: Final[Spec] = {
    "type": "object",
    "description": "Why there is no answer. `code` is stable; the words are for people.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "reasons": {
            "type": "array",
            "description": "Each rule that said no.",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": _TEXT, "message": _TEXT, "params": {"type": "object"}},
            },
        },
        "errors": {
            "type": "array",
            "description": "Each field that could not be taken.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": _TEXT, "message": _TEXT},
            },
        },
    },
}
_ID: Final[Spec] = {"type": "integer", "minimum": 1, "maximum": BIGGEST_ID}
_IF_MATCH: Final[Spec] = {
    "name": "If-Match",
    "in": "header",
    "description": 'The version you saw, such as `"v3"`; instead of `version` in the body.',
    "schema": {"type": "string", "pattern": '^"v[0-9]{1,18}"$'},
}
_IF_NONE_MATCH: Final[Spec] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The version you hold; the answer is 304 when there is no other.",
    "schema": _TEXT,
}
_KEY: Final[Spec] = {
    "name": HEADER,
    "in": "header",
    "description": "The same key with the same request is done once and answered again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_PAPER: Final[Spec] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": [str(kind) for kind in PaperKind]},
        FILE: {"type": "string", "format": "binary", "description": "A PDF, PNG, JPEG or TIFF."},
        "confirms_not_secret": {
            "type": "boolean",
            "description": "True: nothing in the file is a state secret. Required with a file, "
            "unless the installation does not ask (COMMENDO_ASK_STATE_SECRETS).",
        },
        "secret_number": {**_TEXT, "description": "Instead of a file: the number of a secret paper."},
        "secret_place": {**_TEXT, "description": "Where the secret paper is kept."},
        "version": {"type": "integer", "minimum": 0, "description": "The version you saw, if any."},
    },
}
_BYTES: Final[Spec] = {
    media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in EXTENSIONS
}


def register(app: APIFlask) -> None:
    """Have the application's description completed once it is asked for."""
    app.config["INFO"] = {"description": _ABOUT}
    app.config["SECURITY_SCHEMES"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    app.spec_processor(_complete)


def operations(spec: Spec) -> Iterator[tuple[str, str, Spec]]:
    """Yield every operation of a description with its path and method."""
    for path, methods in spec["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def _complete(spec: Spec | str) -> Spec:
    if isinstance(spec, str):
        raise TypeError("the description is asked for as JSON, not YAML")
    spec["security"] = [{"bearer": []}]
    spec.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    for path, method, operation in operations(spec):
        parameters = operation["parameters"]
        for parameter in parameters:
            if parameter["name"] in {"absence_id", "cluster_id", "nomination_id", "submission_id"}:
                parameter["schema"] = _ID
        operation["responses"]["default"] = {
            "description": "A problem",
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if method == "post":
            parameters.append(_KEY)
        acts_on_a_version = path.endswith(("/actions/{action}", "/rows", "/transfers"))
        if acts_on_a_version or (method == "patch" and not _has_no_version(path)):
            parameters.append(_IF_MATCH)
        if method == "post" and path.endswith("/attachments"):
            operation["requestBody"] = {"required": True, "content": {MULTIPART: {"schema": _PAPER}}}
        if path.endswith("/attachments/{attachment_id}"):
            operation["responses"]["200"] = {"description": "The bytes", "content": _BYTES}
        if path.endswith("/nominations/{nomination_id}"):
            _describe_versions(method, operation)
    return spec


def _has_no_version(path: str) -> bool:
    """Return whether what lies at a path is reference data, changed whole and without a version."""
    return path.endswith(("/clusters/{cluster_id}", "/campaigns/{code}"))


def _describe_versions(method: str, operation: Spec) -> None:
    operation["responses"]["200"]["headers"] = {"ETag": {"schema": _IF_MATCH["schema"]}}
    if method == "get":
        operation["parameters"].append(_IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "You hold this version already"}
