"""The name of a file as it is shown: one line of text, never a path, always ending like what the file is."""

import unicodedata
from typing import Final

from workflow.domain.papers.media import EXTENSIONS
from workflow.domain.text import is_unseen

LONGEST_NAME: Final = 120
# Longer than any system gives to a name; to compose one without end takes the square of its length.
_READ: Final = 1000
_UNNAMED: Final = "tai-lieu"
# Separators of paths, and what Windows keeps for itself in names.
_FORBIDDEN: Final = frozenset('\\/:*?"<>|')


def clean_filename(given: str, media_type: str) -> str:
    """Return a name to show for a file of this type, made of what its sender called it.

    In NFC, without the folders before it, without characters that cannot be seen, at most LONGEST_NAME
    characters long. An ending that says something else than the bytes do stays, with the true one behind it.
    """
    base = unicodedata.normalize("NFC", given[-_READ:]).replace("\\", "/").rpartition("/")[2]
    seen = "".join(
        character for character in base if not is_unseen(character) and character not in _FORBIDDEN
    )
    name = " ".join(seen.split())
    endings = EXTENSIONS[media_type]
    ending = next((known for known in endings if name.lower().endswith(known)), "")
    stem = name[: len(name) - len(ending)].strip(". ") or _UNNAMED
    ending = ending or endings[0]
    return f"{stem[: LONGEST_NAME - len(ending)].rstrip('. ')}{ending}"
