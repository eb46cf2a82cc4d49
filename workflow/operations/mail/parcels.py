"""Writing a letter that still holds into the parcel that a transport takes."""

from workflow.domain.notices import NOTICES
from workflow.domain.vocabulary import MailClass, NoticeKind
from workflow.messages.addresses import UnusableAddress, ascii_address
from workflow.messages.compose import compose
from workflow.messages.envelope import MailNames, build, domain_of, thread_id_for
from workflow.messages.receipts import return_path
from workflow.operations.mail.digest import notice_of, things
from workflow.operations.mail.fate import ReadyMail
from workflow.operations.mail.letters import locale_of
from workflow.operations.mail.post import Parcel, Post
from workflow.operations.mail.said import absence_of


def write_parcel(ready: ReadyMail, post: Post) -> Parcel:
    """Compose the letter and its message. Raises `UnusableAddress`."""
    first = ready.promises[0]
    domain = domain_of(post.mail_from)
    mail_class = MailClass(first.mail_class)
    receipt = post.receipts.receipt_for(ready.mail.message_id) if post.receipts else None
    letter = compose(notice_of(ready.promises), locale_of(first), ready.facts)
    message = build(
        letter,
        sender=post.mail_from,
        recipient_name=first.reader_name,
        recipient_address=first.email,
        names=MailNames(
            message_id=ready.mail.message_id,
            thread_id=thread_id_for(thread, domain) if (thread := _thread_of(ready)) else None,
            list_id=f"{mail_class}.commendo.{domain}",
            receipt=receipt,
            off_address=ready.facts.off_url,
            answers_to=_answers_to(ready),
            copied_to=ready.facts.copied_to,
        ),
        date=max(each.due_to_leave_at for each in ready.promises),
        mail_class=mail_class,
    )
    return Parcel(
        message_id=ready.mail.message_id,
        account_id=first.account_id,
        mail_class=mail_class,
        recipient=first.email,
        letter=letter,
        message=message,
        written_at=ready.now,
        receipt=receipt,
        return_path=return_path(post.bounce_address, receipt) if post.bounce_address and receipt else None,
    )


def _thread_of(ready: ReadyMail) -> str | None:
    """Name the conversation a letter belongs to; its line of subject is always the same.

    About one thing that is a piece of work, by its date, because the subject names it, or else the
    nomination; a call about it is another, and so is what is told for its holder. The list of a day is one of
    its own. Another letter about several things belongs to none.
    """
    last, notice = ready.promises[-1], notice_of(ready.promises)
    if notice is None or notice is NoticeKind.OBSTACLES:
        return f"day.{last.account_id}.{ready.facts.written_on:%Y%m%d}"
    if len(things(ready.promises)) > 1:
        return None
    if (absence_id := absence_of(last)) is not None:
        return f"absence.{absence_id}.{NOTICES[notice].thread}"
    item = ready.facts.items[-1]
    thread = "call" if item.is_follow_up else "around" if item.is_around else NOTICES[notice].thread
    if last.fact is not None:
        return f"fact.{last.fact.question_id}.{NOTICES[notice].thread}"
    root = f"work.{last.work_item_id.hex}" if last.work_item_id else f"nomination.{last.nomination_id}"
    return f"{root}.{thread}" + (f".{item.due_at:%Y%m%d}" if item.due_at else "")


def _answers_to(ready: ReadyMail) -> tuple[str, str] | None:
    """Return whom an answer reaches: the officer in charge, where mails can carry their address."""
    facts = ready.facts
    try:
        return (facts.officer_name, ascii_address(facts.officer_email)) if facts.officer_email else None
    except UnusableAddress:
        # No letter is held up because somebody else's address was mistyped.
        return None
