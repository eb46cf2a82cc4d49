"""Opening and closing a round: its owner, dates, awards, and the paper that each unit owes it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import any_, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound, Reason
from workflow.domain.near import did_you_mean
from workflow.domain.numerals import demand_day
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.round_rights import runs_round
from workflow.domain.text import address_code, normalise
from workflow.domain.time.round_dates import demand_order, propose_dates
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.rounds.owed_ladder import choose_ladder
from workflow.operations.rounds.returns import close_work, expect_returns, lock_returns, round_calendar
from workflow.store.awards import Award, Campaign, Round, RoundAward
from workflow.store.clusters import alive_units
from workflow.store.codes import is_named, meant_code, spellings
from workflow.store.conditions import is_in_force
from workflow.store.database import local_day
from workflow.store.organisation import Council, Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn

MOST_NAMED = 2000
FIRST_YEAR = 1945
LAST_YEAR = 2200


@dataclass(frozen=True, slots=True)
class NewRound:
    """A round to open: code, title, the year whose clusters count, the unit that runs and decides it.

    No date is set that is not in `dates`, unless it `proposes_dates`: then those missing are counted back in
    working days from the next one given. No unit is asked that is not named, unless it `asks_all_units`: then
    every unit directly under the owner today is asked too. No award codes mean every award. Without a
    `unit_deadline` nothing is expected of anybody, because there is no day to expect it by. `reminders` is
    the key of the route that says how units are reminded of it.
    """

    code: str
    title: str
    year: int
    owner_unit_code: str
    campaign_code: str | None = None
    period_from: date | None = None
    period_to: date | None = None
    dates: Mapping[RoundDate, date] = field(default_factory=dict)
    award_codes: tuple[str, ...] = ()
    unit_codes: tuple[str, ...] = ()
    previous_code: str | None = None
    reminders: str | None = None
    proposes_dates: bool = False
    asks_all_units: bool = False


@dataclass(frozen=True, slots=True)
class RoundOutcome:
    """The round a request was about. `was_answered_before` is true when its key had been seen."""

    round_id: int
    was_answered_before: bool = False


def open_round(
    session: Session,
    *,
    actor: Actor | None,
    new: NewRound,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> RoundOutcome:
    """Open a round, ask its units for their papers, and commit.

    Its council is the owner unit's, where it has one. Raises `Conflict` when the code is taken,
    `InvalidField` for an unknown unit, award, campaign or round, a period that ends before it begins and for
    dates out of order, `Forbidden` unless the actor administers or supervises the owner. Without an actor the
    command line speaks for the administrator.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return again(session, answered)
    row = _write(session, actor=actor, new=new, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"round": row.code})
    session.commit()
    return RoundOutcome(row.id)


def _write(session: Session, *, actor: Actor | None, new: NewRound, via: Via, now: datetime) -> Round:
    """Check a round to open, write it with what its units owe and the event, and return it."""
    owner = session.scalar(select(Unit.id).where(is_named(session, Unit.code, new.owner_unit_code)))
    if owner is None:
        message = f"no unit '{new.owner_unit_code}'{meant_code(session, Unit.code, new.owner_unit_code)}"
        raise InvalidField(f"The round cannot open: {message}.", errors=[FieldError("owner", message)])
    demand_right(actor, owner)
    _demand_sound(new)
    if session.scalar(select(Round.id).where(Round.code == new.code)):
        message = f"A round '{new.code}' exists already."
        raise Conflict(message, reasons=[Reason("round_exists", message, {"round": new.code})])
    given = {name: new.dates[name] for name in RoundDate if name in new.dates}
    dates = propose_dates(given, round_calendar(session)) if new.proposes_dates else given
    demand_order(dates)
    row = _round(session, new, owner, dates, now)
    awards = named_by_code(session, Award, new.award_codes, "awards")
    today = local_day(session, now)
    units = _units(session, new, owner, today)
    row.reminders_id = choose_ladder(session, new.reminders, awards.values(), today=today)
    session.add(row)
    session.flush()
    if awards:
        rows = [{"round_id": row.id, "award_id": award_id} for award_id in awards.values()]
        session.execute(insert(RoundAward), rows)
    data = {
        "year": new.year,
        "dates": dict(row.dates),
        "awards": sorted(awards),
        "units": sorted(units) if RoundDate.UNIT_DEADLINE in dates else [],
    }
    append_event(session, f"round:{row.id}", "open", actor=actor, via=via, now=now, data=data)
    if due_on := dates.get(RoundDate.UNIT_DEADLINE):
        expect_returns(session, round_=row, units=units, due_on=due_on, actor=actor, via=via, now=now)
    return row


