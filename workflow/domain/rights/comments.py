"""Who may say something beside a nomination, to whom, and who reads it.

A nominee reads no comment but their own, ever. Who nominates reads what is for them and what colleagues of
their own seat write; who reviews reads what is for reviewers. What a seat says among itself no other reads.
"""

from collections.abc import Collection
from dataclasses import dataclass

from workflow.domain.errors import Forbidden, MoveNotOpen, Reason, Refusal
from workflow.domain.remarks import Audience
from workflow.domain.rights.policy import NOT_YOURS
from workflow.domain.rights.routing import split_key
from workflow.domain.rights.scope import SUBTREE_ROLES
from workflow.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Standpoint:
    """How somebody stands to the comments of one nomination that they see.

    `seats` are those of theirs that it has reached, first the one that they speak in; `reviews` whether one
    of their roles there does not nominate, or they watch over work; `writes` whether one may write at all.
    """

    account_id: int
    seats: tuple[str, ...]
    reviews: bool
    writes: bool
    is_nominee: bool


def standpoint(
    account_id: int, keys: Collection[str], *, audience: Collection[str], starter: str, is_nominee: bool
) -> Standpoint:
    """Return how somebody with these keys stands to a nomination that has reached these seats.

    `starter` is the role that drafts on its route.
    """
    held = [split_key(key) for key in sorted(keys)]
    here = [(role, seat) for role, seat in held if seat in audience]
    watches = [role for role, _ in held if role in SUBTREE_ROLES]
    # Who sits in a council beside is of their unit all the same: to it they say what is for "my unit".
    reviewing = sorted((seat for role, seat in here if role != starter), key=_is_no_unit)
    seats = dict.fromkeys([*reviewing, *(seat for _, seat in here)])
    return Standpoint(
        account_id,
        tuple(seats),
        reviews=bool(reviewing or watches),
        writes=bool(here) or any(role != Role.AUDITOR for role in watches),
        is_nominee=is_nominee,
    )


def _is_no_unit(seat: str) -> bool:
    return not seat.startswith("unit:")


def audiences_of(person: Standpoint) -> tuple[Audience, ...]:
    """Return for whom somebody may write: their own seat, reviewers, who nominates."""
    if person.is_nominee or not person.writes:
        return ()
    known = (
        (Audience.UNIT, bool(person.seats)),
        (Audience.REVIEWERS, True),
        (Audience.NOMINATOR, person.reviews),
    )
    return tuple(audience for audience, is_so in known if is_so)


def refuse_comment(person: Standpoint, audience: Audience, *, is_closed: bool) -> Refusal | None:
    """Return why somebody may not write for these readers, None where they may."""
    if person.is_nominee:
        message = "You are the nominee; somebody else has to take this step."
        return Forbidden(message, reasons=[Reason("own_subject", message)])
    if audience not in audiences_of(person):
        message = "You do not write for these readers here."
        return Forbidden(message, reasons=[Reason(NOT_YOURS, message)])
    if is_closed:
        message = "The nomination is closed; nothing can be done with it."
        return MoveNotOpen(message, reasons=[Reason("closed", message)])
    return None


def reads_comment(person: Standpoint, audience: str, seat: str | None, author_id: int | None) -> bool:
    """Return whether somebody reads what an author wrote for these readers, at this seat."""
    if author_id == person.account_id:
        return True
    if person.is_nominee:
        return False
    return {
        Audience.UNIT: seat in person.seats,
        Audience.REVIEWERS: person.reviews,
        Audience.NOMINATOR: True,
    }[Audience(audience)]
