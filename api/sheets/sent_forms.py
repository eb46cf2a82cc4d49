"""A form as an office sends it: whose it is, for what, and the file."""

import os
from typing import Final

from flask import request

from api.reading import Code, Input
from api.uploads import FILE, given_filename
from workflow.domain.errors import FieldError, InvalidField, Reason
from workflow.domain.papers.office_forms import MOST_FORM_BYTES, FormFormat, FormPurpose
from workflow.domain.text import LONGEST_LINE


class FormUpload(Input):
    """What comes beside the file of a form."""

    unit: Code
    purpose: FormPurpose


_MOST_MB: Final = MOST_FORM_BYTES // 2**20


def sent_form() -> tuple[FormFormat, str, bytes]:
    """Return kind, name and bytes of the form that was sent. Raises `InvalidField` without one that fits."""
    given = request.files.get(FILE)
    if given is None or not given.filename:
        raise _refused(Reason("form_missing", "Choose the file of the form."))
    name = "".join(letter for letter in given_filename() if letter.isprintable())[-LONGEST_LINE:]
    ending = name.rpartition(".")[2].lower()
    if ending not in set(FormFormat):
        raise _refused(Reason("form_kind", "A form is a .docx or an .xlsx file."))
    if given.stream.seek(0, os.SEEK_END) > MOST_FORM_BYTES:
        message = f"A form has at most {_MOST_MB} MB."
        raise _refused(Reason("form_too_large", message, {"most": str(_MOST_MB)}))
    given.stream.seek(0)
    content = given.stream.read()
    if not content:
        raise _refused(Reason("form_missing", "Choose the file of the form."))
    return FormFormat(ending), name, content


def _refused(reason: Reason) -> InvalidField:
    return InvalidField(reason.message, reasons=[reason], errors=[FieldError(FILE, reason.message)])
