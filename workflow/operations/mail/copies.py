"""Where a letter is copied to: the mailbox of the one unit whose mail it is (docs/adr/0056)."""

from collections.abc import Mapping, Sequence

from workflow.domain.rights.absence import loans_of
from workflow.domain.rights.mailboxes import copied_unit
from workflow.messages.addresses import UnusableAddress, ascii_address
from workflow.operations.mail.meant import ABOUT_WORK
from workflow.operations.mail.said import is_follow_up
from workflow.store.correspondence import Office, Promise


def copied_to(promises: Sequence[Promise], offices: Mapping[str, Office]) -> str | None:
    """Return the mailbox that gets a copy: of letters about work alone, and never of a note to oneself."""
    reader = promises[0]
    if not any(office.mailbox for office in offices.values()):
        return None
    if reader.mail_class not in ABOUT_WORK or any(map(is_follow_up, promises)):
        return None
    lent = (key for loan in loans_of(reader.loans, reader.account_id) for key in loan.keys)
    unit = copied_unit([each.owner_key for each in promises], (*(reader.keys or ()), *lent))
    mailbox = offices[unit].mailbox if unit is not None and unit in offices else None
    if mailbox is None or mailbox.casefold() == reader.email.casefold():
        return None
    try:
        return ascii_address(mailbox)
    except UnusableAddress:
        # No letter is held up because of the address of a copy.
        return None
