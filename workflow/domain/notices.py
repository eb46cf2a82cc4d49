"""Which mails exist: how urgent each is, and which of one reader may go out as one."""

from dataclasses import dataclass
from typing import Final

from workflow.domain.vocabulary import MailClass, NoticeKind


@dataclass(frozen=True, slots=True)
class Notice:
    """What is true of every mail of one kind.

    `folds`: those due to one reader in one sweep become one mail.
    """

    kind: NoticeKind
    mail_class: MailClass
    folds: bool


NOTICES: Final = {
    notice.kind: notice
    for notice in (
        Notice(NoticeKind.WORK_OPENED, MailClass.TASK, folds=False),
        Notice(NoticeKind.RETURNED, MailClass.TASK, folds=False),
        Notice(NoticeKind.APPROVED, MailClass.DECISION, folds=False),
        Notice(NoticeKind.REJECTED, MailClass.DECISION, folds=False),
        # A reader with five late nominations gets one list, not five mails.
        Notice(NoticeKind.REMINDER, MailClass.TASK, folds=True),
        Notice(NoticeKind.ESCALATION, MailClass.ESCALATION, folds=True),
        # Who answers for several units, or for many names whose date moved, gets one mail as well.
        Notice(NoticeKind.RETURN_EXPECTED, MailClass.TASK, folds=True),
        Notice(NoticeKind.RETURN_REMINDER, MailClass.TASK, folds=True),
        Notice(NoticeKind.RETURN_ESCALATION, MailClass.ESCALATION, folds=True),
        Notice(NoticeKind.DATES_MOVED, MailClass.TASK, folds=True),
        Notice(NoticeKind.PASSWORD_LINK, MailClass.SECURITY, folds=False),
    )
}
