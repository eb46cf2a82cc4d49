"""The classes of mail in their order of precedence, and what may be done with each.

The order is that of `MailClass`: security, escalation, decision, task, information.
"""

from dataclasses import dataclass
from typing import Final

from workflow.domain.vocabulary import MailClass


@dataclass(frozen=True, slots=True)
class ClassRules:
    """What is true of every mail of a class.

    `keeps_quiet`: it waits while its reader's hours are quiet. `is_of_the_office`: it leaves on working days
    only, from 08:00. `folds_into_digest`: it may wait for its reader's morning. `is_optional`: its reader
    may switch it off, by one click too (RFC 8058).
    """

    keeps_quiet: bool = True
    is_of_the_office: bool = False
    folds_into_digest: bool = False
    is_optional: bool = False


MAIL_CLASSES: Final = {
    MailClass.SECURITY: ClassRules(keeps_quiet=False),
    MailClass.ESCALATION: ClassRules(is_of_the_office=True),
    MailClass.DECISION: ClassRules(),
    MailClass.TASK: ClassRules(folds_into_digest=True),
    MailClass.INFO: ClassRules(is_optional=True),
}
