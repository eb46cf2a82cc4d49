"""Forms whose answer is a page are kept for whoever sent them, so that the page has an address of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.sent_forms import KEPT_FOR
from workflow.store.base import table_of
from workflow.store.sent_forms import SentForm

MOST_KEPT: Final = 50
"""So many forms of one account are kept: the newest."""

_FORMS = table_of(SentForm)


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form as it was sent to `path`, under the key that its page and its answer share."""

    key: str
    path: str
    fields: Sequence[tuple[str, str]]
    noted: Mapping[str, object] = field(default_factory=dict)


def keep_sent_form(
    session: Session, *, actor: Actor, form: FilledForm, now: datetime, replaces: bool = True
) -> bool:
    """Keep a form, let go what the actor sent too long ago, and commit.

    Returns whether it was kept: with `replaces` always, without it not where the same was kept before.
    """
    mine = _FORMS.c.account_id == actor.account_id
    newest = select(_FORMS.c.sent_at).where(mine).order_by(_FORMS.c.sent_at.desc())
    beyond = newest.offset(MOST_KEPT - 2).limit(1).scalar_subquery()
    is_over = or_(_FORMS.c.sent_at < now - KEPT_FOR, _FORMS.c.sent_at < beyond)
    session.execute(delete(_FORMS).where(mine, is_over))
    row = insert(_FORMS).values(
        account_id=actor.account_id,
        key=form.key,
        path=form.path,
        fields=[list(one) for one in form.fields],
        noted=dict(form.noted),
        sent_at=now,
    )
    kept = ["fields", "noted", "sent_at"]
    anew = row.on_conflict_do_update(
        index_elements=["account_id", "key", "path"], set_={name: row.excluded[name] for name in kept}
    )
    kept_now = (anew if replaces else row.on_conflict_do_nothing()).returning(_FORMS.c.key)
    is_kept = session.scalar(kept_now) is not None
    session.commit()
    return is_kept


def note_on_sent_form(
    session: Session, *, actor: Actor, key: str, path: str, noted: Mapping[str, object]
) -> None:
    """Add to what is noted beside a form that the actor sent, if it is still kept, and commit."""
    is_it = (_FORMS.c.account_id == actor.account_id, _FORMS.c.key == key, _FORMS.c.path == path)
    session.execute(update(_FORMS).where(*is_it).values(noted=_FORMS.c.noted + dict(noted)))
    session.commit()
