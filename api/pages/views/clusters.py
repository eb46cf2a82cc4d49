"""The clusters and blocks of a year: who heads, who belongs, and the forms that change it."""

from typing import Final

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.clusters import ClusterChangesBody, NewClusterBody, OfficersBody
from api.pages.carry_out import carry_out, go_on
from api.pages.cluster_forms import (
    ClusterEditForm,
    ClusterForm,
    OfficersForm,
    kinds,
    look_again,
    say_refusal,
    ways,
)
from api.pages.frame.address_words import narrowed_by, number_asked
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.clusters.officers import Headed
from workflow.domain.clusters.words import of_kind
from workflow.domain.errors import Conflict, Forbidden, InvalidField, Refusal, RequirementsMissing
from workflow.domain.numerals import YEARS
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Via
from workflow.operations.clusters.clusters import ClusterOutcome, change_cluster, create_cluster, set_officers
from workflow.queries.clusters.choices import cluster_choices, overseen_units, unit_choices
from workflow.queries.clusters.clusters import ClusterView, get_cluster, list_clusters
from workflow.queries.paging import BIGGEST_ID

_ONE: Final = f"/clusters/<int(max={BIGGEST_ID}):cluster_id>"
_ALL: Final = "all"
_WAYS: Final = {"appoint": Headed.APPOINTED, "record_vote": Headed.ELECTED}


@pages.get("/clusters")
@permission(Permission.SIGNED_IN)
@narrowed_by("year", "owner")
def clusters() -> str:
    """Show the clusters of a year, this one unless another is asked for."""
    actor, session, now = current_actor(), request_session(), request_now()
    choices = cluster_choices(session, now=now)
    this_year = request_today().year
    asked = request.args.get("year", "")
    year = this_year if asked == _ALL else _year() or this_year
    owner = normalise(request.args.get("owner", ""), field="owner", single_line=True) or None
    page = list_clusters(
        session,
        actor=actor,
        year=None if asked == _ALL else year,
        owner=owner,
        now=now,
        limit=50,
        cursor=request.args.get("cursor"),
    )
    args = {name: request.args[name] for name in ("year", "owner") if request.args.get(name)}
    turning = {view.owner.code: view.owner for view in page.items if "see_rotation" in view.may}
    return render(
        "clusters.html",
        clusters=page.items,
        next=page.next,
        is_first="cursor" not in request.args,
        args=args,
        choices=choices,
        years=sorted({*choices.years, this_year}, reverse=True),
        year=None if asked == _ALL else year,
        owner=owner,
        turning=list(turning.values()),
        following=year + 1,
        runs_any=bool(overseen_units(session, actor=actor, now=now)),
    )


def _year() -> int | None:
    return number_asked("year", least=YEARS.start, most=YEARS.stop - 1)


@pages.get("/clusters/new")
@permission(Permission.SIGNED_IN)
def new_cluster() -> str:
    """Show an empty form to somebody who runs clusters."""
    form = ClusterForm(formdata=None)
    _fill_new(form)
    form.year.data = str(request_today().year)
    return render("cluster_new.html", form=form, key=new_key())


