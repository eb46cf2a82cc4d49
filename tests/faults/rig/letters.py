"""Whether every letter that was owed has gone to the right person, as often as it may, and none too late.

What is owed is told by a table of this file's own, from what the clients did, not by the product's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.faults.rig.clients import Act
from tests.faults.rig.installation import Window
from tests.faults.rig.oracle import Witnesses
from tests.faults.rig.sink import Taken
from tests.faults.rig.world import HEAD, SECRETARY, Away, seat

_LATE: Final = timedelta(seconds=5)
"""Between the look whether work is done and the first word to the mail server, on a busy machine."""

_BY_TIME: Final = ("reminder", "escalation")
_BY_CHANCE: Final = (*_BY_TIME, "work_gone")
"""Letters that an instant decides: what fell due, and who had been told of a question by its end."""
_FOR_THE_ACTION: Final = {
    "submit": ("work_opened", "unit_reviewer"),
    "return": ("returned", "nominator"),
    "request_info": ("info_asked", "nominator"),
}
_FOR_THE_ANSWER: Final = {"unit_review": "unit_reviewer", "council": SECRETARY, "decision": HEAD}
_FOR_THE_STATE: Final = {
    "council": ("work_opened", SECRETARY),
    "decision": ("work_opened", HEAD),
    "approved": ("approved", "nominator"),
    "rejected": ("rejected", "nominator"),
}
_NOT_REPEATED: Final = "maybe_sent, not repeated: "
_AWAY: Final = "away"
_ABOUT_WORK: Final = frozenset({"task", "escalation"})


@dataclass(frozen=True, slots=True)
class Row:
    """One outbox row with what is true of its work; `was_aside`: it lay aside for a question since then.

    `has_newer`: a younger one tells the same reader of the same; `sent_at`: when it was found on its way or,
    of one that is not repeated, when it left a letter that goes out once more without it.
    """

    nomination_id: int
    notice: str
    mail_class: str
    state: str
    reason: str
    message_id: str | None
    email: str
    created_at: datetime
    closed_at: datetime | None
    is_held: bool
    is_question: bool
    sent_at: datetime | None
    was_aside: bool = False
    has_newer: bool = False


@dataclass
class Post:
    """What was found of letters: how many went, how many a second time, and what is wrong."""

    letters: int = 0
    copies: int = 0
    dead: int = 0
    wrong: list[str] = field(default_factory=list)


def owed_by(act: Act) -> tuple[str, str] | None:
    """Return which letter an action owes to whom, None where it owes none."""
    by_action = _FOR_THE_ACTION.get(act.action)
    if act.action == "answer_info" and act.email == seat("nominator", act.unit):
        by_action = ("info_answered", _FOR_THE_ANSWER[act.state])
    by_state = _FOR_THE_STATE.get(act.state) if act.action in ("approve", "reject") else None
    found = by_action or by_state
    if found is None:
        return None
    notice, whom = found
    return notice, whom if "@" in whom else seat(whom, act.unit)


def read_rows(seen: Witnesses) -> list[Row]:
    """Return the outbox rows about the scenario's nominations."""
    return [
        Row(*values)
        for values in seen.rows(
            "SELECT outbox.nomination_id, notice, mail_class, outbox.state, coalesce(state_reason, ''),"
            " message_id, email, outbox.created_at, work_item.closed_at, is_held,"
            " coalesce(work_item.kind = 'answer', false), sent_at"
            " FROM outbox JOIN account ON account.id = account_id"
            " JOIN nomination ON nomination.id = outbox.nomination_id"
            " LEFT JOIN work_item ON work_item.id = work_item_id WHERE outbox.nomination_id > %(floor)s"
        )
    ]


def judge(seen: Witnesses, taken: Sequence[Taken], *, windows: Sequence[Window], dead: int | None) -> Post:
    """Compare outbox, mail server and history.

    What was taken within one of the `windows` may have been taken again; `dead` is how many letters may have
    died, None for any number.
    """
    asked = _questions(seen)
    found = read_rows(seen)
    newest = {(row.nomination_id, row.notice, row.email): row.created_at for row in sorted(found, key=_age)}
    rows = [
        replace(
            row,
            was_aside=any(row.created_at <= since for since, _ in asked[row.nomination_id]),
            has_newer=row.created_at < newest[row.nomination_id, row.notice, row.email],
        )
        for row in found
    ]
    post = Post()
    post.wrong += _promised(seen, rows)
    post.wrong += _fates(rows, seen.rig.world.away)
    names = defaultdict(list)
    for row in rows:
        names[row.message_id].append(row)
    ours = [each for each in taken if each.message_id in names]
    counts = Counter(each.message_id for each in ours)
    post.letters, post.copies = len(counts), sum(counts.values()) - len(counts)
    post.dead = sum(row.state == "dead" for row in rows)
    if dead is not None and post.dead > dead:
        reasons = {row.reason for row in rows if row.state == "dead"}
        post.wrong.append(f"{post.dead} letters dead: {sorted(reasons)[:3]}")
    post.wrong += _lost(rows, counts, seen.rig.world.away)
    post.wrong += _strangers(seen, taken)
    post.wrong += _misled(ours, names)
    post.wrong += too_soon(ours, names, asked)
    post.wrong += _outside(ours, windows)
    return post


def _questions(seen: Witnesses) -> Mapping[int, list[Window]]:
    """Return by nomination from when until when a question certainly waited, as the clients remember it."""
    found = defaultdict(list)
    for nomination_id, acts in seen.by_nomination().items():
        ends = [*(act.asked_at for act in acts[1:]), datetime.max.replace(tzinfo=UTC)]
        for act, end in zip(acts, ends, strict=True):
            if act.action == "request_info":
                found[nomination_id].append((act.asked_at + timedelta(seconds=act.seconds), end))
    return found


