"""What mails about one thing say together: the newest speaks, and what only an earlier one said is kept."""

from dataclasses import replace
from typing import Final

from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import LetterItem
from workflow.store.correspondence import Promise

_REMINDS: Final = frozenset({NoticeKind.REMINDER, NoticeKind.RETURN_REMINDER})


def pressed_by(promise: Promise) -> str | None:
    """Return who pressed by hand, None for any other mail: no ladder's reminder is anybody's deed."""
    return promise.actor_name if promise.notice in _REMINDS else None


def with_said(item: LetterItem, before: LetterItem) -> LetterItem:
    """Return the newest of one thing with what it does not say and one before it did."""
    is_pressed = before.pressed_by is not None and item.pressed_by is None
    return replace(
        item,
        announced=item.announced or before.announced,
        pressed_by=before.pressed_by if is_pressed else item.pressed_by,
        comment=item.comment or (before.comment if is_pressed else ""),
    )
