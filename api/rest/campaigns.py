"""Movements (phong trào thi đua) over JSON: list, launch, read, change."""

from typing import Final

from apiflask import APIBlueprint
from flask import Response, url_for

from api.edge import end_reading, request_now, request_session
from api.identity import bearer_actor
from api.inputs.campaigns import CampaignChangesBody, NewCampaignBody
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import answer, described, described_page
from api.rest.idempotency import marked, requested_claim
from workflow.domain.vocabulary import Via
from workflow.operations.rounds.campaigns import change_campaign, create_campaign
from workflow.queries.paging import Page
from workflow.queries.rounds.campaigns import CampaignView, get_campaign, list_campaigns

campaigns = APIBlueprint("campaigns", __name__, tag="Clusters and campaigns")

_ONE: Final = "/campaigns/<code>"


@campaigns.get("/campaigns")
@campaigns.input(Paging, location="query")
@campaigns.output(described_page(CampaignView, "Campaign"))
@permission(Permission.SIGNED_IN)
def list_all(query_data: Paging) -> Response:
    """List the movements, newest year first; `parent` makes the tree. Counts are of what you may count."""
    page = list_campaigns(
        request_session(), scope=bearer_actor().scope, now=request_now(), **query_data.model_dump()
    )
    return answer(Page[CampaignView], page)


@campaigns.post("/campaigns")
@campaigns.input(NewCampaignBody)
@campaigns.output(described(CampaignView, "Campaign"), 201)
@permission(Permission.SIGNED_IN)
def launch(json_data: NewCampaignBody) -> Response:
    """Launch a movement."""
    outcome = create_campaign(
        request_session(),
        actor=bearer_actor(),
        new=json_data.campaign(),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    response = _representation(outcome.code, 201)
    response.headers["Location"] = url_for(".read", code=outcome.code)
    return marked(response, was_answered_before=outcome.was_answered_before)


@campaigns.get(_ONE)
@campaigns.output(described(CampaignView, "Campaign"))
@permission(Permission.SIGNED_IN)
def read(code: str) -> Response:
    """Read a movement with its rounds."""
    return _representation(code)


@campaigns.patch(_ONE)
@campaigns.input(CampaignChangesBody)
@campaigns.output(described(CampaignView, "Campaign"))
@permission(Permission.SIGNED_IN)
def change(code: str, json_data: CampaignChangesBody) -> Response:
    """Change a movement; what is left out stays, `parent` and `directive_on` can be taken away with null."""
    seen = get_campaign(request_session(), scope=bearer_actor().scope, code=code, now=request_now())
    end_reading()
    change_campaign(
        request_session(),
        actor=bearer_actor(),
        code=code,
        changes=json_data.changes(seen),
        via=Via.API,
        now=request_now(),
    )
    return _representation(code)


def _representation(code: str, status: int = 200) -> Response:
    view = get_campaign(request_session(), scope=bearer_actor().scope, code=code, now=request_now())
    return answer(CampaignView, view, status)
