"""The turn of the year on pages: the rotation with its reasons, and units that were not considered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.clusters import BarBody, ChosenOfficers, NewYearBody
from api.pages.carry_out import carry_out, go_on
from api.pages.cluster_forms import BarForm, YearForm, say_refusal, ways
from api.pages.frame.address_words import narrowed_by
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.routes import pages
from api.pages.typed import read_typed, said_by
from api.pages.writing import render
from api.permissions import Permission, permission
from api.wording import in_names, message_of
from workflow.domain.clusters.officers import Headed
from workflow.domain.errors import Conflict, InvalidField, Reason, Refusal, RequirementsMissing
from workflow.domain.numerals import whole_number
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Via
from workflow.operations.clusters.year import YearOutcome, bar_unit, open_year, unbar_unit
from workflow.queries.clusters.barred import list_barred
from workflow.queries.clusters.choices import barrable_units, overseen_units
from workflow.queries.clusters.rotation import ProposedCluster, RotationView, TurnView, rotation

_LAST_YEAR: Final = 9999


@dataclass(frozen=True, slots=True)
class Seat:
    """One office of a proposed cluster: its field's name, the unit chosen, and why that one is proposed."""

    field: str
    chosen: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One proposed cluster as the page shows it."""

    cluster: ProposedCluster
    head: Seat
    deputy: Seat
    left_out: tuple[str, ...]


@pages.get("/clusters/rotation")
@permission(Permission.SIGNED_IN)
def cluster_rotation() -> str:
    """Show the next year's clusters as proposed, with the reasons."""
    view = _asked()
    form = YearForm(formdata=None)
    return _rotation_page(view, form)


