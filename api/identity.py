"""Who makes a request of the JSON interface: the account behind its bearer token.

No cookie is ever read here, so no other site can make a browser act for somebody (OWASP ASVS 5.0.0, 3.5.2).
"""

import re
from typing import Final

from flask import g, request

from api.edge import request_now, request_session
from workflow.domain.errors import Unauthenticated
from workflow.domain.rights.policy import Actor
from workflow.operations.people.tokens import digest
from workflow.queries.me import actor_of_token

# RFC 6750: the token68 alphabet; longer ones are not ours and need no look-up.
_BEARER: Final = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/-]{16,512}=*)")


def bearer_actor() -> Actor:
    """Return who makes this request, asked once; raise `Unauthenticated` for a missing or dead token."""
    if "bearer_actor" not in g:
        g.bearer_actor = _identify(request.headers.get("Authorization", ""))
    actor: Actor = g.bearer_actor
    return actor


def _identify(header: str) -> Actor:
    found = _BEARER.fullmatch(header)
    if found is None:
        raise Unauthenticated(
            "Send a token as 'Authorization: Bearer TOKEN'; `commendo account token` makes one."
        )
    actor = actor_of_token(request_session(), token_hash=digest(found[1]), now=request_now())
    if actor is None:
        raise Unauthenticated("The token is unknown, has expired, or its account is disabled.")
    return actor
