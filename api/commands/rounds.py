"""`commendo round`: opening, extending, closing, and how far each has come."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import click

from api.commands.desk import Desk, at_desk
from api.commands.foresight.extension import moved_lines, plain_extension
from api.commands.output import CommandRefused, as_json, tell
from workflow.domain.rights.scope import Scope
from workflow.domain.time.reasons import reasons_backwards
from workflow.domain.time.round_dates import propose_dates, read_dates
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.rounds.amend import Amendment, amend_round
from workflow.operations.rounds.extend import Extend, extend_round, preview_extension
from workflow.operations.rounds.extension import Extension
from workflow.operations.rounds.proposal import RoundProposal, propose_next_round
from workflow.operations.rounds.reopen import reopen_round
from workflow.operations.rounds.returns import round_calendar
from workflow.operations.rounds.rounds import NewRound, close_round, open_round
from workflow.queries.rounds.rounds import RoundStatus, round_status
from workflow.queries.rounds.views import RoundView, get_round
from workflow.words.due import due_sentence

_DAY = click.DateTime(formats=["%Y-%m-%d"])


class _NamedDay(click.ParamType[tuple[RoundDate, date]]):
    """A date of a round with its day, as in unit_deadline=2026-04-15."""

    name = "NAME=DAY"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[RoundDate, date]:
        """Read the name and the day, or say which names there are."""
        if isinstance(value, tuple):
            return value
        name, _, day = str(value).partition("=")
        try:
            return RoundDate(name), date.fromisoformat(day)
        except ValueError:
            known = ", ".join(RoundDate)
            self.fail(f"'{value}' is not NAME=YYYY-MM-DD with one of the names {known}", param, ctx)


class _Period(click.ParamType[tuple[date, date]]):
    """A period of two days, as in 2025-12-01..2026-11-30."""

    name = "FROM..TO"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, date]:
        """Read both days."""
        if isinstance(value, tuple):
            return value
        first, _, last = str(value).partition("..")
        try:
            return date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            self.fail(f"'{value}' is not YYYY-MM-DD..YYYY-MM-DD", param, ctx)


@click.group(name="round", help="Rounds: open, extend and close one, see how far they have come.")
def rounds() -> None:
    """Hold the commands about rounds."""


@rounds.command(name="open")
@click.argument("code", metavar="CODE")
@click.option("--title", help="The name others read.")
@click.option("--year", type=click.IntRange(1945, 2200), help="The year whose clusters count.")
@click.option("--owner", metavar="UNIT", help="The code of the unit that runs and decides it.")
@click.option("--upper-deadline", type=_DAY, help="Everything lies above by then.")
@click.option(
    "--propose-dates", is_flag=True, help="Also set the dates before it, counted back in working days."
)
@click.option("--date", "dates", multiple=True, type=_NamedDay(), help="One date of the round.")
@click.option("--award", "awards", multiple=True, metavar="CODE", help="An award it covers; none: every one.")
@click.option("--unit", "units", multiple=True, metavar="CODE", help="A unit that owes it a paper.")
@click.option("--all-units", is_flag=True, help="Every unit directly under the owner owes it a paper.")
@click.option("--period", type=_Period(), help="Whose achievements count.")
@click.option("--campaign", metavar="CODE", help="The campaign it belongs to.")
@click.option("--reminders", metavar="ROUTE", help="By whose ladder (`owed`) units are reminded.")
@click.option("--like", metavar="CODE", help="Last year's round: what is not said is proposed from it.")
@as_json
def open_one(code: str, like: str | None, *, as_json: bool, **said: object) -> None:
    """Open a round with the dates given, and ask the units named for their papers."""
    with at_desk() as desk:
        proposal = propose_next_round(desk.session, code=like, now=desk.now) if like else None
        new = _new_round(code, proposal, said)
        round_id = open_round(desk.session, actor=None, new=new, via=Via.CLI, now=desk.now).round_id
        view = get_round(desk.session, code=code, now=desk.now)
        [found] = round_status(desk.session, scope=_ALL, now=desk.now, code=code)
        calendar = round_calendar(desk.session)
    set_ones = read_dates(dict(view.dates))
    every = propose_dates(set_ones, calendar)
    could_be = {name: day for name, day in every.items() if name not in set_ones}
    why = {name: due_sentence(reason, "en") for name, reason in reasons_backwards(every, calendar).items()}
    asked = sum(found.returns.values())
    result = {
        "id": round_id,
        "code": code,
        "dates": dict(view.dates),
        "proposed": {name.value: day.isoformat() for name, day in could_be.items()},
        "counted": {name.value: words for name, words in why.items()},
        "returns": asked,
        "warnings": _warned(view),
    }
    tell(result, lambda: _opened(view, proposal, asked, could_be, why), json_wanted=as_json)


@rounds.command(name="extend")
@click.argument("code", metavar="CODE")
@click.option("--date", "named", required=True, type=_NamedDay(), help="The date that moves and its new day.")
@click.option("--unit", "units", multiple=True, metavar="CODE", help="Only for this unit; none: for all.")
@click.option("--reason", required=True, help="Why; whoever is concerned reads it.")
@click.option("--yes", is_flag=True, help="Move it; without this a terminal asks and a pipe only shows.")
@as_json
def extend_one(
    code: str,
    named: tuple[RoundDate, date],
    units: tuple[str, ...],
    reason: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Show every due date, reminder and mail that moves, then move them."""
    wanted = Extend(code, named[0], named[1], reason, units)
    with at_desk() as desk:
        shown = preview_extension(desk.session, actor=None, extend=wanted, now=desk.now)
        if not as_json:
            tell(shown, lambda: moved_lines(shown), json_wanted=False)
        is_wanted = yes or (not as_json and sys.stdin.isatty() and click.confirm("Move it?", default=False))
        done = _extend(desk, replace(wanted, seen=shown.token)) if is_wanted else None
    result = {"moved": done is not None, **plain_extension(done or shown)}
    words = "Moved." if done else "Nothing was written; with --yes it moves."
    tell(result, lambda: [words], json_wanted=as_json)


