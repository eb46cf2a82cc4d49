"""A form sent twice is done once: each form carries a key of its own, made when the page was."""

import hashlib
import hmac
import json
import re
from typing import Final

from flask import request

from api.edge import edge
from api.pages.frame.where import path_here
from workflow.operations.keys import Claim
from workflow.operations.people.tokens import new_token

FIELD: Final = "key"
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")
_FILE: Final = "file"
_NOT_CONTENT: Final = frozenset({FIELD, "csrf_token"})


def new_key() -> str:
    """Return a key for one form on one page."""
    return new_token()


def key_of_form() -> str:
    """Return the key that the sent form carries; empty when it carries none of ours."""
    key = request.form.get(FIELD, "")
    return key if is_key(key) else ""


def is_key(text: str) -> bool:
    """Tell whether a text is such a key."""
    return _KEY.fullmatch(text) is not None


def claim_of_form(file_hash: str = "") -> Claim | None:
    """Return the claim that the sent form makes; None when it carries no key of ours.

    `file_hash` stands for the file that came with it.
    """
    key = key_of_form()
    if not key:
        return None
    content = sorted(
        (name, value) for name, value in request.form.items(multi=True) if name not in _NOT_CONTENT
    )
    mac = hmac.digest(
        edge().settings.secret.encode(), json.dumps([*content, (_FILE, file_hash)]).encode(), hashlib.sha256
    )
    return Claim(key, f"{request.method} {path_here()}", mac)
