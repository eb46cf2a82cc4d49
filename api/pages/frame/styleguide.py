"""Every piece that pages are made of, in every state: for whoever changes how they look."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Final
from uuid import UUID

from flask import abort
from wtforms import SelectField, StringField, TextAreaField

from api.edge import edge, request_now, request_today
from api.pages.forms import Day, LazyWords, PageForm
from api.pages.identity import current_locale
from api.pages.once import new_key
from api.pages.routes import pages
from api.pages.writing import due_of, render, working_days
from api.permissions import Permission, permission
from workflow.domain.route.way import OnTheWay
from workflow.domain.vocabulary import FINAL_STAGES, OPEN_STAGES, Stage
from workflow.queries.nominations.stages import StageReached
from workflow.queries.shapes import Words, own_words
from workflow.queries.submissions.stages import ListStage

_DAYS_LEFT: Final = (-30, 0, 1, 12)
_NO_ID: Final = UUID(int=0)


class _Sample(PageForm):
    """One field of each kind."""

    line = StringField(LazyWords("nominations.q"))
    prose = TextAreaField(LazyWords("nomination.achievement"))
    choice = SelectField(LazyWords("nominations.unit"), choices=[("", ""), ("a", "VKS-AG"), ("b", "VKS-DT")])
    day = Day(LazyWords("form.paper_day"))


@pages.get("/styleguide")
@permission(Permission.SIGNED_IN)
def styleguide() -> str:
    """Show every piece in every state, in development; anywhere else there is no such page."""
    if edge().settings.is_production:
        abort(404)
    locale, now, today = current_locale(), request_now(), request_today()
    wrong = _form("wrong-")
    for field in wrong:
        field.errors = (str(LazyWords("form.unreadable")),)
    return render(
        "styleguide.html",
        both=Words,
        own=own_words,
        now=now,
        today=today,
        new_key=new_key,
        no_id=_NO_ID,
        working_days=lambda count: working_days(count, locale),
        dues=[due_of(now + timedelta(days=days), days, locale) for days in _DAYS_LEFT],
        stages_all=tuple(Stage),
        lines=[_line(current, today) for current in (*OPEN_STAGES, *FINAL_STAGES)],
        list_lines=[_list_line(here, today) for here in range(len(OPEN_STAGES) + 1)],
        places=[OnTheWay(1, 5, 1), OnTheWay(2, 5, 4), OnTheWay(5, 5, 5)],
        choices=_choices,
        form=_form("form-"),
        wrong_form=wrong,
        more_form=_form("more-"),
        cut_form=_form("cut-"),
    )


def _form(prefix: str) -> _Sample:
    return _Sample(formdata=None, prefix=prefix, meta={"csrf": False})


def _line(current: Stage, today: date) -> tuple[StageReached, ...]:
    """Return the line of a nomination that stands in a stage."""
    last = current if current in FINAL_STAGES else Stage.APPROVED
    order = (*OPEN_STAGES, last)
    here = order.index(current)
    return tuple(
        StageReached(
            one, today - timedelta(days=7 * (here - place)) if place <= here else None, place == here
        )
        for place, one in enumerate(order)
    )


def _list_line(here: int, today: date) -> tuple[ListStage, ...]:
    """Return the line of a list of fourteen, two of which are behind the others."""
    order, found, names = (*OPEN_STAGES, Stage.APPROVED), [], 14
    for place, one in enumerate(order):
        reached = names if place < here else names - 2 if place == here else 0
        first = today - timedelta(days=7 * (here - place)) if reached else None
        found.append(
            ListStage(
                cluster_kind=None,
                stage=one,
                of=names,
                reached=reached,
                here=reached if place == here else 2 if place == here - 1 else 0,
                first_on=first,
                last_on=first and first + timedelta(days=place % 2),
                due_at=request_now() if place in {here, here - 1} and place < len(OPEN_STAGES) else None,
                is_current=place == max(here - 1, 0),
            )
        )
    return tuple(found)


def _choices() -> list[SimpleNamespace]:
    """Return what can be chosen for one name of a list."""
    ways = (("approve", "action.claim"), ("return", "action.recall"), ("reject", "action.withdraw"))
    return [
        SimpleNamespace(name=name, label=own_words(key), form=SimpleNamespace(direction=name))
        for name, key in ways
    ]
