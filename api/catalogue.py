"""The words on the screen, in both languages: every text of `api/words`, and what the rules share with it."""

from collections.abc import Mapping
from functools import cache

from workflow.words.catalogue import LOCALES, read_words


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """Return every text of a language by its dotted key; a counted text has `.one` and `.other`."""
    return {**read_words("workflow", locale), **read_words("api", locale)}


def say(locale: str, key: str, **parts: object) -> str:
    """Return a text with its parts filled in; `count` chooses between one and several.

    Raises KeyError for a key the language does not have: a missing word is an error of ours, not a gap.
    """
    return fill(catalogue(locale), key, parts)


def fill(words: Mapping[str, str], key: str, parts: Mapping[str, object]) -> str:
    """Return one of these texts with its parts filled in, as `say` does."""
    if key not in words and "count" in parts:
        key = f"{key}.one" if parts["count"] in {1, "1"} else f"{key}.other"
    return words[key].format(**parts)


def knows(key: str) -> bool:
    """Return whether there is a text of that key, for codes that come from outside."""
    return key in catalogue(LOCALES[0])
