"""What the reader of a letter about one work item is asked to do with it, each action with its address."""

from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.vocabulary import NoticeKind
from workflow.messages.action_links import ActionLink
from workflow.messages.compose import LetterLink
from workflow.operations.mail.post import Post
from workflow.operations.mail.said import is_asked
from workflow.store.correspondence import Promise
from workflow.store.definitions import load_definition

_ASKS: Final = frozenset({NoticeKind.WORK_OPENED, NoticeKind.REMINDER})
_MOST: Final = 3


def deeds_of(session: Session, promise: Promise, post: Post) -> tuple[LetterLink, ...]:
    """Return the moves that a letter's work item waits for with their addresses, at most three.

    They are those that the definition gives to whoever owns the step; whether one is open to its reader is
    asked when the address is followed. Who is not to do the work gets none.
    """
    if post.action_links is None or promise.notice not in _ASKS or not is_asked(promise):
        return ()
    if promise.nomination_id is None or promise.work_item_id is None or promise.state is None:
        return ()
    definition = load_definition(session, promise.definition_id or 0)
    if not definition.has_step(promise.state):
        return ()
    state, links, base = promise.state, post.action_links, post.base_url.rstrip("/")
    owner = definition.step(state).owner
    moves = [one for one in definition.moves_from(state) if definition.by_of(one, state) == owner]
    link = ActionLink(
        promise.account_id, promise.nomination_id, promise.last_seq or 0, promise.work_item_id, ""
    )
    return tuple(
        LetterLink(f"{base}{links.path_to(replace(link, action=one.name))}", one.label.text(promise.locale))
        for one in moves[:_MOST]
    )
