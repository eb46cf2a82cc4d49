"""Open nominations go over to another version of their route: looked at first, then done with a reason."""

from collections.abc import Mapping
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session
from api.inputs.admin.errands import GoingRequest
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.admin.door import administrator
from api.pages.views.admin.errands import examples_of
from api.pages.views.time.impact import typed_renaming
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.rights.errands import ErrandKind, ErrandState
from workflow.operations.errands.ask import ask_errand
from workflow.operations.routes.asked import read_going
from workflow.queries.setup.errands import ErrandView, newest_errand
from workflow.queries.setup.routes import RouteView, get_route, open_by_version

_MOVES: Final = "move"
_WRONG: Final = {
    "reason": "errands.reason_missing",
    "renamed": "errands.renamed_wrong",
    "after": "errands.after_wrong",
    "before": "form.not_in_list",
}


@pages.get("/admin/routes/<key>/migrate")
@permission(Permission.SIGNED_IN)
def going_over(key: str) -> str:
    """Show how much is open on each version, what would go over, and what did."""
    administrator()
    return _page(key)


@pages.post("/admin/routes/<key>/migrate")
@permission(Permission.SIGNED_IN)
def ask_going_over(key: str) -> Response | str | tuple[str, int]:
    """Have the worker find out what would go over, or have it go over."""
    actor, now, session = administrator(), request_now(), request_session()
    kind = ErrandKind.MIGRATE if request.form.get("do") == _MOVES else ErrandKind.MIGRATE_SHOWN

    def asked() -> int:
        more: Mapping[str, object] = {
            "key": key,
            "renamed": typed_renaming(),
            "replans": bool(request.form.get("replans")),
        }
        going = read_typed(GoingRequest, request.form, more=more).asked()
        read_going(session, going)
        return ask_errand(
            session,
            kind,
            actor=actor,
            now=now,
            reason=request.form.get("reason", ""),
            args=going.args(),
            claim=claim_of_form(),
        )

    return carry_out(
        asked,
        done=lambda _number: go_on(say(current_locale(), "errands.asked"), "pages.going_over", key=key),
        again=lambda refusal: _page(key, refusal),
    )


def _page(key: str, refusal: Refusal | None = None) -> str:
    actor, session = administrator(), request_session()
    problem, wrong = said_beside(refusal, current_locale(), _WRONG)
    route = get_route(session, key=key)
    shown = newest_errand(session, actor=actor, kind=ErrandKind.MIGRATE_SHOWN, route=key)
    moved = newest_errand(session, actor=actor, kind=ErrandKind.MIGRATE, route=key)
    if shown and moved and moved.id > shown.id:
        shown = None
    return render(
        "admin/going_over.html",
        route=route.definition,
        versions=open_by_version(session, key=key),
        shown=shown,
        is_ready=_is_ready(shown),
        examples=examples_of(shown),
        labels=_labels(key, route, shown),
        moved=moved,
        move=_MOVES,
        problem=problem,
        wrong=wrong,
        typed=request.form,
        key=new_key(),
    )


def _is_ready(shown: ErrandView | None) -> bool:
    """Whether what was shown can be done: something would go over, and nothing stands in its way."""
    if shown is None or shown.state is not ErrandState.DONE or not shown.result:
        return False
    steps = shown.result["steps"]
    return bool(steps) and not any(step["problem"] for step in steps)


def _labels(key: str, route: RouteView, shown: ErrandView | None) -> dict[str, object]:
    """Return what each step of the versions that were looked at is called."""
    # What failed may name a version that is none.
    looked_at = shown.args if shown and shown.result and "steps" in shown.result else None
    versions = [looked_at[name] for name in ("before", "after")] if looked_at else []
    routes = [get_route(request_session(), key=key, version=one) for one in versions] or [route]
    return {step.name: step.label for one in reversed(routes) for step in one.definition.steps}
