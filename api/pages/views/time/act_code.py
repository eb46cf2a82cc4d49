"""Acting from a letter with a mailed code: asked for, entered, and then that one action and nothing else.

The session for it lies beside the one of signing in and is looked for by these addresses alone: every other
page answers as to a stranger.
"""

from typing import Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import end_reading, request_now, request_session
from api.inputs.nominations import ActionRequest
from api.pages.action_form import action_links, read_action
from api.pages.carry_out import carry_out, go_on
from api.pages.device import known_device
from api.pages.identity import asking_browser, code_token, current_locale, enter_by_code, leave_code, visitor
from api.pages.once import claim_of_form
from api.pages.refusals import refused_action
from api.pages.routes import pages
from api.pages.views.time.act_link import code_reader, codes_arrive, show_action, show_door, unreadable_link
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import NotFound, Refusal, TooManyAttempts
from workflow.domain.vocabulary import Via
from workflow.messages.action_links import CODE_DIGITS, CODE_MINUTES, ActionLink
from workflow.operations.codes.ask import Asker, ask_code, waits_until
from workflow.operations.codes.enter import end_code_session, enter_code
from workflow.operations.nominations.commands import Command, Outcome
from workflow.operations.nominations.decide import decide

_SEE_OTHER: Final = 303
_UNAUTHORISED: Final = 401
_LONGEST: Final = 40


@pages.post("/act/<token>/code")
@permission(Permission.SIGNED_LINK)
def ask_for_code(token: str) -> Response | str | tuple[str, int]:
    """Have a code mailed to whom the letter was written to, and show where to enter it."""
    link = action_links().read(token)
    if link is None:
        return unreadable_link()
    if visitor().actor is not None or not codes_arrive():
        return _back(token)
    asker = Asker(asking_browser(), request.remote_addr or "", device_of=known_device)
    try:
        return carry_out(
            lambda: ask_code(
                request_session(), link=link, links=action_links(), asker=asker, now=request_now()
            ),
            done=lambda _: redirect(url_for("pages.code_page", token=token), _SEE_OTHER),
            again=lambda refusal: _code_page(link, token, _too_many(refusal)),
            refused=(TooManyAttempts,),
        )
    except NotFound:
        return _back(token)


@pages.get("/act/<token>/code")
@permission(Permission.SIGNED_LINK)
def code_page(token: str) -> Response | str | tuple[str, int]:
    """Show where to enter the code that was mailed, or where to ask for one in this browser."""
    link = action_links().read(token)
    if link is None:
        return unreadable_link()
    until = waits_until(request_session(), link=link, browser=asking_browser(), now=request_now())
    return _back(token) if until is None or visitor().actor is not None else _code_page(link, token)


@pages.post("/act/<token>/enter")
@permission(Permission.ANYBODY)
def enter_with_code(token: str) -> Response | str | tuple[str, int]:
    """Open the session for one action with the code that was mailed."""
    link = action_links().read(token)
    if link is None:
        return unreadable_link()
    if visitor().actor is not None:
        return _back(token)

    end_reading()
    opened = enter_code(
        request_session(),
        link=link,
        links=action_links(),
        browser=asking_browser(),
        code=request.form.get("code", "")[:_LONGEST],
        now=request_now(),
    )
    if opened is None:
        return _code_page(link, token, say(current_locale(), "act_link.code_wrong")), _UNAUTHORISED
    enter_by_code(opened)
    return _back(token)


@pages.post("/act/<token>/do")
@permission(Permission.ANYBODY)
def act_with_code(token: str) -> Response | str | tuple[str, int]:
    """Carry out the one action that the code was for, which ends its session."""
    link = action_links().read(token)
    if link is None:
        return unreadable_link()
    reader = code_reader(link)
    if reader is None:
        return _over(link, token)

    def decided() -> Outcome:
        said = read_action(ActionRequest)
        command = Command(
            nomination_id=link.nomination_id,
            version=said.version or 0,
            request=said.as_move(link.action),
            via=Via.LINK,
            claim=claim_of_form(),
            is_by_code=True,
        )
        return decide(request_session(), actor=reader.actor, command=command, now=request_now())

    def done(_outcome: Outcome) -> Response:
        _end()
        return go_on(say(current_locale(), "act_link.done"), "pages.follow_link", token=token)

    def again(refusal: Refusal) -> str:
        refused = refused_action(refusal, link.action, current_locale())
        page = show_action(reader.actor, link, token, reader=reader, refused=refused)
        return page if isinstance(page, str) else page[0]

    return carry_out(decided, done=done, again=again)


@pages.post("/act/<token>/end")
@permission(Permission.ANYBODY)
def end_with_code(token: str) -> Response:
    """End the session for one action before its time."""
    _end()
    return go_on(say(current_locale(), "act_link.ended"), "pages.follow_link", token=token)


def _end() -> None:
    token = code_token()
    leave_code()
    if token is not None:
        end_code_session(request_session(), token=token, now=request_now())


def _over(link: ActionLink, token: str) -> Response | tuple[str, int]:
    """Answer a press after the session by code: also the second of two, whose first was carried out."""
    if visitor().actor is not None:
        return _back(token)
    said, typed = say(current_locale(), "act_link.code_over"), request.form.get("comment", "").strip()
    return show_door(link, token, problem=said, typed=typed), _UNAUTHORISED


def _back(token: str) -> Response:
    return redirect(url_for("pages.follow_link", token=token), _SEE_OTHER)


def _too_many(refusal: Refusal) -> str:
    return say(current_locale(), "act_link.code_wait", count=refusal.params["seconds"])


def _code_page(link: ActionLink, token: str, problem: str = "") -> str:
    until = waits_until(request_session(), link=link, browser=asking_browser(), now=request_now())
    return render(
        "act_code.html",
        file_number=link.nomination_id,
        token=token,
        problem=problem,
        digits=CODE_DIGITS,
        minutes=CODE_MINUTES,
        until=until,
    )