def _outside(taken: Sequence[Taken], windows: Sequence[Window]) -> Iterator[str]:
    """Yield copies without a cause: the first was not answered, or its sender was cut off right after it."""
    last: dict[str, Taken] = {}
    for each in taken:
        before = last.get(each.message_id)
        last[each.message_id] = each
        if before is None or not before.is_told:
            continue
        if not any(begin <= before.taken_at <= end for begin, end in windows):
            yield f"{each.message_id} again at {each.taken_at}, outside the window, after {before.taken_at}"


def _promised(seen: Witnesses, rows: Sequence[Row]) -> Iterator[str]:
    """Each letter that an action owes was promised once, and no other."""
    owed = Counter((act.nomination_id, *letter) for act in seen.acts if (letter := owed_by(act)))
    # What went to whoever acted for somebody away was owed to that person, and counts once.
    acted = {each.substitute: each.email for each in seen.rig.world.away}
    there = Counter(
        (row.nomination_id, row.notice, acted.get(row.email, row.email))
        for row in rows
        if row.notice not in _BY_CHANCE and not _is_handed_on(row)
    )
    if missing := owed - there:
        yield f"letters owed and not promised: {dict(missing)}"
    if needless := there - owed:
        yield f"letters nobody owed: {dict(needless)}"


def _fates(rows: Sequence[Row], away: Sequence[Away]) -> Iterator[str]:
    """Nothing is left on its way, and what was cancelled had lost its meaning."""
    left = Counter((row.state, row.reason) for row in rows if row.state in ("new", "sending"))
    if left:
        yield f"letters left on their way: {dict(left)}"
    for row in rows:
        if row.state == "cancelled" and not _lost_its_meaning(row, row.reason, away):
            yield f"cancelled for no good reason: {row}"


def _age(row: Row) -> datetime:
    return row.created_at


def _lost_its_meaning(row: Row, reason: str, away: Sequence[Away]) -> bool:
    """Whether a letter was about work that was done when it was to go, or that is still on hold.

    Of what was on hold only the newest of its kind is told anew, once it goes on. What somebody else had
    taken was done by them; given back it would have been told.
    Or its reader was away after it was promised; or was to act for somebody who is back. Of that one no
    instant is asked: work that was on hold tells it anew, as young as that, and its reader acts no more.
    """
    is_done = reason == "work_done" and (row.closed_at is not None or row.was_aside)
    is_held = reason == "on_hold" and (row.is_held or row.has_newer)
    was_taken = reason == "taken_by_another" and row.closed_at is not None
    since = [each for each in away if each.ended_at >= row.created_at]
    went = reason == _AWAY and any(each.email == row.email for each in since)
    came_back = reason == "no_longer_entitled" and any(each.substitute == row.email for each in away)
    return row.mail_class in _ABOUT_WORK and (is_done or is_held or was_taken or went or came_back)


def _is_handed_on(row: Row) -> bool:
    """Whether a letter did not go to its reader, who was away, but to whoever acted."""
    return row.reason in (_AWAY, f"{_NOT_REPEATED}{_AWAY}") and row.state in ("cancelled", "sent")


def _is_left_out(row: Row, letter: Taken) -> bool:
    """Whether a letter that a dead sender had begun goes out once more, for others, without this row."""
    if not row.reason.startswith(_NOT_REPEATED) or row.sent_at is None:
        return False
    return row.sent_at <= letter.begun_at


def _lost(rows: Sequence[Row], counts: Mapping[str, int], away: Sequence[Away]) -> Iterator[str]:
    # What a dead sender had begun is not repeated once it means nothing; then nobody knows, and it says so.
    unseen = [row for row in rows if row.state == "sent" and row.message_id not in counts]
    lost = [
        row
        for row in unseen
        if not row.reason.startswith(_NOT_REPEATED)
        or not _lost_its_meaning(row, row.reason.removeprefix(_NOT_REPEATED), away)
    ]
    if lost:
        yield f"{len(lost)} letters called sent that no server took: {lost[:2]}"


def _strangers(seen: Witnesses, taken: Sequence[Taken]) -> Iterator[str]:
    known = {name for (name,) in seen.rows("SELECT DISTINCT message_id FROM outbox")}
    strangers = [each for each in taken if each.message_id not in known]
    if strangers:
        yield f"{len(strangers)} letters that nobody promised: {strangers[:2]}"


def _misled(taken: Sequence[Taken], names: Mapping[str | None, Sequence[Row]]) -> Iterator[str]:
    """Each letter went to whom it is for, and none about work that was done when it began."""
    for each in taken:
        rows = names[each.message_id]
        if {row.email for row in rows} != {each.recipient}:
            yield f"{each.message_id} went to {each.recipient}, for {[row.email for row in rows]}"
        told = [row for row in rows if row.state == "sent" and row.mail_class in _ABOUT_WORK]
        if told and all(row.closed_at and row.closed_at + _LATE < each.begun_at for row in told):
            late = each.begun_at - max(row.closed_at for row in told if row.closed_at)
            yield f"{each} ({told[0].notice}) began {late} after its work was done"


def too_soon(
    taken: Sequence[Taken],
    names: Mapping[str | None, Sequence[Row]],
    asked: Mapping[int, Sequence[Window]],
) -> Iterator[str]:
    """Nobody is told of the work of a step while who nominates is asked, and it lies aside."""
    for each in taken:
        for row in names[each.message_id]:
            if row.state != "sent" or row.is_question or row.mail_class not in _ABOUT_WORK:
                continue
            if _is_left_out(row, each):
                continue
            if any(begin + _LATE < each.begun_at < end for begin, end in asked.get(row.nomination_id, ())):
                yield f"{each} ({row.notice}) began while a question waited"
