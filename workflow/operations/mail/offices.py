"""Whom a letter names, the office in charge of its work and the officer there, and where it is copied to."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from workflow.domain.rights.absence import loans_of
from workflow.domain.rights.mailboxes import copied_unit
from workflow.domain.rights.routing import split_key, unit_of
from workflow.domain.text import fold
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.addresses import UnusableAddress, ascii_address
from workflow.operations.mail.meant import ABOUT_WORK
from workflow.operations.mail.post import Post
from workflow.operations.mail.said import is_follow_up
from workflow.store.correspondence import Promise
from workflow.store.desks import Office

MAILBOX_CHOSEN: Final = "choose_mailbox"
"""What history calls it that a unit has its mails copied elsewhere, or nowhere."""

# The letters of one morning name few officers, each many times.
_folded: Final = lru_cache(maxsize=1024)(fold)
_SAY_NAMES: Final = frozenset({NoticeKind.DATES_MOVED, NoticeKind.REMINDER, NoticeKind.RETURN_REMINDER})


def units_in_charge(promise: Promise) -> tuple[str | None, str | None]:
    """Name the units whose officer can help, nearest first: where the work waits, then who runs the round.

    What a unit owes is asked for by the round's own office, which alone can give it more time.
    """
    if promise.nomination_id is None:
        return promise.round_owner_code, promise.round_owner_code
    seat = split_key(promise.owner_key)[1] if promise.owner_key else ""
    return unit_of(seat), promise.round_owner_code


def office_of(promises: Sequence[Promise], offices: Mapping[str, Office], post: Post) -> Office:
    """Choose whom the letter names: the nearest unit with an officer, of several whoever runs the round."""
    nearest = {units_in_charge(promise)[0] for promise in promises}
    home, runs = units_in_charge(promises[0])
    codes = (home, runs) if len(nearest) == 1 else (runs,)
    tried = [offices[code] for code in codes if code is not None and code in offices]
    name = tried[-1].name if tried else ""
    for office in (*tried, Office(name, post.officer_name, post.officer_telephone, post.officer_email)):
        # Nobody is told to call themselves.
        if office.officer_name and _folded(office.officer_name) != _folded(promises[0].reader_name):
            return office
    return Office(name, "", "")


def copied_to(promises: Sequence[Promise], offices: Mapping[str, Office]) -> str | None:
    """Return the mailbox that gets a copy: of letters about work alone, and never of a note to oneself.

    See docs/adr/0056.
    """
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


def says_names_of(promise: Promise) -> tuple[str, str] | None:
    """Return of which unit in which round a letter says how many names there are: of its own work alone."""
    unit, round_ = promise.unit_code, promise.round_code
    is_its_own = promise.owner_key is None or split_key(promise.owner_key)[1] == f"unit:{unit}"
    if promise.notice not in _SAY_NAMES or not is_its_own or unit is None or round_ is None:
        return None
    return round_, unit