@rounds.command(name="amend")
@click.argument("code", metavar="CODE")
@click.option("--title", help="The name others read.")
@click.option("--award", "awards", multiple=True, metavar="CODE", help="An award that it covers besides.")
@click.option("--unit", "units", multiple=True, metavar="CODE", help="A unit that owes it a paper besides.")
@as_json
def amend_one(
    code: str, *, title: str | None, awards: tuple[str, ...], units: tuple[str, ...], as_json: bool
) -> None:
    """Mend a round that is open: its title, awards it forgot, units it did not ask."""
    wanted = Amendment(code, title, awards, units)
    with at_desk() as desk:
        amend_round(desk.session, actor=None, amend=wanted, via=Via.CLI, now=desk.now)
        found = get_round(desk.session, code=code, now=desk.now)
    tell(found, lambda: [f"Round {found.code} is as you said: {found.title}."], json_wanted=as_json)


@rounds.command(name="close")
@click.argument("code", metavar="CODE")
@as_json
def close_one(code: str, *, as_json: bool) -> None:
    """Close a round to new nominations; those under way go on, what units still owe is let go."""
    with at_desk() as desk:
        close_round(desk.session, actor=None, code=code, via=Via.CLI, now=desk.now)
    tell({"code": code}, lambda: [f"Round {code} is closed to new nominations."], json_wanted=as_json)


@rounds.command(name="reopen")
@click.argument("code", metavar="CODE")
@as_json
def reopen_one(code: str, *, as_json: bool) -> None:
    """Open a closed round again: it takes nominations, and units owe what they had not sent."""
    with at_desk() as desk:
        reopen_round(desk.session, actor=None, code=code, via=Via.CLI, now=desk.now)
    tell({"code": code}, lambda: [f"Round {code} is open again."], json_wanted=as_json)


@rounds.command(name="status")
@click.argument("code", metavar="[CODE]", required=False)
@as_json
def status(code: str | None, *, as_json: bool) -> None:
    """Say how far units and nominations of each round are, and how many are past due."""
    with at_desk() as desk:
        found = round_status(desk.session, scope=_ALL, now=desk.now, code=code)
    tell(found, lambda: _described(found), json_wanted=as_json)


