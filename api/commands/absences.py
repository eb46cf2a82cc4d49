"""`commendo absence`: who is away, where neither they nor their office can say it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from api.commands.desk import Desk, at_desk
from api.commands.output import CommandRefused, as_json, tell
from workflow.domain.vocabulary import Via
from workflow.operations.people.absences import NewAbsence, announce_absence, end_absence
from workflow.queries.absences import MOST_STANDING, AbsenceView, accounts_of, standing_absences

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group(help="Who is away and who acts meanwhile: announce it for somebody, list, call off.")
def absence() -> None:
    """Hold the commands about absences."""


@absence.command(name="announce")
@click.argument("email", metavar="EMAIL")
@click.option("--first", type=_DAY, required=True, help="The first day; today or later.")
@click.option("--last", type=_DAY, required=True, help="The last day.")
@click.option("--seat", metavar="ROLE@SCOPE", help="The one seat they are away from; all unless given.")
@click.option(
    "--substitute",
    "substitutes",
    metavar="EMAIL",
    multiple=True,
    help="Who acts meanwhile; given several times, they are asked in that order.",
)
@as_json
def announce(
    email: str,
    first: datetime,
    last: datetime,
    seat: str | None,
    substitutes: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Say that somebody is away; their work and letters go to who acts, from the first day to the last."""
    with at_desk() as desk:
        person, *acting = _accounts(desk, [email, *substitutes])
        new = NewAbsence(person, first.date(), last.date(), seat, acting)
        made = announce_absence(desk.session, actor=None, new=new, via=Via.CLI, now=desk.now)
    found = {"id": made.absence_id, "email": email, "first": f"{new.first}", "last": f"{new.last}"}
    acts = f"{', '.join(substitutes)} acting" if substitutes else "nobody acting"
    tell(
        found,
        lambda: [f"Absence {made.absence_id}: {email} from {new.first} to {new.last}, {acts}."],
        json_wanted=as_json,
    )


@absence.command(name="list")
@click.argument("email", metavar="[EMAIL]", required=False)
@as_json
def list_them(email: str | None, *, as_json: bool) -> None:
    """List who is away now or will be, with who acts; of one person where an address is given."""
    with at_desk() as desk:
        account_id = _accounts(desk, [email])[0] if email else None
        found = standing_absences(desk.session, account_id=account_id, now=desk.now)

    def words() -> Iterator[str]:
        if not found:
            yield "Nobody is away."
        yield from (_line(one) for one in found[:MOST_STANDING])
        if len(found) > MOST_STANDING:
            yield f"There are more than these {MOST_STANDING}; name a person."

    told = {"absences": found[:MOST_STANDING], "is_cut_short": len(found) > MOST_STANDING}
    tell(told, words, json_wanted=as_json)


@absence.command(name="end")
@click.argument("absence_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@as_json
def end(absence_id: int, *, as_json: bool) -> None:
    """Call an absence off, or end one that has begun: from now on nobody acts by it."""
    with at_desk() as desk:
        end_absence(desk.session, actor=None, absence_id=absence_id, via=Via.CLI, now=desk.now)
    tell({"ended": absence_id}, lambda: [f"Absence {absence_id} has ended."], json_wanted=as_json)


def _accounts(desk: Desk, emails: Sequence[str]) -> list[int]:
    """Return the accounts of addresses in their order; refused with a line for each that is unknown."""
    found = accounts_of(desk.session, emails)
    unknown = [f"There is no account {email}." for email in emails if email.strip().lower() not in found]
    if unknown:
        raise CommandRefused(list(dict.fromkeys(unknown)))
    return [found[email.strip().lower()] for email in emails]


def _line(one: AbsenceView) -> str:
    acts = ", ".join(who.name for who in one.substitutes) or "nobody"
    return f"{one.id}  {one.person.name}, {one.first} to {one.last}, {one.key or 'all seats'}; acting: {acts}"
