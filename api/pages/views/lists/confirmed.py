"""A sheet that was confirmed, read as a program would send it."""

from collections.abc import Mapping
from typing import Final

from flask import request
from pydantic import ValidationError

from api.inputs.submissions import InboxDecisions
from api.pages.identity import current_locale
from api.pages.picked import Picks
from api.pages.typed import NotTaken, word_of
from api.pages.views.lists.kinds import ListPass
from api.pages.views.lists.sheet import DecisionSheet, lacking, told_of
from api.reading import read_said

CONFIRMED: Final = "confirmed"
"""What the form of a sheet carries, and that which asked for the sheet does not."""

# The fields of one item as the sheet calls them, before the number of its name.
_FIELDS: Final[Mapping[str, str]] = {"to_step": "to", "reason_code": "reason", "comment": "comment"}


def read_confirmed(
    way: ListPass, sheet: DecisionSheet, picks: Picks, seen: Mapping[int, int]
) -> InboxDecisions:
    """Return what the form of this request says of a sheet as a program would send it.

    Raises `NotTaken` with words by field.

    What the sheet does not show any more goes with it: the operation says why it is left as it is.
    """
    locale, form = current_locale(), request.form
    words = lacking(sheet, form, locale)
    named = {name.id: (part, name) for part in sheet.ways for name in part.names}
    items: list[dict[str, object]] = []
    for nomination_id, action in picks.items():
        item: dict[str, object] = {"nomination": nomination_id, "version": seen.get(nomination_id, 0)}
        if nomination_id in named:
            said = told_of(*named[nomination_id], form)
            item |= {field: said[name] for field, name in _FIELDS.items() if said[name]}
        items.append(item | way.said(action))
    try:
        read = read_said(InboxDecisions, {"items": items})
    except ValidationError as problem:
        for one in problem.errors(include_url=False):
            _, place, *rest = (*one["loc"], "")
            number = items[int(place)]["nomination"] if str(place).isdigit() else ""
            words.setdefault(f"{_FIELDS.get(str(rest[0]), 'seen')}-{number}", word_of(one))
        raise NotTaken(words) from None
    if words:
        raise NotTaken(words)
    return read
