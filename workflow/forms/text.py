"""A text document filled: the office's own, with the fields written in it."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any, Final

from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml.etree import LxmlError

from workflow.forms.refused import NOT_IN_XML, FormRefusedError, both_names, twice_named
from workflow.forms.sandbox import FormEnvironment

# What the libraries raise for a document that is damaged; they promise no one type.
_BROKEN: Final = (
    LxmlError, KeyError, ValueError, AttributeError, IndexError, TypeError, AssertionError,
    zipfile.BadZipFile,
)  # fmt: skip
_UNCLEAN: Final = re.compile(NOT_IN_XML)


def fill_text(content: bytes, fields: list[list[Any]], data: Mapping[str, Any]) -> bytes:
    """Return a document with its fields filled. Raises `FormRefusedError` for a form that cannot be."""
    environment = FormEnvironment(both_names(fields))
    written = io.BytesIO()
    try:
        form = DocxTemplate(io.BytesIO(content))
        form.render(twice_named(_clean(data), fields), environment, autoescape=True)
        form.save(written)
    except FormRefusedError:
        raise
    except TemplateError as error:
        raise FormRefusedError("syntax", said=str(error.message or "")[:200]) from error
    except _BROKEN as error:
        raise FormRefusedError("unreadable") from error
    if not environment.is_filled:
        raise FormRefusedError("empty")
    return written.getvalue()


def _clean(value: Any) -> Any:  # noqa: ANN401 - what JSON holds
    if isinstance(value, dict):
        return {name: _clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return _UNCLEAN.sub("", value) if isinstance(value, str) else value
