"""Clusters of a year over JSON: list, make, change, officers, the next year's rotation, barred units.

A cluster's code (`2026/VKSTC/1`) has slashes, so its address is its id; the code is in every answer.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from apiflask import APIBlueprint
from flask import Response, url_for

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.clusters import (
    BarBody,
    BarredQuery,
    ClusterChangesBody,
    ClusterQuery,
    NewClusterBody,
    NewYearBody,
    OfficersBody,
    RotationQuery,
)
from api.permissions import Permission, permission
from api.problems import preferred_locale
from api.rest.answers import answer, described, described_page
from api.rest.idempotency import marked, requested_claim
from api.wording import message_of
from workflow.domain.errors import Reason
from workflow.domain.vocabulary import Via
from workflow.operations.clusters.clusters import (
    ClusterOutcome,
    change_cluster,
    create_cluster,
    set_officers,
)
from workflow.operations.clusters.year import bar_unit, open_year, unbar_unit
from workflow.queries.clusters.barred import BarredView, list_barred
from workflow.queries.clusters.clusters import ClusterView, get_cluster, list_clusters
from workflow.queries.clusters.rotation import ProposedCluster, RotationView, TurnView, rotation
from workflow.queries.paging import BIGGEST_ID, Page

clusters = APIBlueprint("clusters", __name__, tag="Clusters and campaigns")

_ONE: Final = f"/clusters/<int(max={BIGGEST_ID}):cluster_id>"
_NO_CONTENT: Final = 204


@clusters.get("/clusters")
@clusters.input(ClusterQuery, location="query")
@clusters.output(described_page(ClusterView, "Cluster"))
@permission(Permission.SIGNED_IN)
def list_all(query_data: ClusterQuery) -> Response:
    """List the clusters and blocks, newest year first."""
    page = list_clusters(
        request_session(), actor=bearer_actor(), now=request_now(), **query_data.model_dump()
    )
    return answer(Page[ClusterView], page)


@clusters.post("/clusters")
@clusters.input(NewClusterBody)
@clusters.output(described(ClusterView, "Cluster"), 201)
@permission(Permission.SIGNED_IN)
def make(json_data: NewClusterBody) -> Response:
    """Make a cluster of a year."""
    outcome = create_cluster(
        request_session(),
        actor=bearer_actor(),
        new=json_data.cluster(),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    response = _done(outcome, 201)
    response.headers["Location"] = url_for(".read", cluster_id=outcome.cluster_id)
    return response


@clusters.get(_ONE)
@clusters.output(described(ClusterView, "Cluster"))
@permission(Permission.SIGNED_IN)
def read(cluster_id: int) -> Response:
    """Read a cluster: head, deputy, members, who headed before, how much waits there."""
    return _representation(cluster_id)


@clusters.patch(_ONE)
@clusters.input(ClusterChangesBody)
@clusters.output(described(ClusterView, "Cluster"))
@permission(Permission.SIGNED_IN)
def change(cluster_id: int, json_data: ClusterChangesBody) -> Response:
    """Change a cluster's name, kind or members."""
    change_cluster(
        request_session(),
        actor=bearer_actor(),
        cluster_id=cluster_id,
        changes=json_data.changes(),
        via=Via.API,
        now=request_now(),
    )
    return _representation(cluster_id)


@clusters.post(f"{_ONE}/actions/set_officers")
@clusters.input(OfficersBody)
@clusters.output(described(ClusterView, "Cluster"))
@permission(Permission.SIGNED_IN)
def appoint(cluster_id: int, json_data: OfficersBody) -> Response:
    """Say which member units head and stand in; their heads hold the cluster's seats from that day."""
    outcome = set_officers(
        request_session(),
        actor=bearer_actor(),
        cluster_id=cluster_id,
        new=json_data.officers(),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    return _done(outcome)


@clusters.get("/clusters/rotation")
@clusters.input(RotationQuery, location="query")
@clusters.output(described(RotationView, "Rotation"))
@permission(Permission.SIGNED_IN)
def proposed(query_data: RotationQuery) -> Response:
    """Propose the clusters of a year out of the year before, with the reason for each officer."""
    view = rotation(
        request_session(),
        actor=bearer_actor(),
        owner=query_data.owner,
        year=query_data.year,
        now=request_now(),
    )
    return answer(RotationView, _spoken(view, preferred_locale()))


@clusters.post("/clusters/rotation")
@clusters.input(NewYearBody)
@clusters.output(described_page(ClusterView, "Cluster"), 201)
@permission(Permission.SIGNED_IN)
def turn_the_year(json_data: NewYearBody) -> Response:
    """Open a year: make its clusters as proposed, with the officers proposed or named here."""
    outcome = open_year(
        request_session(),
        actor=bearer_actor(),
        new=json_data.opening(),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    page = list_clusters(
        request_session(),
        actor=bearer_actor(),
        year=json_data.year,
        owner=json_data.owner,
        now=request_now(),
        limit=max(len(outcome.cluster_ids), 1),
        cursor=None,
    )
    return marked(answer(Page[ClusterView], page, 201), was_answered_before=outcome.was_answered_before)


@clusters.get("/clusters/barred")
@clusters.input(BarredQuery, location="query")
@clusters.output(described_page(BarredView, "BarredUnit"))
@permission(Permission.SIGNED_IN)
def barred(query_data: BarredQuery) -> Response:
    """List the units you oversee that were not considered for emulation in a year."""
    page = list_barred(request_session(), actor=bearer_actor(), now=request_now(), **query_data.model_dump())
    return answer(Page[BarredView], page)


@clusters.post("/clusters/barred")
@clusters.input(BarBody)
@clusters.output({}, 204)
@permission(Permission.SIGNED_IN)
def bar(json_data: BarBody) -> Response:
    """Record that a unit was not considered in a year: it may not head a cluster in the next."""
    bar_unit(
        request_session(),
        actor=bearer_actor(),
        unit_code=json_data.unit,
        year=json_data.year,
        reason=json_data.reason,
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    return Response(status=_NO_CONTENT)


@clusters.delete("/clusters/barred/<unit>/<int(max=2100):year>")
@clusters.output({}, 204)
@permission(Permission.SIGNED_IN)
def unbar(unit: str, year: int) -> Response:
    """Take back that a unit was not considered in a year."""
    unbar_unit(
        request_session(),
        actor=bearer_actor(),
        unit_code=unit,
        year=year,
        via=Via.API,
        now=request_now(),
    )
    return Response(status=_NO_CONTENT)


def _done(outcome: ClusterOutcome, status: int = 200) -> Response:
    response = _representation(outcome.cluster_id, status)
    return marked(response, was_answered_before=outcome.was_answered_before)


def _representation(cluster_id: int, status: int = 200) -> Response:
    view = get_cluster(request_session(), actor=bearer_actor(), cluster_id=cluster_id, now=request_now())
    return answer(ClusterView, view, status)


def _spoken(view: RotationView, locale: str) -> RotationView:
    """Return the proposal with its reasons in the reader's language."""
    return replace(view, clusters=tuple(_spoken_cluster(one, locale) for one in view.clusters))


def _spoken_cluster(cluster: ProposedCluster, locale: str) -> ProposedCluster:
    return replace(
        cluster,
        left_out=_said(cluster.left_out, locale),
        head=TurnView(cluster.head.unit, _said(cluster.head.reasons, locale)),
        deputy=TurnView(cluster.deputy.unit, _said(cluster.deputy.reasons, locale)),
    )


def _said(reasons: Sequence[Reason], locale: str) -> tuple[Reason, ...]:
    return tuple(replace(reason, message=message_of(reason, locale)) for reason in reasons)
