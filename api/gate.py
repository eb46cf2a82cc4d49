"""The gate of the web: no text that the database cannot hold reaches a route by address, query or form.

An address that no row can have is nothing there (404); a query or field is refused by its name (422). What a
value has to be beyond that, its model says.
"""

import unicodedata
from typing import Final

from flask import Flask, request
from werkzeug.datastructures import MultiDict

from workflow.domain.errors import FieldError, InvalidField, NotFound
from workflow.domain.text import named, normalise

_TYPED: Final = frozenset("\t\n\r")


def register(app: Flask) -> None:
    """Look at the address and query of every request before anything else does."""
    app.before_request(_look)


def demand_storable(fields: MultiDict[str, str], where: str) -> None:
    """Raise `InvalidField` for each field without a name, or with one or a value that cannot be stored."""
    errors = [
        FieldError(_shown(name or ""), problem)
        for name, value in fields.items(multi=True)
        if (problem := _problem(name, value))
    ]
    if errors:
        detail = "; ".join(f"{error.field} {error.message}" for error in errors)
        raise InvalidField(f"The {where} cannot be taken: {detail}.", errors=errors)


def _problem(name: str | None, value: str) -> str:
    # A part of a form may come without a name; its type does not say so.
    if name is None:
        return "is missing in a part of the form; name every part"
    bad = _unstorable(name + value)
    return f"holds {named(bad)}, which cannot be stored; remove it" if bad else ""


def _look() -> None:
    for name, value in (request.view_args or {}).items():
        if isinstance(value, str):
            request.view_args[name] = _in_one_spelling(value)  # type: ignore[index]  # it has this item
    demand_storable(request.args, "query")


def _in_one_spelling(code: str) -> str:
    try:
        return normalise(code, single_line=True)
    except InvalidField as refused:
        raise NotFound("There is nothing at this address.") from refused


def _unstorable(text: str) -> str:
    """Return the first character that cannot be stored, empty where there is none."""
    if text.isprintable():
        return ""
    return next((one for one in text if one not in _TYPED and unicodedata.category(one) in {"Cc", "Cs"}), "")


def _shown(name: str) -> str:
    return "".join(one for one in name if one.isprintable())[:100] or "name"
