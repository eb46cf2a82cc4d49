"""What the installation holds, and what an empty one needs next."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from flask import url_for

from api.edge import request_now, request_session, request_today
from api.pages.routes import pages
from api.pages.views.admin.door import administrator
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.imports.reading.columns import ImportKind
from workflow.queries.calendars import describe_calendar
from workflow.queries.setup.overview import Overview, get_overview


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One thing that an empty installation needs: its name, whether it is there, where it is done.

    What is optional is never what comes next.
    """

    name: str
    is_done: bool
    href: str = ""
    is_optional: bool = False


# What is counted, the page that shows it, and what its address says.
_THINGS: Final[Sequence[tuple[str, str, dict[str, Any]]]] = (
    ("units", "pages.units", {}),
    ("people", "pages.staff", {}),
    ("accounts", "pages.accounts", {}),
    ("tokens", "pages.accounts", {}),
    ("definitions", "pages.routes", {}),
    ("awards", "pages.awards", {}),
    ("days", "pages.calendar", {}),
    ("rounds", "pages.rounds", {}),
    ("imports", "pages.imports", {}),
)


@pages.get("/admin")
@permission(Permission.SIGNED_IN)
def admin() -> str:
    """Show what there is and the next step."""
    administrator()
    session = request_session()
    found = get_overview(session, now=request_now())
    today = request_today()
    years = describe_calendar(session, today=today).years
    of_year = sum(one.days_off + one.days_worked for one in years if one.year == today.year)
    steps = _steps(found, has_days=found.days > 0 or of_year > 0)
    counts = {**asdict(found), "days": of_year}
    return render(
        "admin/home.html",
        things=[(name, counts[name], url_for(page, **values)) for name, page, values in _THINGS],
        steps=steps,
        next=_first_open(steps),
    )


def next_step() -> FirstStep | None:
    """Return what an installation needs next, None where it has come to its first decision."""
    found = get_overview(request_session(), now=request_now())
    return _first_open(_steps(found, has_days=found.days > 0))


def _first_open(steps: Sequence[FirstStep]) -> FirstStep | None:
    return next((step for step in steps if not step.is_done and not step.is_optional), None)


def _steps(found: Overview, *, has_days: bool) -> list[FirstStep]:
    """Return the way from an empty database to a first decision, in order."""

    def files(kind: ImportKind) -> str:
        return url_for("pages.imports", kind=kind)

    return [
        FirstStep("units", found.units > 0, files(ImportKind.ORG)),
        FirstStep("people", found.people > 0, files(ImportKind.PEOPLE)),
        FirstStep("accounts", found.seated > 0, url_for("pages.accounts")),
        FirstStep("definitions", found.definitions > 0, url_for("pages.routes")),
        FirstStep("awards", found.awards > 0, files(ImportKind.AWARDS)),
        FirstStep("days", has_days, files(ImportKind.CALENDAR), is_optional=True),
        FirstStep("round", found.rounds > 0, url_for("pages.new_round")),
        FirstStep("nomination", found.has_nomination),
        FirstStep("decision", found.has_decision),
    ]
