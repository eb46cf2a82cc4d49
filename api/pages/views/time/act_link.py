"""The page behind an address in a letter: one action on one dossier, looked at before it is done.

Whoever comes without the right account learns the number of the file and nothing else; looking changes
nothing and begins no session, as mail scanners look too.
"""

from typing import Final

from flask import request

from api.edge import request_now, request_session, request_today
from api.pages.action_form import action_links
from api.pages.identity import current_locale, visitor
from api.pages.once import new_key
from api.pages.routes import pages
from api.pages.views.nomination import due_on_page
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor
from workflow.messages.action_links import ActionLink
from workflow.queries.nominations.asked import is_still_asked
from workflow.queries.nominations.events import changes_since
from workflow.queries.nominations.moves import moves_of
from workflow.queries.nominations.nomination import read_nomination
from workflow.queries.sight import read_seen

_MOST_CHANGES: Final = 50


@pages.get("/act/<token>")
@permission(Permission.ANYBODY)
def follow_link(token: str) -> str | tuple[str, int]:
    """Show the action a letter asked for, or why it is not there any more."""
    link = action_links().read(token)
    if link is None:
        return render("act_door.html", file_number=None, after="", is_anothers=False), 404
    actor = visitor().actor
    if actor is None or actor.account_id != link.account_id:
        is_anothers = actor is not None
        page = render(
            "act_door.html", file_number=link.nomination_id, after=request.path, is_anothers=is_anothers
        )
        return page, 403 if is_anothers else 200
    return _shown(actor, link, token)


def _shown(actor: Actor, link: ActionLink, token: str) -> str | tuple[str, int]:
    session, now, locale = request_session(), request_now(), current_locale()
    nomination_id = link.nomination_id
    try:
        view, seen = read_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    except NotFound:
        # Somebody else's by now, as when a seat was given up: no more than its number is theirs to know.
        return render("act_door.html", file_number=nomination_id, after="", is_anothers=True), 404
    seq, one = link.seq, nomination_id
    changes = changes_since(session, actor=actor, nomination_id=one, seq=seq, limit=_MOST_CHANGES)
    locked = read_seen(session, actor=actor, nomination_id=one, now=now)
    moves = moves_of(session, actor=actor, locked=locked, now=now)
    named = [move for move in moves if move.name == link.action]
    is_over = not is_still_asked(session, work_item_id=link.work_item_id)
    # What one did oneself is no news, unless it is what ended the work.
    mine = actor.account_id
    news = [each for each in changes if is_over or each.actor is None or each.actor.id != mine]
    return render(
        "act.html",
        nomination=view,
        due=due_on_page(view, seen, locale),
        changes=news,
        label=named[0].label if named else None,
        move=next((move for move in named if move.is_open and not is_over), None),
        is_over=is_over,
        link=token,
        today=request_today(),
        new_key=new_key,
    )
