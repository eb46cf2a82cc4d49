"""The words on the screen, in both languages: `words/vi.yaml`, and files for larger pages in `words/vi/`.

A plain table read once: gettext would need a compiled file in every checkout (docs/adr/0012).
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, cast

import yaml

LOCALES: Final = ("vi", "en")


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """Return every text of a language by its dotted key; a counted text has `.one` and `.other`."""
    words = resources.files("api.pages") / "words"
    files = [words / f"{locale}.yaml", *(words / locale).iterdir()]
    texts = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return {key: text for words in texts for key, text in _flatten("", cast("Mapping[str, object]", words))}


def say(locale: str, key: str, **parts: object) -> str:
    """Return a text with its parts filled in; `count` chooses between one and several.

    Raises KeyError for a key the language does not have: a missing word is an error of ours, not a gap.
    """
    words = catalogue(locale)
    if key not in words and "count" in parts:
        key = f"{key}.one" if parts["count"] in {1, "1"} else f"{key}.other"
    return words[key].format(**parts)


def knows(key: str) -> bool:
    """Return whether there is a text of that key, for codes that come from outside."""
    return key in catalogue(LOCALES[0])


def _flatten(prefix: str, node: Mapping[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found += _flatten(f"{key}.", value)
        else:
            found.append((key, str(value)))
    return found
