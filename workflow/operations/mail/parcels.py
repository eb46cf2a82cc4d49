"""Writing a letter that still holds into the parcel that a transport takes."""

from workflow.domain.vocabulary import MailClass, NoticeKind
from workflow.messages.compose import compose
from workflow.messages.envelope import MailNames, build, domain_of, thread_id_for
from workflow.messages.receipts import return_path
from workflow.operations.mail.fate import ReadyMail
from workflow.operations.mail.letters import locale_of
from workflow.operations.mail.post import Parcel, Post


def write_parcel(ready: ReadyMail, post: Post) -> Parcel:
    """Compose the letter and its message. Raises `UnusableAddress`."""
    first = ready.promises[0]
    domain = domain_of(post.mail_from)
    nominations = {promise.nomination_id for promise in ready.promises}
    is_one = len(nominations) == 1 and first.nomination_id is not None
    receipt = post.receipts.receipt_for(ready.mail.message_id) if post.receipts else None
    letter = compose(NoticeKind(first.notice), locale_of(first), ready.facts)
    message = build(
        letter,
        sender=post.mail_from,
        recipient_name=first.reader_name,
        recipient_address=first.email,
        names=MailNames(
            message_id=ready.mail.message_id,
            thread_id=thread_id_for(first.nomination_id or 0, domain) if is_one else None,
            list_id=f"commendo.{domain}",
            receipt=receipt,
        ),
        date=first.created_at,
        mail_class=MailClass(first.mail_class),
    )
    return Parcel(
        message_id=ready.mail.message_id,
        account_id=first.account_id,
        mail_class=MailClass(first.mail_class),
        recipient=first.email,
        letter=letter,
        message=message,
        written_at=ready.now,
        receipt=receipt,
        return_path=return_path(post.bounce_address, receipt) if post.bounce_address and receipt else None,
    )
