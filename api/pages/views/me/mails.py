"""My mails: how they come and when, and the page that switches mails of information off by one click."""

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import edge, end_reading, request_now, request_session
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.typed import NotTaken
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import InvalidField
from workflow.domain.mails.preferences import MailPreferences, Pace
from workflow.domain.rights.policy import Actor
from workflow.domain.time.typed_days import read_hour
from workflow.domain.vocabulary import Via
from workflow.messages import formats
from workflow.messages.one_click import OneClick
from workflow.operations.people.mail_preferences import choose_mails, switch_information_off
from workflow.operations.people.mailboxes import choose_mailbox
from workflow.queries.mail.mailboxes import my_mailboxes
from workflow.queries.mail.preferences import mail_preferences
from workflow.queries.me import actor_of_account

_HOURS = ("digest_at", "quiet_from", "quiet_until")
# RFC 8058, 3.1: what a mail program posts; our own button posts the same, and says that it does.
_FIELD, _VALUE = "List-Unsubscribe", "One-Click"
_BY_BUTTON = "button"


@pages.get("/me/mails")
@permission(Permission.SIGNED_IN)
def my_mails() -> str:
    """Show how my mails come and when."""
    return _form(_chosen())


@pages.post("/me/mails")
@permission(Permission.SIGNED_IN)
def choose_my_mails() -> tuple[str, int] | Response:
    """Take how I want my mails, or say which hour cannot be kept."""
    actor, session, now = current_actor(), request_session(), request_now()
    before, wrong = _chosen(), dict[str, str]()
    hours = {}
    for name in _HOURS:
        typed = request.form.get(name, "")
        found = read_hour(typed)
        if found is None:
            wrong[name] = say(actor.locale, "my_mails.hour")
        hours[name] = getattr(before, name) if found is None else found
    pace = Pace.AT_ONCE if request.form.get("pace") == Pace.AT_ONCE else Pace.DIGEST
    chosen = MailPreferences(pace, **hours, wants_information=request.form.get("information") == "on")
    problem = chosen.problem()
    if problem is not None and not wrong:
        field = "quiet_from" if problem == "quiet_by_day" else "digest_at"
        wrong[field] = say(actor.locale, f"my_mails.{problem}")

    def kept() -> None:
        if wrong:
            raise NotTaken(wrong)
        choose_mails(session, actor=actor, chosen=chosen, via=Via.WEB, now=now)

    return carry_out(
        kept,
        done=lambda _: go_on(say(actor.locale, "my_mails.saved"), "pages.my_mails"),
        again=lambda _: _form(chosen, wrong),
        refused=(NotTaken,),
    )


@pages.post("/me/mails/units/<unit_code>")
@permission(Permission.SIGNED_IN)
def choose_unit_mailbox(unit_code: str) -> tuple[str, int] | Response:
    """Say to which mailbox the letters to the people of my unit are copied, empty for none."""
    actor, now, typed = current_actor(), request_now(), request.form.get("mailbox", "")
    return carry_out(
        lambda: choose_mailbox(
            request_session(), actor=actor, unit_code=unit_code, mailbox=typed, via=Via.WEB, now=now
        ),
        done=lambda _: go_on(say(actor.locale, "my_mails.unit_saved"), "pages.my_mails"),
        again=lambda _: _form(_chosen(), {unit_code: say(actor.locale, "my_mails.mailbox_wrong")}),
        refused=(InvalidField,),
    )


@pages.get("/mails/off/<token>")
@permission(Permission.SIGNED_LINK)
def ask_information_off(token: str) -> str | tuple[str, int]:
    """Show the button that switches mails of information off, or that they are; looking changes nothing."""
    reader = _known_reader(token)
    if reader is None:
        return render("mails_off.html", token=token, is_over=True), 404
    chosen = mail_preferences(request_session(), actor=reader, office=_office())
    return render("mails_off.html", token=token, is_off=not chosen.wants_information)


@pages.post("/mails/off/<token>")
@permission(Permission.SIGNED_LINK)
def switch_off(token: str) -> str | Response:
    """Switch mails of information off, by our own button or for a mail program, which follows no redirect."""
    if request.form.get(_FIELD) != _VALUE:
        abort(400)
    actor, session, now = _reader_of(token), request_session(), request_now()
    end_reading()
    switch_information_off(session, actor=actor, via=Via.WEB, now=now)
    if _BY_BUTTON in request.form:
        return redirect(url_for("pages.ask_information_off", token=token), 303)
    return render("mails_off.html", token=token, is_off=True)


def _form(chosen: MailPreferences, wrong: dict[str, str] | None = None) -> str:
    hours = {name: f"{getattr(chosen, name):%H:%M}" for name in _HOURS}
    typed = {name: request.form.get(name, hours[name]) for name in _HOURS}
    zone = formats.zone(edge().settings.timezone, current_locale())
    return render(
        "my_mails.html",
        chosen=chosen,
        hours=typed,
        wrong=wrong or {},
        zone=zone,
        units=my_mailboxes(request_session(), actor=current_actor(), now=request_now()),
        typed_mailbox=request.form.get("mailbox"),
    )


def _chosen() -> MailPreferences:
    return mail_preferences(request_session(), actor=current_actor(), office=_office())


def _office() -> MailPreferences:
    return edge().settings.mail_preferences


def _reader_of(token: str) -> Actor:
    actor = _known_reader(token)
    if actor is None:
        abort(404)
    return actor


def _known_reader(token: str) -> Actor | None:
    account_id = OneClick(edge().settings.secret.encode()).account_of(token)
    return None if account_id is None else actor_of_account(request_session(), account_id, now=request_now())
