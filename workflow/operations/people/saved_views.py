"""Giving what one narrows one's work to a name, another name, or none; alone or for one's unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound, Reason
from workflow.domain.rights.policy import Actor
from workflow.store.access import Account
from workflow.store.base import table_of
from workflow.store.saved_views import SavedView, seen_views, viewer

MOST_VIEWS: Final = 30
"""How many views one person may have saved."""

_VIEW = table_of(SavedView)


@dataclass(frozen=True, slots=True)
class ViewName:
    """What a saved view is called, and whether the people of its maker's unit see it; None leaves it."""

    name: str | None
    is_shared: bool | None


def save_view(session: Session, *, actor: Actor, called: ViewName, words: Mapping[str, str]) -> int:
    """Save the words of an address under a name and commit; return its number, the same for the same again.

    Raises `InvalidField` for a name that is empty or another view's already, `Conflict` beyond `MOST_VIEWS`
    or where there is no unit to share it with.
    """
    name = _demand_name(called.name or "")
    unit_id = _unit_of(actor, is_shared=bool(called.is_shared))
    # Twins wait here for each other, so that they are counted.
    session.execute(select(Account.id).where(Account.id == actor.account_id).with_for_update(key_share=True))
    mine = SavedView.account_id == actor.account_id
    if session.scalars(select(func.count()).select_from(SavedView).where(mine)).one() >= MOST_VIEWS:
        message = f"You have saved {MOST_VIEWS} views already: delete some of them first."
        raise Conflict(message, reasons=[Reason("views_full", message, {"count": str(MOST_VIEWS)})])
    row = {"account_id": actor.account_id, "unit_id": unit_id, "name": name, "words": dict(words)}
    made = session.scalar(insert(_VIEW).values(row).on_conflict_do_nothing().returning(_VIEW.c.id))
    same = func.lower(SavedView.name) == name.lower(), SavedView.words == dict(words)
    saved: int | None = made or session.scalar(select(SavedView.id).where(mine, *same))
    if saved is None:
        raise _named_so(name)
    session.commit()
    return saved


def change_view(session: Session, *, actor: Actor, view_id: int, called: ViewName) -> None:
    """Call a view otherwise, share it or keep it to oneself, and commit.

    Raises `NotFound` for one that the actor does not see, `Forbidden` for another's, and as `save_view` does.
    """
    view = _own(session, actor, view_id)
    name = view.name if called.name is None else _demand_name(called.name)
    unit_id = view.unit_id if called.is_shared is None else _unit_of(actor, is_shared=called.is_shared)
    taken = select(SavedView.id).where(
        SavedView.account_id == actor.account_id,
        func.lower(SavedView.name) == name.lower(),
        SavedView.id != view_id,
    )
    if session.scalar(taken) is not None:
        raise _named_so(name)
    session.execute(update(_VIEW).where(_VIEW.c.id == view_id).values(name=name, unit_id=unit_id))
    session.commit()


def delete_view(session: Session, *, actor: Actor, view_id: int) -> None:
    """Delete a view of the actor's own and commit. Raises as `change_view` does."""
    _own(session, actor, view_id)
    session.execute(delete(_VIEW).where(_VIEW.c.id == view_id))
    session.commit()


def _own(session: Session, actor: Actor, view_id: int) -> SavedView:
    # Whoever changes a view waits for whoever changes another of theirs, so names stay apart.
    session.execute(select(Account.id).where(Account.id == actor.account_id).with_for_update(key_share=True))
    view = session.scalar(
        select(SavedView).where(SavedView.id == view_id, seen_views()).params(viewer(actor))
    )
    if view is None:
        raise NotFound("There is no such view among those you see.")
    if view.account_id != actor.account_id:
        message = "Somebody else made this view; they alone change it."
        raise Forbidden(message, reasons=[Reason("view_of_another", message)])
    return view


def _demand_name(name: str) -> str:
    if not name.strip():
        raise InvalidField("name: is required.", errors=[FieldError("name", "is required")])
    return name.strip()


def _unit_of(actor: Actor, *, is_shared: bool) -> int | None:
    if not is_shared:
        return None
    if actor.unit_id is None:
        message = "You belong to no unit that a view could be shared with."
        raise Conflict(message, reasons=[Reason("view_without_unit", message)])
    return actor.unit_id


def _named_so(name: str) -> InvalidField:
    message = f"you have a view called '{name}' already"
    said = Reason("view_named_so", f"name: {message}.", {"name": name})
    return InvalidField(said.message, reasons=[said], errors=[FieldError("name", message)])
