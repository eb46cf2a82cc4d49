"""Mails that would have gone, where none are sent; and mails and reminders that failed for good."""

from typing import Final
from uuid import UUID

from flask import Response, abort, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.navigation import OVERSEERS
from api.pages.identity import current_actor
from api.pages.mail_access import shows_letters
from api.pages.routes import allow_frame, pages
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.rights.policy import may_administer, mending_keys
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.try_again import reach_again, try_again
from workflow.queries.installation import installation_kind
from workflow.queries.mail.dead import dead_mails as list_dead_mails
from workflow.queries.mail.dead import dead_reminders
from workflow.queries.mail.mailbox import get_letter, list_letters
from workflow.queries.mail.unreachable import unreachable_addresses
from workflow.queries.paging import BIGGEST_ID

_PAGE: Final = 50
# A letter is shown as its reader's mail program would: nothing of it runs, nothing is fetched from anywhere.
LETTER_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


@pages.get("/mailbox")
@permission(Permission.SIGNED_IN)
@narrowed_by()
def mailbox() -> str:
    """Show my mails that would have gone; an administrator reads everybody's."""
    _demand_letters()
    actor = current_actor()
    page = list_letters(request_session(), actor=actor, limit=_PAGE, cursor=request.args.get("cursor"))
    return render(
        "mailbox.html",
        letters=page.items,
        next=page.next,
        is_first="cursor" not in request.args,
        reads_all=may_administer(actor),
    )


@pages.get("/mailbox/<message_id>")
@permission(Permission.SIGNED_IN)
def letter(message_id: str) -> str:
    """Show one mail, as text and as it looks."""
    _demand_letters()
    allow_frame()
    return render(
        "letter.html", letter=get_letter(request_session(), actor=current_actor(), message_id=message_id)
    )


@pages.get("/mailbox/<message_id>/html")
@permission(Permission.SIGNED_IN)
def letter_html(message_id: str) -> Response:
    """Answer one mail's HTML alone, for the frame on its page; it can run and fetch nothing."""
    _demand_letters()
    found = get_letter(request_session(), actor=current_actor(), message_id=message_id)
    response = make_response(found.html)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    return response


@pages.get("/mails/dead")
@permission(Permission.SIGNED_IN)
@narrowed_by("reminders")
def dead_mails() -> str:
    """Show what failed for good to those who watch over it; to others there is no such page."""
    actor, session = current_actor(), request_session()
    if not any(actor.holds(role) for role in OVERSEERS):
        abort(404)
    mails = list_dead_mails(session, actor=actor, limit=_PAGE, cursor=request.args.get("cursor"))
    reminders = dead_reminders(session, actor=actor, limit=_PAGE, cursor=request.args.get("reminders"))
    return render(
        "dead_mails.html",
        mails=mails,
        reminders=reminders,
        addresses=unreachable_addresses(session, actor=actor, today=request_today()),
        is_first="cursor" not in request.args,
        is_first_reminder="reminders" not in request.args,
        may_try_again=bool(mending_keys(actor)),
    )


@pages.post(f"/mails/addresses/<int(max={BIGGEST_ID}):account_id>/again")
@permission(Permission.SIGNED_IN)
def reach_address(account_id: int) -> Response | AnyResponse | str | tuple[str, int]:
    """Count an address as reachable again and send what failed there once more."""
    actor, session = current_actor(), request_session()
    if not any(actor.holds(role) for role in OVERSEERS):
        abort(404)
    return carry_out(
        lambda: reach_again(session, actor=actor, account_id=account_id, via=Via.WEB, now=request_now()),
        done=lambda _: go_on(say(actor.locale, "dead.reached"), "pages.dead_mails"),
        again=lambda _: dead_mails(),
        refused=(),
    )


@pages.post("/mails/dead/<uuid:mail_id>/again")
@permission(Permission.SIGNED_IN)
def send_again(mail_id: UUID) -> Response | AnyResponse | str | tuple[str, int]:
    """Send a failed mail again, once its address was mended."""
    actor, session = current_actor(), request_session()
    if not any(actor.holds(role) for role in OVERSEERS):
        abort(404)
    now = request_now()
    return carry_out(
        lambda: try_again(session, actor=actor, mails=[mail_id], via=Via.WEB, now=now),
        done=lambda _: go_on(say(actor.locale, "dead.done"), "pages.dead_mails"),
        again=lambda _: dead_mails(),
        refused=(),
    )


def _demand_letters() -> None:
    if not shows_letters(installation_kind(request_session())):
        abort(404)
