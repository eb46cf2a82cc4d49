"""Saved views of one's work, over JSON."""

from typing import Final

from flask import Response

from api.edge import end_reading, request_now, request_session
from api.identity import bearer_actor
from api.inputs.saved_views import SavedViewChanges, SavedViewRequest, read_words
from api.permissions import Permission, permission
from api.rest.answers import answer, described_page
from api.rest.reference import reference
from workflow.operations.people.saved_views import change_view, delete_view, save_view
from workflow.queries.inbox.saved_views import SavedInboxView, saved_views
from workflow.queries.paging import Page

_VIEW: Final = "/inbox/views/<int(max=9223372036854775807):view_id>"
_NO_CONTENT: Final = 204


@reference.get("/inbox/views")
@reference.output(described_page(SavedInboxView, "SavedView"))
@permission(Permission.SIGNED_IN)
def read_views() -> Response:
    """List the views you saved and those shared with your unit, each with how much of yours it finds."""
    return _views()


@reference.post("/inbox/views")
@reference.input(SavedViewRequest)
@reference.output(described_page(SavedInboxView, "SavedView"))
@permission(Permission.SIGNED_IN)
def save(json_data: SavedViewRequest) -> Response:
    """Save a tab and what it is narrowed to under a name; the answer is all that you see."""
    actor = bearer_actor()
    end_reading()
    save_view(request_session(), actor=actor, called=json_data.called(), words=json_data.words())
    return _views()


@reference.patch(_VIEW)
@reference.input(SavedViewChanges)
@reference.output(described_page(SavedInboxView, "SavedView"))
@permission(Permission.SIGNED_IN)
def change(view_id: int, json_data: SavedViewChanges) -> Response:
    """Call a view of yours otherwise, share it with your unit or keep it to yourself."""
    actor = bearer_actor()
    end_reading()
    change_view(request_session(), actor=actor, view_id=view_id, called=json_data.called())
    return _views()


@reference.delete(_VIEW)
@reference.output({}, 204)
@permission(Permission.SIGNED_IN)
def delete(view_id: int) -> Response:
    """Delete a view of yours."""
    actor = bearer_actor()
    end_reading()
    delete_view(request_session(), actor=actor, view_id=view_id)
    return Response(status=_NO_CONTENT)


def _views() -> Response:
    found = saved_views(request_session(), actor=bearer_actor(), now=request_now(), read=read_words)
    return answer(Page[SavedInboxView], Page(found, None))
