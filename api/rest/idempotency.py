"""`Idempotency-Key`: the same request again is answered again and done once.

The key is kept with a MAC of what was asked, never with what was asked.
"""

import hmac
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from flask import Response, request

from api.edge import edge
from api.problems import MalformedRequest
from api.reading import json_object
from workflow.domain.errors import FieldError
from workflow.operations.keys import Claim

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_PURPOSE: Final = b"commendo idempotency 1\n"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


def requested_claim(said: Mapping[str, object] | None = None) -> Claim | None:
    """Return the key this request came with, None without one; raise `MalformedRequest` when unusable.

    `said` is what a request says whose body is no JSON.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        message = "must have 1 to 255 visible ASCII characters"
        raise MalformedRequest(f"{HEADER} {message}.", errors=[FieldError(HEADER, message)])
    return Claim(key, f"{request.method} {request.path}", _mac(said))


def marked(response: Response, *, was_answered_before: bool) -> Response:
    """Return the answer, saying whether it answers a request that was done before."""
    if was_answered_before:
        response.headers[REPLAYED] = "true"
    return response


def _mac(body: Mapping[str, object] | None) -> bytes:
    """Return the MAC of the request: its JSON in one spelling, and the version its author saw."""
    if body is None:
        raw = request.get_data(cache=True)
        body = json_object(raw) if raw else {}
    said = {"body": body, "if_match": request.headers.get("If-Match")}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(edge().settings.secret.encode(), _PURPOSE + canonical.encode(), sha256).digest()