def close_round(
    session: Session,
    *,
    actor: Actor | None,
    code: str,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> RoundOutcome:
    """Close a round to new nominations and commit; those under way go on, what units still owe is let go.

    Raises `NotFound`, `Conflict` when it is closed already, `Forbidden`.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return again(session, answered)
    found = lock_round(session, code)
    demand_right(actor, found.owner_unit_id)
    demand_open(found)
    session.execute(update(Round).where(Round.id == found.id).values(closed_at=now))
    owing = session.scalars(
        select(ExpectedReturn.id).where(
            ExpectedReturn.round_id == found.id,
            ExpectedReturn.sent_at.is_(None),
            ExpectedReturn.answered_at.is_(None),
        )
    )
    close_work(session, lock_returns(session, owing), outcome="round_closed", now=now)
    append_event(session, f"round:{found.id}", "close", actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"round": found.code})
    session.commit()
    return RoundOutcome(found.id)


def again(session: Session, result: Mapping[str, object]) -> RoundOutcome:
    """Return the outcome a request key remembered."""
    statement = select(Round.id).where(is_named(session, Round.code, str(result["round"])))
    return RoundOutcome(session.scalars(statement).one(), was_answered_before=True)


def lock_round(session: Session, code: str) -> Round:
    """Lock a round and return it as it is now, or raise `NotFound`."""
    statement = select(Round).where(is_named(session, Round.code, code)).with_for_update(key_share=True)
    found = session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(f"There is no round '{code}'{meant_code(session, Round.code, code) or '.'}")
    return found


def demand_open(found: Round) -> None:
    """Raise `Conflict` where a round is closed already."""
    if found.closed_at is not None:
        closed = Reason("round_closed", f"Round '{found.code}' is closed already.", {"round": found.code})
        raise Conflict(closed.message, reasons=[closed])


def demand_right(actor: Actor | None, owner_unit_id: int) -> None:
    """Raise `Forbidden` unless the actor supervises or administers the unit that runs a round."""
    if actor is None:
        return
    if not runs_round(actor, owner_unit_id):
        raise Forbidden(
            "Only who supervises or administers the owner of a round may open, extend or close it."
        )


def _demand_sound(new: NewRound) -> None:
    """Raise `InvalidField` for a code that is no part of an address, and for a year or day out of reach."""
    address_code(new.code)
    if not FIRST_YEAR <= new.year <= LAST_YEAR:
        message = f"must lie between {FIRST_YEAR} and {LAST_YEAR}"
        raise InvalidField(f"year: {message}", errors=[FieldError("year", message)])
    for name, day in (("period_from", new.period_from), ("period_to", new.period_to), *new.dates.items()):
        if day is not None:
            demand_day(day, field=name)


def _round(
    session: Session, new: NewRound, owner: int, dates: Mapping[RoundDate, date], now: datetime
) -> Round:
    if new.period_from and new.period_to and new.period_to < new.period_from:
        message = f"the period ends on {new.period_to}, before it begins on {new.period_from}"
        raise InvalidField(f"The round cannot open: {message}.", errors=[FieldError("period", message)])
    campaigns = named_by_code(
        session, Campaign, (new.campaign_code,) if new.campaign_code else (), "campaign"
    )
    previous = named_by_code(session, Round, (new.previous_code,) if new.previous_code else (), "previous")
    return Round(
        code=address_code(new.code),
        title=round_title(new.title),
        year=new.year,
        owner_unit_id=owner,
        council_id=session.scalar(select(Council.id).where(Council.unit_id == owner)),
        campaign_id=next(iter(campaigns.values()), None),
        previous_id=next(iter(previous.values()), None),
        period_from=new.period_from,
        period_to=new.period_to,
        dates={name.value: day.isoformat() for name, day in dates.items()},
        opened_at=now,
    )


def round_title(text: str) -> str:
    """Return a round's name; without one no link to it could be read. Raises `InvalidField`."""
    title = normalise(text, field="title", single_line=True)
    if not title:
        message = "is required"
        raise InvalidField(f"title: {message}.", errors=[FieldError("title", message)])
    return title


def _units(session: Session, new: NewRound, owner: int, today: date) -> dict[str, int]:
    """Return the units that owe the round a paper: those named, and the owner's own of that day if asked."""
    named = named_by_code(session, Unit, new.unit_codes, "units")
    demand_alive(session, named, today)
    if not new.asks_all_units:
        return named
    rows = session.execute(
        select(Unit.code, Unit.id)
        .join(UnitEdition, UnitEdition.unit_id == Unit.id)
        .where(
            UnitEdition.parent_id == owner,
            is_in_force(UnitEdition, today),
        )
        .order_by(Unit.code)
    )
    return named | {row.code: row.id for row in rows}


def demand_alive(session: Session, codes: Collection[str], today: date) -> None:
    """Raise `InvalidField` naming each unit that is no more, or is not there yet: it can owe no paper."""
    if gone := sorted(set(codes) - alive_units(session, today)) if codes else ():
        errors = [FieldError("units", f"'{code}' is no more, or not yet there, today") for code in gone]
        raise InvalidField(f"No paper can be asked of: {', '.join(gone)}.", errors=errors)


def named_by_code(
    session: Session, kind: type[Award | Campaign | Round | Unit], codes: tuple[str, ...], word: str
) -> dict[str, int]:
    """Return the ids of what is named by code, or raise `InvalidField` with every code that names nothing."""
    if not codes:
        return {}
    if len(codes) > MOST_NAMED:
        message = f"at most {MOST_NAMED} can be named"
        raise InvalidField(f"Too many {word}: {message}.", errors=[FieldError(word, message)])
    stored = spellings(session, kind.code, codes)
    rows = session.execute(
        select(kind.code, kind.id)
        .where(kind.code == any_(bindparam("codes", type_=ARRAY(Text))))
        .order_by(kind.code),
        {"codes": list(stored.values())},
    )
    found = {row.code: row.id for row in rows}
    if missing := [code for code in codes if code not in stored]:
        known = session.scalars(select(kind.code).order_by(kind.code)).all()
        errors = [FieldError(word, f"there is no '{code}'{did_you_mean(code, known)}") for code in missing]
        raise InvalidField(f"The {word} named here are unknown: {', '.join(missing)}.", errors=errors)
    return found
