"""Movements in their tree with the rounds inside, and the form that launches or changes one."""

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.campaigns import CampaignChangesBody, NewCampaignBody
from api.pages.carry_out import carry_out, go_on
from api.pages.cluster_forms import CampaignForm, look_again, say_refusal
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import Conflict, Forbidden, InvalidField, Refusal, RequirementsMissing
from workflow.domain.vocabulary import Via
from workflow.operations.rounds.campaigns import change_campaign, create_campaign
from workflow.queries.clusters.choices import launching_units
from workflow.queries.rounds.campaigns import CampaignView, campaign_choices, campaign_tree, get_campaign


@pages.get("/campaigns")
@permission(Permission.SIGNED_IN)
def campaigns() -> str:
    """Show the movements as a tree."""
    actor, session, now = current_actor(), request_session(), request_now()
    launching = launching_units(session, actor=actor, now=now)
    return render(
        "campaigns.html",
        trees=campaign_tree(session, scope=actor.scope, now=now),
        mine={unit.code for unit in launching},
    )


@pages.get("/campaigns/new")
@permission(Permission.SIGNED_IN)
def new_campaign() -> str:
    """Show an empty form to somebody who may launch a movement."""
    form = CampaignForm(formdata=None)
    _fill(form)
    form.year.data = str(request_today().year)
    return _form_page(form, None)


@pages.post("/campaigns/new")
@permission(Permission.SIGNED_IN)
def launch_campaign() -> Response | tuple[str, int]:
    """Launch a movement, or show what is wrong beside its field."""
    form = CampaignForm()
    _fill(form)

    def launched() -> None:
        create_campaign(
            request_session(),
            actor=current_actor(),
            new=read_typed(NewCampaignBody, request.form).campaign(),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    words = say(current_locale(), "campaigns.created")
    return carry_out(
        launched,
        done=lambda _: go_on(words, "pages.campaigns"),
        again=lambda refusal: _again(form, None, refusal),
        refused=(Conflict, InvalidField),
    )


@pages.get("/campaigns/<code>/edit")
@permission(Permission.SIGNED_IN)
def edit_campaign(code: str) -> str:
    """Show a movement's form to those who may change it."""
    view = _mine(code)
    form = CampaignForm(
        formdata=None,
        version=view.version,
        title=view.title,
        year=view.year,
        parent=view.parent or "",
        directive_number=view.directive_number,
        directive_on=view.directive_on,
    )
    _fill(form, view)
    return _form_page(form, view)


@pages.post("/campaigns/<code>/edit")
@permission(Permission.SIGNED_IN)
def save_campaign(code: str) -> Response | tuple[str, int]:
    """Change a movement, or show what is wrong beside its field."""
    view, form = _mine(code), CampaignForm()
    _fill(form, view)

    def changed() -> None:
        said = read_typed(CampaignChangesBody, request.form, required=("title", "year"))
        change_campaign(
            request_session(),
            actor=current_actor(),
            code=code,
            changes=said.changes(view),
            via=Via.WEB,
            now=request_now(),
        )

    words = say(current_locale(), "campaigns.saved")
    return carry_out(
        changed,
        done=lambda _: go_on(words, "pages.campaigns"),
        again=lambda refusal: _again(form, view, refusal),
        refused=(RequirementsMissing, Conflict, InvalidField),
    )


def _again(form: CampaignForm, view: CampaignView | None, refusal: Refusal) -> str:
    say_refusal(form, refusal, current_locale(), conflict="campaigns.taken")
    if view is not None:
        look_again(form, refusal, view.version)
    return _form_page(form, view)


def _mine(code: str) -> CampaignView:
    """Return a movement that the actor may change, or raise `NotFound` or `Forbidden`."""
    actor, session, now = current_actor(), request_session(), request_now()
    view = get_campaign(session, scope=actor.scope, code=code, now=now)
    if view.owner.code not in {unit.code for unit in launching_units(session, actor=actor, now=now)}:
        raise Forbidden("Only who heads, supervises or administers the owner may change a campaign.")
    return view


def _fill(form: CampaignForm, view: CampaignView | None = None) -> None:
    actor, session, now, locale = current_actor(), request_session(), request_now(), current_locale()
    owners = launching_units(session, actor=actor, now=now)
    if not owners:
        raise Forbidden(say(locale, "campaigns.nothing_to_launch"))
    form.owner.choices = [
        ("", say(locale, "form.choose")),
        *((unit.code, unit.name) for unit in owners),
    ]
    form.parent.choices = [("", say(locale, "campaigns.no_parent"))] + [
        (one.code, f"{one.title} ({one.year})")
        for one in campaign_choices(session)
        if view is None or one.code != view.code
    ]


def _form_page(form: CampaignForm, view: CampaignView | None) -> str:
    return render("campaign_form.html", form=form, campaign=view, key=new_key())
