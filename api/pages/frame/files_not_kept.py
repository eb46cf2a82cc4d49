"""Files that a form had which was not taken: nothing of them is kept but what they were called.

No browser puts a file into a field again. So whoever mends another field of such a form is told, beside the
field of the file, which one it was and that it is to be chosen again.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import g, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from api.catalogue import say
from workflow.domain.text import LONGEST_LINE, visible

_ATTRIBUTE: Final = "files_not_kept"

Chosen = Mapping[str, Sequence[str]]
"""What files are called, by the field they were chosen in."""


def chosen_files() -> Chosen:
    """Return what the files of this request's form are called, as far as that can be read and seen."""
    try:
        files = request.files
    except HTTPException:
        # Refused before it could be read: what was too large was not looked into.
        return {}
    called = {
        field: [visible(one.filename or "")[-LONGEST_LINE:] for one in chosen]
        for field, chosen in files.lists()
    }
    return {field: found for field, names in called.items() if (found := [name for name in names if name])}


def named_files() -> list[tuple[str, str]]:
    """Return the field and the name of each file of this request's form."""
    return [(field, name) for field, names in chosen_files().items() for name in names]


def beside_field(names: Sequence[str], locale: str) -> Markup:
    """Return what stands beside the field of files that were not kept, on a page that was made already."""
    said = say(locale, "form.file_not_kept", files=", ".join(names))
    return Markup('<div class="invalid-feedback d-block text-break">{}</div>').format(said)


def tell_not_kept(chosen: Chosen) -> None:
    """Have the page of this request say that these files were not kept."""
    setattr(g, _ATTRIBUTE, chosen)


def files_not_kept(field: str) -> str:
    """Return what the files are called that a field of the refused form had, empty where it had none."""
    chosen: Chosen = g.get(_ATTRIBUTE, {})
    return ", ".join(chosen.get(field, ()))
