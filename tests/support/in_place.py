"""What holds for every form of a page: an answer that is a page has an address of its own."""

from flask import Flask, Response, g, request

from api.pages.once import FIELD, key_of_form
from api.permissions import Permission, asked_permission
from workflow.domain.sent_forms import MOST_BYTES

IN_PLACE = {
    "pages.let_in": "a link that sets a password is shown once and kept nowhere",
    "pages.let_in_again": "the same",
    "pages.new_link": "the same",
    "pages.new_token_for": "a token is shown once and kept nowhere",
    "pages.open_calendar": "the secret address of a feed is shown once and kept nowhere",
    "pages.switch_off": "a mail program that posts one click follows no redirect (RFC 8058); our button does",
    "pages.choose_language": "words too long for the browser's own session are shown to be copied, once",
}
"""The forms that a page answers without an address, each with its reason."""


NO_PAGE_SENDS = frozenset({400, 405, 413})
"""What is answered so was sent by no page of ours, or could not be read."""


def demand_addresses(app: Flask) -> None:
    """Have an application fail where a form is answered by a page in place: back would ask for the form."""
    app.after_request(_demand_address)


def _demand_address(response: Response) -> Response:
    is_page = response.mimetype == "text/html" and (response.status_code == 200 or _is_refused(response))
    # What is too large to be kept is answered in place rather than not at all.
    is_kept = (request.content_length or 0) <= MOST_BYTES
    if request.method == "POST" and is_page and is_kept and (request.endpoint or "").startswith("pages."):
        # A form of ours that is answered so carries a key: of one that a program emptied nothing is told.
        has_lost_key = FIELD in request.form and not key_of_form()
        is_in_place = response.status_code == 200 and (request.endpoint in IN_PLACE or has_lost_key)
        assert is_in_place, f"{request.endpoint} answers by a page without an address"
    return response


def _is_refused(response: Response) -> bool:
    """Tell whether a form of somebody who is signed in was refused: it is kept for nobody else."""
    is_mine = asked_permission() is Permission.SIGNED_IN and bool(g.get("csrf_valid"))
    return is_mine and 400 <= response.status_code < 500 and response.status_code not in NO_PAGE_SENDS
