"""The transport of installations without a mail server: letters are kept for the page `/mailbox`."""

from sqlalchemy.dialects.postgresql import insert

from workflow.domain.vocabulary import MailClass
from workflow.operations.mail.post import MailRefusedError, Parcel
from workflow.store.base import table_of
from workflow.store.database import Sessions
from workflow.store.mail import KeptLetter

_INSERT = insert(table_of(KeptLetter)).on_conflict_do_nothing(index_elements=["message_id"])


class Mailbox:
    """Keeps each letter once, by its Message-ID, in the database of `sessions`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def send(self, parcel: Parcel) -> None:
        """Keep one letter. Raises `MailRefusedError` for a security mail: it is for one reader alone."""
        if parcel.mail_class is MailClass.SECURITY:
            raise MailRefusedError("security mails are never kept for the mailbox page")
        with self._sessions() as session:
            session.execute(
                _INSERT,
                {
                    "message_id": parcel.message_id,
                    "account_id": parcel.account_id,
                    "recipient": parcel.recipient,
                    "subject": parcel.letter.subject,
                    "text": parcel.letter.text,
                    "html": parcel.letter.html,
                    "written_at": parcel.written_at,
                },
            )
            session.commit()

    def close(self) -> None:
        """Do nothing: each letter was kept in a transaction of its own."""
