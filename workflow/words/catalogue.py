"""Words in both languages out of plain tables: a folder a language, read once (docs/adr/0012).

What a person reads on a screen stands in `api/words`. Here stands what the answers of queries carry in the
same field as the labels of a definition: those words have to be known below the edge.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Final, cast

import yaml

try:
    # libyaml, which every wheel of PyYAML has, reads our 80 files in an eighth of the time.
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    # PyYAML was built from source where libyaml was not.
    from yaml import SafeLoader  # type: ignore[assignment]  # either reads the same

LOCALES: Final = ("vi", "en")
_OURS: Final = "workflow"


@cache
def read_words(package: str, locale: str) -> Mapping[str, str]:
    """Return every text of a language by its dotted key, out of all files of that language in a package."""
    files = (resources.files(package) / "words" / locale).iterdir()
    tables = [yaml.load(file.read_text(encoding="utf-8"), Loader=SafeLoader) for file in files]
    return {key: text for table in tables for key, text in _flat("", cast("Mapping[str, object]", table))}


def word(locale: str, key: str, **parts: object) -> str:
    """Return a word of this package's with its parts filled in.

    Raises KeyError for a key the language does not have: a missing word is an error of ours, not a gap.
    """
    return read_words(_OURS, locale)[key].format(**parts)


def _flat(prefix: str, node: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(f"{key}.", value)
        else:
            yield key, str(value)
