"""What takes longer than a page may: asked for here, done by the worker, and told here when it is over."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import edge, end_reading, request_now, request_session, request_today, takes_long
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.views.admin.door import administrator
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.rights.errands import ErrandKind
from workflow.domain.vocabulary import Via
from workflow.operations.errands.ask import ask_errand
from workflow.operations.history.checkpoints import note_checkpoint
from workflow.queries.history.audit import export_stream
from workflow.queries.history.checkpoint import write_checkpoint
from workflow.queries.history.search import demand_audit
from workflow.queries.seats import name_units
from workflow.queries.setup.errands import ErrandView, last_checkpoint, newest_errand

_SHOWN: Final = 100
_MOVES: Final = "move"


@pages.get("/audit/verify")
@permission(Permission.SIGNED_IN)
def verification() -> str:
    """Show whether history was found whole, when, and the form that asks for it again."""
    return _verification()


@pages.post("/audit/verify")
@permission(Permission.SIGNED_IN)
def ask_verification() -> Response | str | tuple[str, int]:
    """Have the worker read all of history and every paper."""
    demand_audit(current_actor())
    return _asked(ErrandKind.VERIFY, "pages.verification", _verification)


@pages.post("/audit/checkpoint")
@permission(Permission.SIGNED_IN)
@takes_long
def take_checkpoint() -> Response:
    """Answer where every stream of history ends now, signed, as a file to keep elsewhere."""
    actor, now, session = current_actor(), request_now(), request_session()
    demand_audit(actor)
    key = Ed25519PrivateKey.from_private_bytes(edge().settings.audit_key)
    text = "\n".join([*write_checkpoint(session, key, now=now), ""])
    end_reading()
    note_checkpoint(session, text, actor=actor, via=Via.WEB, now=now)
    response = Response(text, content_type="text/plain; charset=utf-8")
    name = f"checkpoint-{now:%Y%m%dT%H%M%SZ}.txt"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@pages.get("/audit/export")
@permission(Permission.SIGNED_IN)
def export_history() -> Response:
    """Answer one history as a file, with all that is needed to check it elsewhere."""
    actor = current_actor()
    demand_audit(actor)
    stream = export_stream(request_session(), request.args.get("stream", "").strip(), reader=actor)
    text = json.dumps(stream, ensure_ascii=False, indent=2)
    response = Response(text, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="history.json"'
    return response


@pages.get("/admin/calendar/anew")
@permission(Permission.SIGNED_IN)
def counting_anew() -> str:
    """Show what would move if open work were counted by the days in force, and what did."""
    administrator()
    return _counting()


@pages.post("/admin/calendar/anew")
@permission(Permission.SIGNED_IN)
def ask_counting_anew() -> Response | str | tuple[str, int]:
    """Have the worker find out what would move, or move it."""
    administrator()
    is_move = request.form.get("do") == _MOVES
    kind = ErrandKind.REPLAN if is_move else ErrandKind.REPLAN_SHOWN
    return _asked(kind, "pages.counting_anew", _counting, reason=request.form.get("reason", ""))


def _asked(
    kind: ErrandKind, endpoint: str, page: Callable[[Refusal], str], *, reason: str = ""
) -> Response | str | tuple[str, int]:
    actor, now, session = current_actor(), request_now(), request_session()
    return carry_out(
        lambda: ask_errand(session, kind, actor=actor, now=now, reason=reason, claim=claim_of_form()),
        done=lambda _number: go_on(say(current_locale(), "errands.asked"), endpoint),
        again=page,
    )


def _verification(refusal: Refusal | None = None) -> str:
    actor, session = current_actor(), request_session()
    demand_audit(actor)
    problem, _ = said_beside(refusal, current_locale(), {})
    key = Ed25519PrivateKey.from_private_bytes(edge().settings.audit_key).public_key()
    return render(
        "admin/verification.html",
        errand=newest_errand(session, actor=actor, kind=ErrandKind.VERIFY),
        checkpoint=last_checkpoint(session, actor=actor),
        public_key=key.public_bytes_raw().hex(),
        shown=_SHOWN,
        problem=problem,
        key=new_key(),
    )


def _counting(refusal: Refusal | None = None) -> str:
    actor, session = current_actor(), request_session()
    problem, wrong = said_beside(refusal, current_locale(), {"reason": "errands.reason_missing"})
    shown = newest_errand(session, actor=actor, kind=ErrandKind.REPLAN_SHOWN)
    return render(
        "admin/counting.html",
        shown=shown,
        examples=examples_of(shown),
        moved=newest_errand(session, actor=actor, kind=ErrandKind.REPLAN),
        move=_MOVES,
        problem=problem,
        wrong=wrong,
        typed=request.form,
        key=new_key(),
    )


def examples_of(errand: ErrandView | None) -> list[dict[str, Any]]:
    """Return the nominations that a preview names, their units by name and their instants read."""
    found = errand.result.get("examples", ()) if errand and errand.result else ()
    units = name_units(request_session(), (one["unit_code"] for one in found), today=request_today())
    return [
        {
            **one,
            "unit": units[one["unit_code"]],
            **{name: one[name] and datetime.fromisoformat(one[name]) for name in ("was_at", "due_at")},
        }
        for one in found
    ]
