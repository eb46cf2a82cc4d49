"""Names on a council's table: units' lists carried as far as the vote, or on to the head's desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.support.lists import row
from tests.support.office import AG, ROUND, Office
from tests.support.yearly import OF_THE_LIST, OF_THE_NAME, attach
from workflow.domain.facts import MoveRequest, SignedDocument, VoteEntry
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_list
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.operations.submissions.compose import NewSubmission, create_submission
from workflow.operations.submissions.rows import ListRow

BOTH = ("CSTDCS", "CSTD_NGANH")
"""One that more than half carry, and one that nine in ten of all members must."""


def people(office: Office, names: Sequence[str], *, unit: str = AG, prefix: str = "HD") -> list[str]:
    """Add people of these names to a unit and return their codes."""
    codes = [f"{prefix}{number:04}" for number in range(1, len(names) + 1)]
    add_people(
        office.session,
        [NewPerson(code, name, unit, "Kiểm sát viên") for code, name in zip(codes, names, strict=True)],
    )
    office.session.commit()
    return codes


def listed(office: Office, rows: Sequence[ListRow], number: str, now: datetime) -> list[int]:
    """Compose one signed list with all its papers; give its nominations in their order."""
    made = create_submission(
        office.session,
        actor=office.actor("nominator", now),
        new=NewSubmission(ROUND, AG, list(rows), SignedDocument(number, now.date(), "Phạm Thị Hoa")),
        via=Via.API,
        now=now,
    )
    assert not [problem for one in made.rows for problem in one.problems], made.rows
    for one in made.submissions:
        attach(office, now, *OF_THE_LIST, submission_id=one.submission_id)
    ids = [one.nomination_id for each in made.rows for one in each.listed]
    for nomination_id in ids:
        attach(office, now, *OF_THE_NAME, nomination_id=nomination_id)
    return ids


def all_do(office: Office, part: str, action: str, ids: Sequence[int], now: datetime, **said: Any) -> None:
    """Have somebody take one action on all of these at once."""
    items = [Command(one, None, MoveRequest(action, **said), Via.API) for one in ids]
    done = decide_list(office.session, actor=office.actor(part, now), commands=items, now=now)
    assert not [one.refused for one in done if one.refused], done
    office.session.commit()


def at_the_council(
    office: Office, lists: Sequence[Sequence[ListRow]], now: datetime, *, first: int = 1
) -> list[list[int]]:
    """Carry these lists, numbered from the first on, to the council's table; give the nominations of each."""
    found = [listed(office, rows, f"{number}/TTr", now) for number, rows in enumerate(lists, start=first)]
    ids = [one for each in found for one in each]
    all_do(office, "nominator", "submit", ids, now)
    for part in ("reviewer", "appraiser", "appraiser"):
        all_do(office, part, "approve", ids, now)
    return found


def on_the_heads_desk(office: Office, lists: Sequence[Sequence[ListRow]], now: datetime) -> list[list[int]]:
    """Carry these lists through a vote that all of them pass."""
    found = at_the_council(office, lists, now)
    ids = [one for each in found for one in each]
    all_do(office, "secretary", "approve", ids, now, vote=VoteEntry(9, 9, 0))
    return found


def rows_of(codes: Sequence[str], *awards: str) -> list[ListRow]:
    """Return a complete row for each person."""
    return [row(code, *awards) for code in codes]
