"""Telling people of a comment that names them: a letter, and a line in their work to do until it is read.

Who may not read the comment is told nothing of it, and the writer is told whom it does not reach.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.called import Addressee, calls_in
from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.remarks import MENTIONS, Audience
from workflow.domain.rights.naming import Colleague, hears_as, sees_file
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import needs_tree
from workflow.domain.vocabulary import NoticeKind
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.base import table_of
from workflow.store.conditions import is_open
from workflow.store.database import local_day, undo_window
from workflow.store.definitions import load_definition
from workflow.store.locked import Locked
from workflow.store.mentions import Mention, read_colleagues
from workflow.store.people import load_tree
from workflow.store.takers import load_takers

MOST_CHOSEN: Final = 50
"""So many people are ticked for one comment."""

_INSERT: Final = insert(table_of(Mention)).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class CommentDraft:
    """A comment as it is to be said: its words, who reads it, and accounts to tell beside those it calls."""

    text: str
    audience: Audience
    mentions: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """Whom a comment tells, each with the seat by which they read it, and the names of whom it does not."""

    told: tuple[tuple[Colleague, str], ...] = ()
    unheard: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Give the names of those whom it tells."""
        return tuple(one.name for one, _ in self.told)

    @property
    def as_told(self) -> dict[str, object]:
        """Give what history says of it: the accounts told, and to the writer whom it does not reach."""
        said = ((MENTIONS, [one.account_id for one, _ in self.told]), ("unheard", list(self.unheard)))
        return {name: told for name, told in said if told}


def whom_it_names(
    session: Session, locked: Locked, *, actor: Actor, comment: CommentDraft, seat: str | None, now: datetime
) -> Naming:
    """Return whom a comment names, in its words or chosen beside them. Who writes it is nobody to tell.

    Raises `InvalidField` for a name that several who see the nomination have and none of whom was chosen.
    """
    ticked, today = frozenset(comment.mentions), local_day(session, now)
    if not ticked and "@" not in comment.text:
        return Naming()
    people = read_colleagues(session, locked.facts.audience, today=today, with_overseers=True)
    is_overseen = needs_tree(key for one in people for key in one.keys)
    tree = load_tree(session, today=today) if is_overseen else {}
    near = [one for one in people if sees_file(one, locked.facts, tree)]
    calls = calls_in(
        comment.text, [Addressee(one.account_id, one.name, one.email) for one in near], chosen=ticked
    )
    if calls.shared:
        message = f"Several people are called {', '.join(calls.shared)}; choose one, or write the account."
        raise InvalidField(f"mentions: {message}", errors=[FieldError("mentions", message)])
    starter = load_definition(session, locked.definition_id).starter
    told, unheard = [], list(calls.unknown)
    # Whoever was ticked and sees it no more is not named again: who they are is not the writer's to learn.
    for one in near:
        if one.account_id == actor.account_id or one.account_id not in calls.accounts | ticked:
            continue
        role = starter.role if starter else ""
        key = hears_as(one, locked.facts, tree, starter=role, audience=comment.audience, seat=seat)
        if key is None:
            unheard.append(one.name)
        else:
            told.append((one, key))
    return Naming(tuple(told), tuple(unheard))


def tell_named(
    session: Session, naming: Naming, locked: Locked, *, actor: Actor, event_id: UUID, now: datetime
) -> None:
    """Write for each who is named that the comment waits to be read, and promise them a letter.

    In the place of whoever is away the first who stands in for them is written to. The letter waits as long
    as a decision may be undone: who takes the comment back by then has told nobody.
    """
    if not naming.told:
        return
    hands = _hands(session, naming.told, locked, today=local_day(session, now))
    rows, notices = [], []
    window, number = undo_window(session), locked.facts.nomination_id
    for one, key in naming.told:
        reader = hands.get(one.account_id, one.account_id)
        rows += [
            {
                "event_id": event_id,
                "account_id": account_id,
                "named_id": one.account_id,
                "nomination_id": number,
                "key": key,
            }
            for account_id in dict.fromkeys((one.account_id, reader))
            if account_id != actor.account_id
        ]
        notices.append(
            PromisedMail(
                NoticeKind.MENTIONED,
                reader,
                event_id,
                number,
                now,
                event_id=event_id,
                held_until=now + window if window else None,
            )
        )
    session.execute(_INSERT, rows)
    write_notices(session, [one for one in notices if one.account_id != actor.account_id])


def close_mentions(session: Session, *, event_id: UUID, now: datetime) -> None:
    """Close what waits to be read of a comment that was taken back."""
    waits = update(Mention).where(Mention.event_id == event_id, is_open(table_of(Mention).c))
    session.execute(waits.values(closed_at=now))


def close_own(session: Session, locked: Locked, *, account_id: int, now: datetime) -> None:
    """Close what waits to be read by somebody who answers: they write beside the nomination themselves."""
    waits = update(Mention).where(
        Mention.nomination_id == locked.facts.nomination_id,
        Mention.account_id == account_id,
        is_open(table_of(Mention).c),
    )
    session.execute(waits.values(closed_at=now))


def _hands(
    session: Session, told: Sequence[tuple[Colleague, str]], locked: Locked, *, today: date
) -> dict[int, int]:
    """Return who is written to in the place of each who is away: never the nominee of the file."""
    takers = load_takers(session, [(one.account_id, key) for one, key in told], today=today)
    nominee = locked.facts.subject_person_id
    found = dict[int, int]()
    for (account_id, _), holders in takers.items():
        fit = [one.account_id for one in holders if nominee is None or one.person_id != nominee]
        if account_id is not None and fit:
            found[account_id] = fit[0]
    return found
