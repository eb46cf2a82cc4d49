"""The page behind an address in a letter: one action on one dossier, looked at before it is done.

Whoever comes without the right account learns the number of the file and nothing else; looking changes
nothing and begins no session, as mail scanners look too.
"""

from dataclasses import dataclass
from datetime import datetime

from api.edge import request_now, request_session, request_today
from api.pages.action_form import action_links
from api.pages.identity import code_token, current_locale, visitor
from api.pages.mail_access import keeps_letters
from api.pages.once import new_key
from api.pages.refusals import RefusedForm
from api.pages.routes import pages
from api.pages.views.nomination import due_on_page
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import CourtesyAction
from workflow.messages.action_links import ActionLink
from workflow.operations.codes.ask import offers_code
from workflow.operations.codes.enter import code_session_until
from workflow.queries.escalations.proposed_dates import may_ask_for_date
from workflow.queries.installation import installation_kind
from workflow.queries.mail.asked import is_still_asked
from workflow.queries.me import actor_of_account
from workflow.queries.nominations.diff import NominationDiff, diff_since
from workflow.queries.nominations.moves import moves_of
from workflow.queries.nominations.nomination import read_nomination
from workflow.queries.nominations.seen import Seen
from workflow.queries.shapes import own_words
from workflow.queries.sight import read_seen


@dataclass(frozen=True, slots=True)
class CodeReader:
    """Who came in by a mailed code for one action, and until when."""

    actor: Actor
    until: datetime


@pages.get("/act/<token>")
@permission(Permission.ANYBODY)
def follow_link(token: str) -> str | tuple[str, int]:
    """Show the action a letter asked for, or why it is not there any more."""
    link = action_links().read(token)
    if link is None:
        return unreadable_link()
    actor, reader = visitor().actor, code_reader(link)
    if reader is not None:
        return show_action(reader.actor, link, token, reader=reader)
    if actor is None or actor.account_id != link.account_id:
        is_anothers = actor is not None
        return show_door(link, token, is_anothers=is_anothers), 403 if is_anothers else 200
    return show_action(actor, link, token)


def unreadable_link() -> tuple[str, int]:
    """Return the page of an address that is none of ours, or was cut off."""
    return render("act_door.html", file_number=None, token="", is_anothers=False, takes_code=False), 404


def show_door(
    link: ActionLink, token: str, *, is_anothers: bool = False, problem: str = "", typed: str = ""
) -> str:
    """Return the page that tells the file's number alone; `typed` is what was not taken, to be copied."""
    return render(
        "act_door.html",
        file_number=link.nomination_id,
        token=token,
        is_anothers=is_anothers,
        takes_code=not is_anothers and takes_code(link),
        problem=problem,
        typed=typed,
    )


def takes_code(link: ActionLink) -> bool:
    """Return whether a letter's action may be done with a mailed code, where mails reach their readers."""
    return codes_arrive() and offers_code(request_session(), link)


def codes_arrive() -> bool:
    """Return whether a code that is mailed reaches its reader: where mails are kept, none does."""
    return not keeps_letters(installation_kind(request_session()))


def code_reader(link: ActionLink) -> CodeReader | None:
    """Return who came in by a code for this very link, None where nobody did or it is over."""
    token, session, now = code_token(), request_session(), request_now()
    until = code_session_until(session, link=link, token=token, now=now) if token is not None else None
    actor = actor_of_account(session, link.account_id, now=now) if until is not None else None
    return CodeReader(actor, until) if actor is not None and until is not None else None


def show_action(
    actor: Actor,
    link: ActionLink,
    token: str,
    *,
    reader: CodeReader | None = None,
    refused: RefusedForm | None = None,
) -> str | tuple[str, int]:
    """Return the page of a letter's action, with its form where it is open; `reader` came in by a code."""
    session, now, locale = request_session(), request_now(), current_locale()
    nomination_id = link.nomination_id
    try:
        view, seen = read_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    except NotFound:
        # Somebody else's by now, as when a seat was given up: no more than its number is theirs to know.
        return show_door(link, token, is_anothers=True), 404
    locked = read_seen(session, actor=actor, nomination_id=nomination_id, now=now)
    moves = moves_of(session, actor=actor, locked=locked, now=now)
    named = [move for move in moves if move.name == link.action]
    is_over = not is_still_asked(session, work_item_id=link.work_item_id)
    is_left_to_it = reader is None or offers_code(session, link)
    diff = _diff(actor, link, seen, with_own=is_over)
    asks_date = link.action == CourtesyAction.PROPOSE_DATE
    return render(
        "act.html",
        nomination=view,
        due=due_on_page(view, seen, locale),
        diff=diff,
        label=own_words("action.propose_date") if asks_date else named[0].label if named else None,
        may_ask_date=asks_date and not is_over and may_ask_for_date(session, locked, actor=actor),
        move=next((move for move in named if move.is_open and not is_over and is_left_to_it), None),
        is_over=is_over,
        link=token,
        reader=reader,
        refused=refused,
        today=request_today(),
        new_key=new_key,
    )


def _diff(actor: Actor, link: ActionLink, seen: Seen, *, with_own: bool) -> NominationDiff | None:
    """Return what happened since the letter; with one's own deeds where these may be what ended the work.

    None of a letter that told of no entry of the history.
    """
    if link.seq < 1:
        return None
    return diff_since(
        request_session(),
        actor=actor,
        nomination_id=link.nomination_id,
        seq=link.seq,
        now=request_now(),
        seen=seen,
        with_own=with_own,
    )
