"""My calendar: the secret address of my due dates, made, made anew, taken back."""

from flask import request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import edge, end_reading, request_now, request_session
from api.pages.carry_out import go_on
from api.pages.identity import current_actor
from api.pages.routes import pages
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.vocabulary import Via
from workflow.operations.people.feeds import close_feed, open_feed
from workflow.queries.feed.feed import feed_since


@pages.get("/me/calendar")
@permission(Permission.SIGNED_IN)
def my_calendar() -> str:
    """Show whether I have a feed; its address is shown only when it is made."""
    return render(
        "my_calendar.html", since=feed_since(request_session(), actor=current_actor()), address=None
    )


@pages.post("/me/calendar")
@permission(Permission.SIGNED_IN)
def open_calendar() -> str | Response:
    """Make my feed or give it another address, and show that once; a form sent twice makes no second one."""
    actor, session, now = current_actor(), request_session(), request_now()
    since = feed_since(session, actor=actor)
    if request.form.get("since", "") != (since.isoformat() if since else ""):
        return go_on(say(actor.locale, "feed.already"), "pages.my_calendar")
    end_reading()
    secret = open_feed(session, actor=actor, via=Via.WEB, now=now)
    path = url_for("reference.feed", token=secret)
    return render("my_calendar.html", since=now, address=f"{edge().settings.base_url.rstrip('/')}{path}")


@pages.post("/me/calendar/close")
@permission(Permission.SIGNED_IN)
def close_calendar() -> Response:
    """Let my feed be read no more."""
    actor, session, now = current_actor(), request_session(), request_now()
    end_reading()
    close_feed(session, actor=actor, via=Via.WEB, now=now)
    return go_on(say(actor.locale, "feed.closed"), "pages.my_calendar")
