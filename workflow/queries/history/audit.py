"""Whether history is as it was written, and one stream of it to check elsewhere.

Every event is read in order and its hash computed again from the stream's first, and the rows are compared
with what events tell of them (`audit_rows.py`). What cannot be seen from inside is a stream whose last events
were cut off together with what they changed: that takes a checkpoint, kept elsewhere (`checkpoint.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, Text, bindparam, case, cast, func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.history.attested import NAMES, digest_names
from workflow.domain.history.chain import GENESIS, ChainedEvent, digest_text, link
from workflow.domain.history.wrong import Fault, Wrong
from workflow.domain.papers.rules import PaperAction
from workflow.domain.rights.policy import Actor
from workflow.queries.history.checkpoint import Checkpoint, compare
from workflow.queries.history.rows import Rows
from workflow.queries.history.search import not_about
from workflow.queries.history.standings import compare_standings
from workflow.store.access import Account
from workflow.store.attachments import Attachment
from workflow.store.history import Event, EventText
from workflow.store.paper_files import PaperFolder
from workflow.store.submissions import ExpectedReturn

UNSEALED: Final = (
    "Without a checkpoint, a stream whose last events were cut off, and whose rows were set back to match, "
    "is not detected: see `commendo audit checkpoint`. Words of dossiers are not covered by the chains."
)
SEALED: Final = (
    "Compared with the checkpoint of {taken_at}: what was written since can be cut off undetected. "
    "Words of dossiers are not covered by the chains."
)
HOW_TO_VERIFY: Final = (
    "hash = SHA-256 of the JSON array [previous hash in hex, stream, seq, actor_id, on_behalf_of, via, "
    "action, source, dest, reason_code, occurred_on, recorded_at in UTC with microseconds, data, text_digest "
    "in hex], written without spaces, keys sorted, not escaped, in UTF-8; the first previous hash is 32 zero "
    "bytes. text_digest = SHA-256 of salt and text; data.names = SHA-256 in hex of the bytes `names`, salt "
    "and names. docs/verify.py does it."
)
MOST_PROBLEMS: Final = 1000
_BATCH: Final = 1000
_PAPERS_AT_ONCE: Final = 100
_ENTRY_FIELDS: Final = tuple(item.name for item in fields(ChainedEvent))


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where history is not as it was written; `seq` is None where the whole stream is meant."""

    stream: str
    seq: int | None
    fault: Fault

    @property
    def message(self) -> str:
        """Return what is wrong, in English."""
        return str(self.fault)

    def __str__(self) -> str:
        place = self.stream if self.seq is None else f"{self.stream} #{self.seq}"
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read and what was found. `erased_texts` are words taken out, whose digest is still chained.

    `is_cut_short` says that more problems were found than are listed.
    """

    streams: int
    events: int
    texts: int
    erased_texts: int
    papers: int
    problems: tuple[Finding, ...]
    is_cut_short: bool
    unsealed: str = UNSEALED

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


@dataclass(slots=True)
class _Tally:
    """What has been counted so far, and where the present stream stands."""

    stream: str = ""
    seq: int = 0
    hash: bytes = GENESIS
    streams: int = 0
    events: int = 0
    texts: int = 0
    erased_texts: int = 0
    papers: int = 0
    on_step: Callable[[int], None] = lambda _read: None


def verify_chains(
    session: Session,
    *,
    folder: PaperFolder | None = None,
    checkpoint: Checkpoint | None = None,
    on_step: Callable[[int], None] = lambda _read: None,
) -> Verification:
    """Read every event and compare each with its hash, its place, its words and the rows it tells of.

    In `folder` every paper is read too; with a `checkpoint` every stream is compared with what that saw.
    Memory stays flat, whatever the length of history. At most MOST_PROBLEMS are listed. While people work,
    give a session that reads as of one instant (`store/reads.py`). `on_step` is told how many more events
    and papers were read.
    """
    tally = _Tally(on_step=on_step)
    problems: list[Finding] = []
    for problem in _all_problems(session, tally, folder, checkpoint):
        if len(problems) == MOST_PROBLEMS:
            return _result(tally, problems, is_cut_short=True)
        problems.append(problem)
    return _result(tally, problems, is_cut_short=False, checkpoint=checkpoint)


def _all_problems(
    session: Session, tally: _Tally, folder: PaperFolder | None, checkpoint: Checkpoint | None
) -> Iterator[Finding]:
    rows = session.execute(_history().execution_options(yield_per=_BATCH))
    standing = Rows(session)
    for row in rows:
        entry = _entry(row)
        if tally.events % _BATCH == 0:
            tally.on_step(_BATCH if tally.events else 0)
        yield from _check_event(row, entry, tally)
        yield from (Finding(stream, None, fault) for stream, fault in standing.take(entry, row.names))
    yield from (Finding(stream, None, fault) for stream, fault in standing.finish())
    standings = compare_standings(session, limit=MOST_PROBLEMS + 1)
    yield from (Finding(stream, None, fault) for stream, fault in standings)
    if checkpoint is not None:
        yield from (Finding(stream, None, fault) for stream, fault in compare(session, checkpoint))
    if folder is not None:
        yield from _check_papers(session, tally, folder)


def _history() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(getattr(Event, name) for name in _ENTRY_FIELDS),
            Event.hash,
            EventText.salt,
            EventText.text,
            EventText.names,
        )
        .outerjoin(EventText, EventText.event_id == Event.id)
        .order_by(Event.stream, Event.seq)
    )


def _check_event(row: Row[Any], entry: ChainedEvent, tally: _Tally) -> Iterator[Finding]:
    if row.stream != tally.stream:
        tally.stream, tally.seq, tally.hash = row.stream, 0, GENESIS
        tally.streams += 1
    tally.events += 1
    if row.seq != tally.seq + 1:
        yield Finding(row.stream, row.seq, Fault(Wrong.MISSING_BEFORE, {"expected": tally.seq + 1}))
    if link(tally.hash, entry) != row.hash:
        yield Finding(row.stream, row.seq, Fault(Wrong.HASH))
    yield from _check_words(row, tally)
    # What follows is judged by what is written here, so that one change is told once and not to the end.
    tally.seq, tally.hash = row.seq, row.hash


def _check_words(row: Row[Any], tally: _Tally) -> Iterator[Finding]:
    names_digest = row.data.get(NAMES)
    if row.salt is None:
        tally.erased_texts += row.text_digest is not None or names_digest is not None
        return
    tally.texts += bool(row.text)
    if row.text_digest is None and row.text:
        yield Finding(row.stream, row.seq, Fault(Wrong.WORDS_ADDED))
    elif row.text_digest is not None and digest_text(row.salt, row.text) != row.text_digest:
        yield Finding(row.stream, row.seq, Fault(Wrong.WORDS))
    if names_digest != (row.names and digest_names(row.salt, row.names)):
        yield Finding(row.stream, row.seq, Fault(Wrong.NAMES))


def _check_papers(session: Session, tally: _Tally, folder: PaperFolder) -> Iterator[Finding]:
    """Compare every file with the hash of its row, and that with the event which tells of its coming.

    Every read has a transaction of its own: a folder may hold more than one may stay open for.
    """
    last = UUID(int=0)
    while rows := session.execute(_PAPERS, {"last": last}).all():
        session.rollback()
        tally.on_step(len(rows))
        for row in rows:
            last = row.id
            tally.papers += 1
            found = folder.digest(row.storage_name) if row.storage_name else row.sha256
            if found is None and row.storage_name:
                yield Finding(f"paper:{row.id}", None, Fault(Wrong.FILE_MISSING))
            elif found != row.sha256:
                yield Finding(f"paper:{row.id}", None, Fault(Wrong.FILE_OTHER))
            if row.told != (row.sha256.hex() if row.sha256 else _STUB):
                yield Finding(f"paper:{row.id}", None, Fault(Wrong.FILE_UNTOLD))


_STUB: Final = "stub"
_TOLD: Final = (
    select(func.coalesce(Event.data["sha256"].astext, _STUB))
    .where(Event.action == PaperAction.ATTACH, Event.data["attachment"].astext == cast(Attachment.id, Text))
    .where(
        Event.stream
        == case(
            (Attachment.nomination_id.is_not(None), func.concat("nomination:", Attachment.nomination_id)),
            (Attachment.submission_id.is_not(None), func.concat("submission:", Attachment.submission_id)),
            else_=func.concat("round:", ExpectedReturn.round_id),
        )
    )
    .limit(1)
    .correlate(Attachment, ExpectedReturn)
    .scalar_subquery()
)
_PAPERS: Final = (
    select(Attachment.id, Attachment.storage_name, Attachment.sha256, _TOLD.label("told"))
    .outerjoin(ExpectedReturn, ExpectedReturn.id == Attachment.expected_return_id)
    .where(Attachment.id > bindparam("last"))
    .order_by(Attachment.id)
    .limit(_PAPERS_AT_ONCE)
)


def _entry(row: Row[Any]) -> ChainedEvent:
    return ChainedEvent(**{name: getattr(row, name) for name in _ENTRY_FIELDS})


def _result(
    tally: _Tally, problems: list[Finding], *, is_cut_short: bool, checkpoint: Checkpoint | None = None
) -> Verification:
    return Verification(
        tally.streams,
        tally.events,
        tally.texts,
        tally.erased_texts,
        tally.papers,
        tuple(problems),
        is_cut_short,
        SEALED.format(taken_at=checkpoint.taken_at) if checkpoint else UNSEALED,
    )


def export_stream(session: Session, name: str, *, reader: Actor | None = None) -> Mapping[str, object]:
    """Return one stream with all that is needed to check it elsewhere, as JSON would carry it.

    `name` is a stream such as `round:7`, or the number of a nomination. Of an open nomination its nominee,
    and who stands in for them, is no `reader`. Raises `NotFound`.
    """
    stream = f"nomination:{name}" if name.isdecimal() else name
    statement = (
        _history().add_columns(Account.name.label("actor")).outerjoin(Account, Account.id == Event.actor_id)
    )
    own = () if reader is None else (not_about(reader),)
    rows = session.execute(statement.where(Event.stream == stream, *own)).all()
    if not rows:
        raise NotFound(f"There is no history of '{stream}'.")
    return {"stream": stream, "how_to_verify": HOW_TO_VERIFY, "events": [_exported(row) for row in rows]}


def _exported(row: Row[Any]) -> dict[str, object]:
    values = asdict(_entry(row)) | {
        "hash": row.hash,
        "salt": row.salt,
        "text": row.text,
        "names": row.names,
        "actor": row.actor,
    }
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int | str | dict | list) else str(value)
