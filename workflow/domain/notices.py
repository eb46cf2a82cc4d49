"""Which mails exist: how urgent each is, and which of one reader may go out as one."""

from dataclasses import dataclass
from typing import Final

from workflow.domain.vocabulary import MailClass, NoticeKind

SUBJECT_TAG: Final = "TĐKT"
"""What a line of subject begins with, in square brackets, unless an installation says otherwise."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is true of every mail of one kind.

    `folds`: those due to one reader in one sweep or of one list become one mail. `is_written_at_once`: all
    that could share it are of one transaction, so that it never waits for more. `thread`: kinds of one word
    have one line of subject about one thing, and mail programs show them as one conversation.
    """

    kind: NoticeKind
    mail_class: MailClass
    folds: bool
    is_written_at_once: bool = False
    thread: str = "work"


NOTICES: Final = {
    notice.kind: notice
    for notice in (
        # A list decided at once is told as a list: one mail for each reader and kind.
        Notice(NoticeKind.WORK_OPENED, MailClass.TASK, folds=True, is_written_at_once=True),
        Notice(NoticeKind.RETURNED, MailClass.TASK, folds=True, is_written_at_once=True, thread="returned"),
        Notice(
            NoticeKind.APPROVED, MailClass.DECISION, folds=True, is_written_at_once=True, thread="decision"
        ),
        Notice(
            NoticeKind.REJECTED, MailClass.DECISION, folds=True, is_written_at_once=True, thread="decision"
        ),
        # That an award was annulled, and that it stands again, is said of each name.
        Notice(NoticeKind.ANNULLED, MailClass.DECISION, folds=False, thread="annulled"),
        Notice(NoticeKind.REINSTATED, MailClass.DECISION, folds=False, thread="reinstated"),
        # A reader with five late nominations gets one list, not five mails.
        Notice(NoticeKind.REMINDER, MailClass.TASK, folds=True),
        Notice(NoticeKind.ESCALATION, MailClass.ESCALATION, folds=True, thread="escalation"),
        # Work that opens, or is left, on a seat nobody holds is told above in the same transaction.
        Notice(
            NoticeKind.SEAT_EMPTY, MailClass.ESCALATION, folds=True, is_written_at_once=True, thread="seat"
        ),
        # Who answers for several units, or for many names whose date moved, gets one mail as well.
        Notice(NoticeKind.RETURN_EXPECTED, MailClass.TASK, folds=True),
        Notice(NoticeKind.RETURN_REMINDER, MailClass.TASK, folds=True),
        Notice(NoticeKind.RETURN_ESCALATION, MailClass.ESCALATION, folds=True, thread="escalation"),
        Notice(NoticeKind.DATES_MOVED, MailClass.TASK, folds=True, thread="dates"),
        # Whoever took work that somebody else took away again: there is nothing to do.
        Notice(NoticeKind.WORK_GONE, MailClass.INFO, folds=False, thread="gone"),
        # What the looks of a day found that cannot go on is a line in the letter of the next morning.
        Notice(NoticeKind.OBSTACLES, MailClass.TASK, folds=False, thread="obstacles"),
        # Its slot is the code itself, so that each goes alone, at once.
        Notice(
            NoticeKind.ACTION_CODE, MailClass.SECURITY, folds=True, is_written_at_once=True, thread="code"
        ),
        # Whoever may give more time is asked once a day for all that is asked of them; who asked hears a no.
        Notice(NoticeKind.DATE_PROPOSED, MailClass.TASK, folds=True, thread="asked"),
        Notice(NoticeKind.DATE_REFUSED, MailClass.TASK, folds=True, thread="refused"),
        # Promised when the date is asked for, held until its day: whoever asked hears that nobody answered.
        Notice(NoticeKind.DATE_LAPSED, MailClass.TASK, folds=True, thread="lapsed"),
        # What whoever decides sent back to who prepared it: of a list's pass, or of a day, one mail.
        Notice(NoticeKind.PREPARE_AGAIN, MailClass.TASK, folds=True, thread="again"),
        # A fact that a unit is asked for: to whoever says it, before and on its day; then to whoever asked.
        Notice(NoticeKind.FACT_ASKED, MailClass.TASK, folds=True, thread="fact"),
        Notice(NoticeKind.FACT_REMINDER, MailClass.TASK, folds=True, thread="fact"),
        Notice(NoticeKind.FACT_ANSWERED, MailClass.TASK, folds=True, thread="fact_told"),
        Notice(NoticeKind.FACT_LAPSED, MailClass.TASK, folds=True, thread="fact_late"),
        # A question goes to whoever can answer it, and the answer to whoever asked: each a letter of its own.
        Notice(NoticeKind.INFO_ASKED, MailClass.TASK, folds=False, thread="question"),
        Notice(NoticeKind.INFO_ANSWERED, MailClass.TASK, folds=False, thread="answered"),
        # Whoever is called by name in a comment: it waits for them as work does, and folds as work.
        Notice(NoticeKind.MENTIONED, MailClass.TASK, folds=False, thread="mentioned"),
        # Of one absence the newest word alone; the work itself comes as mails of its own.
        Notice(NoticeKind.SUBSTITUTION, MailClass.INFO, folds=True, thread="substitution"),
    )
}


AROUND: Final = "/around"
"""How the slot of letters ends that go to others in the place of who holds the work."""

ANNOUNCES: Final = "announces"
"""What the event of a reminder calls the escalations it speaks of: `at`, `accounts`, of a seat its `key`."""

FOLLOW_UP: Final = "follow_up"
"""Whom the event of a reminder names where it goes to whoever telephoned: `to`."""

OF_DATES: Final = frozenset({NoticeKind.DATE_PROPOSED, NoticeKind.DATE_REFUSED, NoticeKind.DATE_LAPSED})
"""What tells of another date that was asked for."""

REMINDERS: Final = frozenset({NoticeKind.REMINDER, NoticeKind.RETURN_REMINDER})
"""What reminders of the ladder are told as."""

FACTS_TO_SAY: Final = frozenset({NoticeKind.FACT_ASKED, NoticeKind.FACT_REMINDER})
"""What asks for a fact."""

FACTS_TOLD: Final = frozenset({NoticeKind.FACT_ANSWERED, NoticeKind.FACT_LAPSED})
"""What tells whoever asked for a fact what became of it."""
