"""What mail servers say became of a letter, each word with its stored spelling."""

from enum import StrEnum


class DeliveryAction(StrEnum):
    """What a mail server says it did with a letter (RFC 3464, section 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


class BounceClass(StrEnum):
    """Why a letter did not reach its reader: there is no such mailbox, it cannot now, or it may not."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    POLICY = "policy"


class ReportSource(StrEnum):
    """Who said what became of a letter: the mail server at the hand-over, or a report that came back."""

    SMTP = "smtp"
    REPORT = "report"


class MailTrouble(StrEnum):
    """What is the matter with a letter that did not go, as people are told it."""

    NO_MAILBOX = "no_mailbox"
    FULL = "full"
    POLICY = "policy"
    REFUSED = "refused"
    DELAYED = "delayed"
    SERVER_AWAY = "server_away"
    MAYBE_SENT = "maybe_sent"
    UNUSABLE_ADDRESS = "unusable_address"
    UNWRITABLE = "unwritable"
    NO_RESULT = "no_result"
    OTHER = "other"
