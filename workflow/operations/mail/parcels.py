"""Writing letters that still hold into the parcels that a transport takes.

Some are written at a time, just before the first of them is handed over. What writing needs (code,
templates, words) then lies in the processor's caches: between two hand-overs it has gone from there, and a
letter written alone costs half as much again.
"""

from collections.abc import Iterable
from typing import Final

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

_TOGETHER: Final = 10


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


class LettersAhead:
    """The letters of one claim, in the order of their turns: ask for each in its own."""

    def __init__(self, post: Post, expected: Iterable[ReadyMail]) -> None:
        self._post = post
        self._expected = list(expected)
        self._written: dict[str, tuple[ReadyMail, Parcel | Exception]] = {}

    def parcel_of(self, ready: ReadyMail, *, is_fast: bool) -> Parcel:
        """Return the mail as it goes out; raises whatever writing it raises.

        With `is_fast` the next few are written with it: of a slow server they would wait too long.
        """
        if not self._has(ready):
            self._write([ready, *self._following(ready)] if is_fast else [ready])
        _, written = self._written.pop(ready.mail.message_id)
        if isinstance(written, Exception):
            raise written
        return written

    def _has(self, ready: ReadyMail) -> bool:
        # The same mail may have been read again meanwhile, with fewer rows.
        known = self._written.get(ready.mail.message_id)
        return known is not None and known[0] is ready

    def _following(self, ready: ReadyMail) -> list[ReadyMail]:
        place = next((at for at, one in enumerate(self._expected) if one is ready), None)
        return [] if place is None else self._expected[place + 1 : place + _TOGETHER]

    def _write(self, letters: Iterable[ReadyMail]) -> None:
        for ready in letters:
            try:
                written: Parcel | Exception = write_parcel(ready, self._post)
            except Exception as error:  # noqa: BLE001 - it is raised where that letter has its turn
                written = error
            self._written[ready.mail.message_id] = ready, written
