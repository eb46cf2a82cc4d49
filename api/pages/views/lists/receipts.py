"""The receipt of what was sent: of one nomination or of a list, as a page to print and as text."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from flask import Response, request

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.writing import render, seat_text
from api.permissions import Permission, permission
from workflow.domain.errors import NotFound
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.seats import name_seats
from workflow.queries.submissions.receipt import NextStep, Receipt, get_receipt

_NOMINATION: Final = f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/receipt"
_LIST: Final = f"/submissions/<int(max={BIGGEST_ID}):submission_id>/receipt"


@pages.get(_NOMINATION)
@permission(Permission.SIGNED_IN)
def nomination_receipt(nomination_id: int) -> str:
    """Show what of a nomination was sent, when and by whom."""
    return _page(Target(PaperRoot.NOMINATION, nomination_id))


@pages.get(f"{_NOMINATION}.txt")
@permission(Permission.SIGNED_IN)
def nomination_receipt_text(nomination_id: int) -> Response:
    """Save the same as text."""
    return _text(Target(PaperRoot.NOMINATION, nomination_id))


@pages.get(_LIST)
@permission(Permission.SIGNED_IN)
def list_receipt(submission_id: int) -> str:
    """Show which names of a list were sent together, when and by whom."""
    return _page(Target(PaperRoot.SUBMISSION, submission_id))


@pages.get(f"{_LIST}.txt")
@permission(Permission.SIGNED_IN)
def list_receipt_text(submission_id: int) -> Response:
    """Save the same as text."""
    return _text(Target(PaperRoot.SUBMISSION, submission_id))


def _page(target: Target) -> str:
    return render("receipt.html", **_values(target))


def _text(target: Target) -> Response:
    name = f"receipt-{target.kind}-{target.id}.txt"
    return Response(
        # A file is searched and cut at its blanks.
        render("receipt.txt", **_values(target)).replace("\u00a0", " "),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _values(target: Target) -> dict[str, object]:
    session, now, locale = request_session(), request_now(), current_locale()
    found = get_receipt(session, actor=current_actor(), target=target, entry=_entry(), now=now)
    seats = name_seats(
        session, {one.holder_key.partition("@")[2] for one in found.next}, today=request_today()
    )
    is_list = target.kind is PaperRoot.SUBMISSION
    return {
        "receipt": found,
        "is_list": is_list,
        "now": now,
        "by": _by(found, locale),
        "next": [(one, seat_text(one.holder_key, seats, locale), _call(one, locale)) for one in found.next],
        "papers": _papers(found),
        "here_of": ("pages.list_receipt" if is_list else "pages.nomination_receipt"),
        "address": {"submission_id" if is_list else "nomination_id": target.id},
    }


def _papers(found: Receipt) -> Sequence[tuple[int | None, Sequence[object]]]:
    """Return the papers by the nomination they lay at, those of the list first."""
    by_place: dict[int | None, list[object]] = {}
    for paper in found.papers:
        by_place.setdefault(paper.nomination_id, []).append(paper)
    return list(by_place.items())


def _by(found: Receipt, locale: str) -> str:
    if found.sent.by is None:
        return say(locale, "receipt.told_later")
    if found.sent.in_place_of is None:
        return found.sent.by.name
    return say(locale, "receipt.in_place_of", name=found.sent.by.name, absent=found.sent.in_place_of.name)


def _call(one: NextStep, locale: str) -> str:
    if one.contact is None:
        return ""
    if not one.contact.telephone:
        return one.contact.name
    return say(locale, "receipt.call", name=one.contact.name, telephone=one.contact.telephone)


def _entry() -> UUID | None:
    """Return of which time the receipt is asked for, None for the last."""
    given = request.args.get("entry")
    if not given:
        return None
    try:
        return UUID(given)
    except ValueError as wrong:
        raise NotFound("There is no such entry of history.") from wrong
