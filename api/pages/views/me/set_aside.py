"""What I set aside: until when, and back at one press."""

from typing import Final
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.inbox import AsideRequest
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import due_of, render
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.operations.people.set_aside import bring_back, set_work_aside
from workflow.queries.inbox.inbox import get_inbox_item, list_set_aside

_ASIDE: Final = "/inbox/<uuid:work_item_id>/aside"


@pages.get("/inbox/aside")
@permission(Permission.SIGNED_IN)
def aside_list() -> str:
    """Show what I set aside."""
    return render(
        "aside.html",
        found=list_set_aside(request_session(), actor=current_actor(), now=request_now()),
    )


@pages.get(_ASIDE)
@permission(Permission.SIGNED_IN)
def aside_page(work_item_id: UUID) -> str:
    """Show the form that sets one thing aside."""
    return _shown(work_item_id)


@pages.post(_ASIDE)
@permission(Permission.SIGNED_IN)
def put_aside(work_item_id: UUID) -> Response | tuple[str, int]:
    """Set it aside."""
    actor, session, now = current_actor(), request_session(), request_now()
    get_inbox_item(session, actor=actor, work_item_id=work_item_id, now=now)
    return carry_out(
        lambda: set_work_aside(
            session,
            actor=actor,
            aside=read_typed(AsideRequest, request.form).aside(work_item_id),
            now=now,
        ),
        done=lambda _: go_on(say(current_locale(), "aside.done"), "pages.work"),
        again=lambda refusal: _shown(work_item_id, refusal),
    )


@pages.post(f"{_ASIDE}/back")
@permission(Permission.SIGNED_IN)
def take_aside_back(work_item_id: UUID) -> Response | tuple[str, int]:
    """Take it back."""
    return carry_out(
        lambda: bring_back(request_session(), actor=current_actor(), work_item_id=work_item_id),
        done=lambda _: go_on(say(current_locale(), "aside.is_back"), "pages.work"),
        again=lambda refusal: _shown(work_item_id, refusal),
    )


def _shown(work_item_id: UUID, refusal: Refusal | None = None) -> str:
    session, locale = request_session(), current_locale()
    item = get_inbox_item(session, actor=current_actor(), work_item_id=work_item_id, now=request_now())
    problem, wrong = said_beside(refusal, locale, {"until": "aside.day_wrong"})
    return render(
        "aside_form.html",
        item=item,
        due=due_of(item.due_at, None, locale, item.due_explained),
        problem=problem,
        wrong=wrong,
        typed=request.form,
        today=request_today(),
    )