_ALL = Scope(is_everything=True)


def _extend(desk: Desk, wanted: Extend) -> Extension | None:
    # The preview read without a lock; the operation reads again in a transaction of its own.
    desk.session.rollback()
    return extend_round(desk.session, actor=None, extend=wanted, via=Via.CLI, now=desk.now).extension


def _new_round(code: str, proposal: RoundProposal | None, said: Mapping[str, Any]) -> NewRound:
    """Return what was said, filled up from the proposal; raise `CommandRefused` for what is still missing."""
    base = proposal.new if proposal else None
    title = said["title"] or (base and base.title)
    year = said["year"] or (base and base.year)
    owner = said["owner"] or (base and base.owner_unit_code)
    missing = [name for name, value in (("title", title), ("year", year), ("owner", owner)) if not value]
    if missing:
        raise CommandRefused(
            [f"--{name} is missing (or say --like with last year's round)" for name in missing]
        )
    named: dict[RoundDate, date] = dict(said["dates"])
    if isinstance(said["upper_deadline"], datetime):
        named[RoundDate.UPPER_DEADLINE] = said["upper_deadline"].date()
    # Last year's dates stand only where none was said.
    dates = named or (dict(base.dates) if base else {})
    period = said["period"] or (base and (base.period_from, base.period_to)) or (None, None)
    awards, units = said["awards"], said["units"]
    return NewRound(
        code=code,
        title=str(title),
        year=int(str(year)),
        owner_unit_code=str(owner),
        campaign_code=str(said["campaign"]) if said["campaign"] else None,
        period_from=period[0],
        period_to=period[1],
        dates=dates,
        award_codes=tuple(awards) if awards else base.award_codes if base else (),
        unit_codes=tuple(units) or (base.unit_codes if base else ()),
        previous_code=base.previous_code if base else None,
        reminders=str(said["reminders"]) if said["reminders"] else None,
        proposes_dates=bool(said["propose_dates"]),
        asks_all_units=bool(said["all_units"]),
    )


def _opened(
    view: RoundView,
    proposal: RoundProposal | None,
    asked: int,
    could_be: Mapping[RoundDate, date],
    why: Mapping[RoundDate, str],
) -> Iterator[str]:
    yield f"Round {view.code} is open."
    for name, day in read_dates(dict(view.dates)).items():
        yield f"    {name}: {day}" + (f" ({why[name]})" if name in why else "")
    for warned in view.warnings:
        yield f"Note: {warned.message}"
    if could_be:
        days = ", ".join(f"{name} {day}" for name, day in could_be.items())
        yield f"Not set; counted back in working days they would be {days} (--propose-dates sets them)."
    if asked:
        yield f"{asked} units were asked for their papers."
    else:
        yield "Nobody was asked for a paper: say --date unit_deadline=DAY, and --unit CODE or --all-units."
    for words, codes in (
        ("no longer in force", proposal.awards_gone if proposal else ()),
        ("new awards", proposal.awards_new if proposal else ()),
        ("units that are no more", proposal.units_gone if proposal else ()),
        ("new units", proposal.units_new if proposal else ()),
    ):
        if codes:
            yield f"Since last year {words}: {', '.join(codes)}"


def _warned(view: RoundView) -> list[dict[str, str]]:
    return [{"code": warned.code, "message": warned.message} for warned in view.warnings]


def _described(found: list[RoundStatus]) -> Iterator[str]:
    if not found:
        yield "There is no round yet. Open one: commendo round open CODE --title T --year Y --owner UNIT"
    for one in found:
        state = f"closed {one.closed_at:%Y-%m-%d}" if one.closed_at else "open"
        yield f"{one.code}: {one.title} ({one.year}, {one.owner}, {state})"
        if one.returns:
            yield f"    units: {', '.join(f'{status} {count}' for status, count in one.returns.items())}"
        stages = ", ".join(f"{stage} {count}" for stage, count in one.stages.items())
        yield f"    {one.nominations} nominations{': ' + stages if stages else ''}; past due: {one.overdue}"
