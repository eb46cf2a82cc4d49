"""Is the process there, and can it be trusted with work: for whatever watches over an installation."""

from dataclasses import dataclass
from typing import Final

from apiflask import APIBlueprint
from flask import Response

from api.edge import edge
from api.permissions import Permission, permission
from api.problems import PROBLEM_TYPE
from api.rest.answers import answer
from workflow.queries.health import Check

health = APIBlueprint("health", __name__, enable_openapi=False)

_NOT_READY: Final = 503


@dataclass(frozen=True, slots=True)
class Ready:
    """What `/readyz` says when all is well."""

    status: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class NotReady:
    """The problem that `/readyz` answers with: `detail` names what is red, `checks` everything asked."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    checks: tuple[Check, ...]


@health.get("/healthz")
@permission(Permission.ANYBODY)
def healthz() -> Response:
    """Say that this process answers; nothing else is asked."""
    return answer(dict[str, str], {"status": "ok"})


@health.get("/readyz")
@permission(Permission.ANYBODY)
def readyz() -> Response:
    """Say whether everything can be trusted with work, and list what was found: 200 or 503."""
    checks = edge().readiness.checks()
    red = [f"{check.name}: {check.detail}" for check in checks if not check.is_ok]
    if not red:
        return answer(Ready, Ready("ready", checks))
    detail = "; ".join(red)
    body = NotReady("urn:commendo:problem:not-ready", "Not ready", _NOT_READY, detail, "not-ready", checks)
    response = answer(NotReady, body, _NOT_READY)
    response.content_type = PROBLEM_TYPE
    return response
