"""What can be wrong with history, each said in English here; the pages say it in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Wrong(StrEnum):
    """The ways in which history is not as it was written; the value is the key of its words."""

    MISSING_BEFORE = "missing_before"
    HASH = "hash"
    WORDS_ADDED = "words_added"
    WORDS = "words"
    NAMES = "names"
    FILE_MISSING = "file_missing"
    FILE_OTHER = "file_other"
    FILE_UNTOLD = "file_untold"
    CUT_OFF = "cut_off"
    OTHER_EVENTS = "other_events"
    ROW_GONE = "row_gone"
    FACTS_UNTOLD = "facts_untold"
    FACTS = "facts"
    TOLD_GONE = "told_gone"
    REMOVAL = "removal"
    ROW_OTHER_FILE = "row_other_file"
    DECISION = "decision"
    UNTOLD = "untold"
    GRANT_UNTOLD = "grant_untold"
    GRANT = "grant"
    GRANT_GONE = "grant_gone"
    VERSION = "version"
    STATE = "state"


_ENGLISH: Mapping[Wrong, str] = {
    Wrong.MISSING_BEFORE: "the event before it is missing: {expected} was expected",
    Wrong.HASH: "its hash does not follow from the event and the one before it",
    Wrong.WORDS_ADDED: "words were added to an event that had none",
    Wrong.WORDS: "its words are not those that were written",
    Wrong.NAMES: "the names it tells are not those that were written",
    Wrong.FILE_MISSING: "its file is not there or cannot be read",
    Wrong.FILE_OTHER: "its file is not the one that was attached",
    Wrong.FILE_UNTOLD: "history does not tell of this file",
    Wrong.CUT_OFF: "it is cut off: the checkpoint saw {events} events of it",
    Wrong.OTHER_EVENTS: "its first {events} events are not those that the checkpoint saw",
    Wrong.ROW_GONE: "it has a history, and its row is gone",
    Wrong.FACTS_UNTOLD: "its history does not tell its facts",
    Wrong.FACTS: "not as its history tells: {facts}",
    Wrong.TOLD_GONE: "history tells of it, and its row is gone",
    Wrong.REMOVAL: "history does not say whether it was removed as its row does",
    Wrong.ROW_OTHER_FILE: "its row does not name the file that was attached",
    Wrong.DECISION: "not as it was signed: {facts}",
    Wrong.UNTOLD: "no history tells of it",
    Wrong.GRANT_UNTOLD: "no history tells of the grant {grant}",
    Wrong.GRANT: "the grant {grant} is not as history tells",
    Wrong.GRANT_GONE: "the grant {grant} is gone, and history tells of it",
    Wrong.VERSION: "it is at version {version}, its history accounts for version {told}",
    Wrong.STATE: "it stands in '{state}', its history ends in '{told}'",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, with what its sentence names."""

    wrong: Wrong
    values: Mapping[str, str | int | None] = field(default_factory=dict)

    def __str__(self) -> str:
        return _ENGLISH[self.wrong].format(**self.values)
