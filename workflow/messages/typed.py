"""What people typed, as letters may say it: it prints, hides nothing, and ends somewhere."""

import re
import unicodedata
from typing import Final

_NAME_LENGTH: Final = 200


def visible(text: str, *, keep: str = "") -> str:
    """Replace what does not print by a blank, and drop what only turns or hides letters (bidi marks)."""
    if text.isprintable():
        return text
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character if character in keep else _printed(character) for character in unified)


def _printed(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category[0] == "C" or category in {"Zl", "Zp"} else character


def single_line(text: str, limit: int = _NAME_LENGTH) -> str:
    """Return the text on one line, cut at a length."""
    return shortened(" ".join(visible(text).split()), limit)


def shortened(text: str, limit: int) -> str:
    """Return the text, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def quoted(text: str) -> str:
    """Set each line off as a quotation, so that a comment cannot pass for our own words."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def tidy(text: str) -> str:
    """Return a text without blanks at the ends of lines and with one blank line at most between two."""
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
