"""The JSON interface under `/api/v1`, put together."""

from typing import Final

from apiflask import APIFlask
from flask import request

from api.edge import READS
from api.identity import bearer_actor
from api.permissions import Permission, asked_permission, declare_foreign
from api.rest import bottlenecks, description, docs, inbox
from api.rest.admin.errands import errands
from api.rest.board import boards
from api.rest.campaigns import campaigns
from api.rest.clusters import clusters
from api.rest.courtesy import calls, comments, dates, late
from api.rest.courtesy.escalations import escalations
from api.rest.health import health
from api.rest.lists.office_forms import office_forms
from api.rest.lists.receipts import receipts
from api.rest.metrics import metrics
from api.rest.nominations import nominations
from api.rest.papers import papers
from api.rest.people import saved_views
from api.rest.people.absences import absences
from api.rest.people.audit import history
from api.rest.people.mails import mails
from api.rest.people.records import people
from api.rest.reference import reference
from api.rest.rounds import rounds
from api.rest.submissions import submissions
from api.rest.time import impact, nudges, obstacles
from api.rest.time.forecast import ahead
from api.uploads import read_body
from workflow.domain.rights.policy import demand_role

PREFIX = "/api/v1"
BLUEPRINTS: Final = (
    absences,
    ahead,
    boards,
    campaigns,
    clusters,
    errands,
    escalations,
    history,
    mails,
    nominations,
    office_forms,
    papers,
    people,
    receipts,
    reference,
    rounds,
    submissions,
)
"""Every group of routes under the prefix, each behind a token."""
_NAMES: Final = frozenset(blueprint.name for blueprint in BLUEPRINTS)
ADDING: Final = (inbox, saved_views, bottlenecks, calls, comments, dates, impact, late, nudges, obstacles)
"""Modules that add routes to the group of reference data when they are imported."""


def register(app: APIFlask) -> None:
    """Add every route of the JSON interface to the application."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=PREFIX)
    app.register_blueprint(health)
    app.register_blueprint(metrics)
    app.register_blueprint(docs.docs)
    declare_foreign(app, "docs.static", Permission.ANYBODY)
    app.before_request(_demand_permission)
    description.register(app)


def _demand_permission() -> None:
    """Ask for a token where a route asks for one.

    The body is read first, where a token is given at all: looking the token up opens a transaction, which
    must not stay open for as long as somebody takes to send the rest.
    """
    if request.blueprint in _NAMES and asked_permission() is Permission.SIGNED_IN:
        if "Authorization" in request.headers:
            read_body()
        actor = bearer_actor()
        if request.method not in READS:
            demand_role(actor)
