"""What a file says that its model does not take, in the words of the file and never in the library's."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from workflow.domain.reading import Document, Place, meant

_QUOTED_LENGTH: Final = 60
_NAME: Final = "a name (lower-case letters, digits and _, a letter first)"
_FORMS: Final[Mapping[str, str]] = {
    r"^[a-z][a-z0-9_]{0,62}$": _NAME,
    r"^[a-z][a-z0-9_-]{0,62}$": "a name (lower-case letters, digits, _ and -, a letter first)",
    r"^[A-Z][A-Z0-9]{0,7}$": "a prefix (one to eight capital letters and digits, a letter first)",
}
_LISTS: Final = frozenset({"tuple_type", "list_type"})
_MAPPINGS: Final = frozenset({"model_type", "model_attributes_type", "dict_type"})
_WHOLE: Final = frozenset({"int_type", "int_parsing", "int_from_float", "int_parsing_size"})

NOT_TEXT: Final = "text is expected"
"""What a validator raises, as a ValueError, of a value that is no text."""

WordsAt = Callable[[Place], Sequence[str]]


def misread(
    errors: Sequence[Mapping[str, Any]], document: Document, words_at: WordsAt
) -> list[tuple[int, str]]:
    """Return line and words of each error of a model; `words_at` gives the words a place may hold."""
    return [(document.line(error["loc"]), _said(error, document, words_at)) for error in errors]


def _said(error: Mapping[str, Any], document: Document, words_at: WordsAt) -> str:
    place: Place = error["loc"]
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "value_error" and str(context["error"]) == NOT_TEXT:
        kind = "string_type"
    word = next((str(part) for part in reversed(place) if isinstance(part, str)), "the file")
    shown = _shown(value, place, document)
    match kind:
        case "missing":
            said = f"'{word}' is missing"
        case "extra_forbidden":
            said = f"unknown word '{word}'{meant(word, words_at(place[:-1]))}"
        case "enum" | "literal_error":
            choices = [choice.strip("' ") for choice in context["expected"].replace(" or ", ", ").split(", ")]
            said = f"unknown {word} {shown}{meant(str(value), choices)}"
        case "value_error":
            said = f"{word}: {context['error']}"
        case "string_pattern_mismatch":
            said = f"{word}: {shown} is not {_FORMS.get(context['pattern'], 'spelled as expected here')}"
        case "too_short" | "string_too_short":
            said = f"'{word}' must not be empty"
        case "string_too_long" | "too_long":
            parts = "characters" if kind == "string_too_long" else "entries"
            said = f"{word}: {len(value)} {parts}; at most {context['max_length']} are taken"
        case "greater_than_equal" | "less_than_equal":
            bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
            said = f"{word}: must be {bound}, not {shown}"
        case _:
            said = f"{word}: {_expected(kind, value, words_at(place))} is expected, not {shown}"
            said += "; put it in quotes" if kind == "string_type" and isinstance(value, bool | int) else ""
    return said


def _expected(kind: str, value: object, words: Sequence[str]) -> str:
    if kind == "string_type":
        return "text"
    if kind in _WHOLE:
        return "a whole number"
    if kind == "bool_type":
        return "true or false"
    if kind in _LISTS:
        return f"a list, such as [{value}]," if isinstance(value, str) else "a list"
    if kind in _MAPPINGS:
        return f"a mapping with {', '.join(words)}" if words else "a mapping"
    return "something else"


def _shown(value: object, place: Place, document: Document) -> str:
    """Show a value as the file spells it; of a list or a mapping only that it is one."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    written = document.scalars.get(place, "" if value is None else str(value))
    if value is None and written in {"", "~"}:
        return "nothing"
    return f"'{written}'" if len(written) <= _QUOTED_LENGTH else f"'{written[:_QUOTED_LENGTH]}...'"