@pages.post("/clusters/rotation")
@permission(Permission.SIGNED_IN)
def open_cluster_year() -> Response | tuple[str, int]:
    """Open the year with the officers chosen on the page, or show why not."""
    view, form, locale = _asked(), YearForm(), current_locale()
    form.how.choices = _ways(locale)

    def opened() -> YearOutcome:
        asked = {"owner": view.owner.code, "year": view.year, "officers": _chosen(view)}
        return open_year(
            request_session(),
            actor=current_actor(),
            new=read_typed(NewYearBody, request.form, names=_names_of(view), more=asked).opening(),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def done(outcome: YearOutcome) -> Response:
        words = say(locale, "rotation.opened", count=len(outcome.cluster_ids), year=view.year)
        return go_on(words, "pages.clusters", year=view.year, owner=view.owner.code)

    def again(refusal: Refusal) -> str:
        names = {member.code: member.name for one in view.clusters for member in one.members}
        say_refusal(form, refusal, locale, conflict="rotation.taken", names=names)
        return _rotation_page(view, form)

    return carry_out(opened, done=done, again=again, refused=(Conflict, InvalidField, RequirementsMissing))


@pages.get("/clusters/barred")
@permission(Permission.SIGNED_IN)
@narrowed_by()
def barred_units() -> str:
    """Show the units that its reader oversees and that were not considered in a year."""
    form = BarForm(formdata=None, year=str(request_today().year - 1))
    return _barred_page(form)


@pages.post("/clusters/barred")
@permission(Permission.SIGNED_IN)
def add_barred_unit() -> Response | tuple[str, int]:
    """Record a unit, or show what is wrong."""
    form, locale = BarForm(), current_locale()
    _fill_units(form)

    def barred() -> None:
        said = read_typed(BarBody, request.form)
        bar_unit(
            request_session(),
            actor=current_actor(),
            unit_code=said.unit,
            year=said.year,
            reason=said.reason,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def again(refusal: Refusal) -> str:
        say_refusal(form, refusal, locale, conflict="barred.taken")
        return _barred_page(form)

    words = say(locale, "barred.added")
    return carry_out(
        barred,
        done=lambda _: go_on(words, "pages.barred_units"),
        again=again,
        refused=(Conflict, InvalidField),
    )


@pages.post("/clusters/barred/remove")
@permission(Permission.SIGNED_IN)
def remove_barred_unit() -> Response:
    """Take a unit off the record of a year."""
    unit = normalise(request.form.get("unit", ""), field="unit", single_line=True)
    year, words = _whole(request.form.get("year", "")), say(current_locale(), "barred.removed")
    unbar_unit(
        request_session(), actor=current_actor(), unit_code=unit, year=year, via=Via.WEB, now=request_now()
    )
    return go_on(words, "pages.barred_units")


def _asked() -> RotationView:
    """Return the proposal that the address asks for, its reasons in words with the units' names."""
    owner = normalise(request.args.get("owner", ""), field="owner", single_line=True)
    session, now = request_session(), request_now()
    year = _whole(request.args.get("year", "")) or request_today().year + 1
    return rotation(session, actor=current_actor(), owner=owner, year=year, now=now)


def _rotation_page(view: RotationView, form: YearForm) -> str:
    session, now, locale = request_session(), request_now(), current_locale()
    form.how.choices = _ways(locale)
    overseen = {unit.code for unit in overseen_units(session, actor=current_actor(), now=now)}
    return render(
        "rotation.html",
        view=view,
        lines=[_line(one, locale) for one in view.clusters],
        form=form,
        may_open=view.owner.code in overseen and not view.is_open,
        key=new_key(),
    )


def _ways(locale: str) -> list[tuple[str, str]]:
    return [("", say(locale, "form.choose")), *ways(locale, list(Headed))]


def _line(cluster: ProposedCluster, locale: str) -> ProposedLine:
    names = {member.code: member.name for member in cluster.members}
    return ProposedLine(
        cluster=cluster,
        head=_seat(_offices(cluster)[0], cluster.head, names, locale),
        deputy=_seat(_offices(cluster)[1], cluster.deputy, names, locale),
        left_out=_said(cluster.left_out, names, locale),
    )


def _seat(name: str, turn: TurnView, names: dict[str, str], locale: str) -> Seat:
    proposed = turn.unit.code if turn.unit else ""
    return Seat(name, request.form.get(name, proposed), _said(turn.reasons, names, locale))


def _said(reasons: Sequence[Reason], names: dict[str, str], locale: str) -> tuple[str, ...]:
    return tuple(message_of(in_names(reason, names), locale) for reason in reasons)


def _chosen(view: RotationView) -> list[dict[str, object]]:
    """Return the officers that the form names; a cluster without a head gets none."""
    found = []
    for cluster in view.clusters:
        head, deputy = _offices(cluster)
        if request.form.get(head):
            said = said_by(ChosenOfficers, request.form, names={"head": head, "deputy": deputy})
            found.append({**said, "number": cluster.number})
    return found


def _offices(cluster: ProposedCluster) -> tuple[str, str]:
    """Return what the form calls the offices of a cluster."""
    return f"head-{cluster.number}", f"deputy-{cluster.number}"


def _names_of(view: RotationView) -> dict[str, str]:
    """Return the form's name of each part that is not called as the model calls it."""
    chosen = [offices for offices in map(_offices, view.clusters) if request.form.get(offices[0])]
    heads = {f"officers.{place}.head": head for place, (head, _) in enumerate(chosen)}
    deputies = {f"officers.{place}.deputy": deputy for place, (_, deputy) in enumerate(chosen)}
    return {"from": "since", **heads, **deputies}


def _barred_page(form: BarForm) -> str:
    _fill_units(form)
    page = list_barred(
        request_session(),
        actor=current_actor(),
        year=None,
        now=request_now(),
        limit=50,
        cursor=request.args.get("cursor"),
    )
    return render(
        "barred.html",
        rows=page.items,
        next=page.next,
        is_first="cursor" not in request.args,
        form=form,
        may_bar=len(form.unit.choices) > 1,
        removable={code for code, _ in form.unit.choices},
        key=new_key(),
    )


def _fill_units(form: BarForm) -> None:
    units = barrable_units(request_session(), actor=current_actor(), now=request_now())
    nothing = ("", say(current_locale(), "form.choose"))
    form.unit.choices = [nothing, *((unit.code, unit.name) for unit in units)]


def _whole(text: str) -> int:
    try:
        return whole_number(text, field="year", most=_LAST_YEAR)
    except InvalidField:
        return 0