@pages.post("/clusters/new")
@permission(Permission.SIGNED_IN)
def make_cluster() -> Response | tuple[str, int]:
    """Make a cluster, or show what is wrong beside its field."""
    form = ClusterForm()
    _fill_new(form)

    def made() -> ClusterOutcome:
        return create_cluster(
            request_session(),
            actor=current_actor(),
            new=read_typed(NewClusterBody, request.form).cluster(),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def again(refusal: Refusal) -> str:
        say_refusal(form, refusal, current_locale(), conflict="clusters.taken")
        return render("cluster_new.html", form=form, key=new_key())

    words = say(current_locale(), "clusters.created")
    return carry_out(
        made,
        done=lambda outcome: go_on(words, "pages.cluster", cluster_id=outcome.cluster_id),
        again=again,
        refused=(Conflict, InvalidField),
    )


@pages.get(_ONE)
@permission(Permission.SIGNED_IN)
def cluster(cluster_id: int) -> str:
    """Show one cluster, with the forms its reader may use."""
    view = _view(cluster_id)
    return _cluster_page(view, _officers_form(view), _edit_form(view))


@pages.post(f"{_ONE}/officers")
@permission(Permission.SIGNED_IN)
def save_officers(cluster_id: int) -> Response | tuple[str, int]:
    """Set head and deputy, or show on the form why not."""
    view, form, locale = _view(cluster_id), OfficersForm(), current_locale()
    _fill_officers(form, view)

    def seated() -> None:
        set_officers(
            request_session(),
            actor=current_actor(),
            cluster_id=cluster_id,
            new=read_typed(OfficersBody, request.form, names={"from": "since"}).officers(),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def again(refusal: Refusal) -> str:
        say_refusal(form, refusal, locale, conflict="clusters.taken", kind=view.kind)
        look_again(form, refusal, view.version)
        return _cluster_page(view, form, _edit_form(view))

    words = of_kind(say(locale, "clusters.officers_saved"), view.kind)
    return carry_out(
        seated,
        done=lambda _: go_on(words, "pages.cluster", cluster_id=cluster_id),
        again=again,
        refused=(RequirementsMissing, Conflict, InvalidField),
    )


@pages.post(f"{_ONE}/edit")
@permission(Permission.SIGNED_IN)
def save_cluster(cluster_id: int) -> Response | tuple[str, int]:
    """Change name, kind and members, or show on the form why not."""
    view, form, locale = _view(cluster_id), ClusterEditForm(), current_locale()
    _fill_edit(form, view)

    def changed() -> None:
        said = read_typed(ClusterChangesBody, request.form, required=("name", "kind", "members"))
        change_cluster(
            request_session(),
            actor=current_actor(),
            cluster_id=cluster_id,
            changes=said.changes(),
            via=Via.WEB,
            now=request_now(),
        )

    def again(refusal: Refusal) -> str:
        say_refusal(form, refusal, locale, conflict="clusters.taken", kind=view.kind)
        look_again(form, refusal, view.version)
        return _cluster_page(view, _officers_form(view), form)

    words = say(locale, "clusters.saved")
    return carry_out(
        changed,
        done=lambda _: go_on(words, "pages.cluster", cluster_id=cluster_id),
        again=again,
        refused=(Conflict, InvalidField),
    )


def _view(cluster_id: int) -> ClusterView:
    return get_cluster(request_session(), actor=current_actor(), cluster_id=cluster_id, now=request_now())


def _cluster_page(view: ClusterView, officers: OfficersForm, edit: ClusterEditForm) -> str:
    return render("cluster.html", cluster=view, officers=officers, edit=edit, key=new_key())


def _fill_new(form: ClusterForm) -> None:
    session, now, locale = request_session(), request_now(), current_locale()
    owners = overseen_units(session, actor=current_actor(), now=now)
    if not owners:
        raise Forbidden("Only who supervises or administers a unit makes clusters for it.")
    form.owner.choices = [
        ("", say(locale, "form.choose")),
        *((unit.code, unit.name) for unit in owners),
    ]
    form.kind.choices = [("", say(locale, "form.choose")), *kinds(locale)]
    form.members.choices = [(unit.code, unit.name) for unit in unit_choices(session, now=now)]


def _officers_form(view: ClusterView) -> OfficersForm:
    form = OfficersForm(
        formdata=None,
        version=view.version,
        head=view.head.unit.code if view.head else "",
        deputy=view.deputy.unit.code if view.deputy else "",
        how=view.how,
        since=view.officers_from,
    )
    _fill_officers(form, view)
    return form


def _fill_officers(form: OfficersForm, view: ClusterView) -> None:
    locale = current_locale()
    units = [(member.code, member.name) for member in view.members]
    form.head.choices = [("", say(locale, "form.choose")), *units]
    form.deputy.choices = [("", say(locale, "clusters.no_deputy")), *units]
    offered = ways(locale, [how for right, how in _WAYS.items() if right in view.may])
    # Where there is one way only, or one was recorded, there is nothing to ask.
    is_asked = offered[1:] and not view.how
    form.how.choices = [("", say(locale, "form.choose")), *offered] if is_asked else offered


def _edit_form(view: ClusterView) -> ClusterEditForm:
    form = ClusterEditForm(
        formdata=None,
        version=view.version,
        name=view.name,
        kind=view.kind,
        members=[member.code for member in view.members],
    )
    _fill_edit(form, view)
    return form


def _fill_edit(form: ClusterEditForm, view: ClusterView) -> None:
    form.kind.choices = kinds(current_locale())
    units = {unit.code: unit.name for unit in unit_choices(request_session(), now=request_now())}
    # A member that ended stays on the list, or saving the name would drop it unsaid.
    units |= {member.code: member.name for member in view.members}
    form.members.choices = list(units.items())
