"""What may be named in a form, and why one cannot be used, as the process that looked into it says it."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

# XML holds none of these, and neither does a name; what is filled in is written without them.
NOT_IN_XML: Final = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
ESCAPES: Final = "_(?=x[0-9A-Fa-f]{4}_)"
"""Where a workbook's text would be read as another one: in `_x0041_` it says an A (ECMA-376-1, 22.9.2.19)."""
Fields = Mapping[str, Any]
"""What may be named: for a list the fields of its rows, None for a word."""


class FormRefusedError(Exception):
    """A form that cannot be used: a code that `filling.py` has a sentence for, with its parameters."""

    def __init__(self, code: str, **params: str) -> None:
        """Keep the code and what its sentence speaks of."""
        super().__init__(code)
        self.code = code
        self.params = params


def both_names(fields: list[list[Any]]) -> dict[str, Any]:
    """Return which names lead where, by either name of each field."""
    found: dict[str, Any] = {}
    for name, vi, _each, inside, _ in fields:
        found[name] = found[vi] = both_names(inside) if inside else None
    return found


def twice_named(data: Mapping[str, Any], fields: list[list[Any]]) -> dict[str, Any]:
    """Return what a form is filled with, each thing under both its names."""
    found: dict[str, Any] = {}
    for name, vi, _each, inside, _ in fields:
        value = data[name]
        found[name] = found[vi] = [twice_named(row, inside) for row in value] if inside else value
    return found


def unknown_field(name: str, said: str, known: Fields) -> FormRefusedError:
    """Return the refusal of a field that there is none of, with those that look like it."""
    near = get_close_matches(name, list(known), n=2) or list(known)
    return FormRefusedError("unknown", field=said[:80], known=", ".join(near))
