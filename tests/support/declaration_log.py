"""A made-up log of the shape of the Domestic Declarations log: the same columns, activities and oddities.

The real log may not be copied into the project; this one is generated, and the same for the same seed.
"""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

COLUMNS = ("case", "activity", "resource", "role", "timestamp", "lifecycle")

SUBMITTED = "Declaration SUBMITTED by EMPLOYEE"
SAVED = "Declaration SAVED by EMPLOYEE"
TAKEN_BACK = "Declaration REJECTED by EMPLOYEE"
MISSING = "Declaration REJECTED by MISSING"
FINAL = "Declaration FINAL_APPROVED by SUPERVISOR"
REQUESTED = "Request Payment"
HANDLED = "Payment Handled"

ROUTES = (
    (46, ("ADMINISTRATION",)),
    (25, ("ADMINISTRATION", "BUDGET OWNER")),
    (14, ()),
    (6, ("PRE_APPROVER",)),
)
# Endings that the process does not know, as the real log has a few: each with the activity that is illegal.
DEVIATIONS = (
    ((SUBMITTED, FINAL, HANDLED), 2),  # paid without a request
    ((SUBMITTED, TAKEN_BACK), 1),  # taken back though nobody turned it down
    ((SUBMITTED, "Declaration REJECTED by ADMINISTRATION", REQUESTED, HANDLED), 2),
    ((REQUESTED, HANDLED), 0),
)
DEVIATING_EVERY = 60
EVERY_HUNDREDTH = 100


@dataclass(frozen=True)
class DeclarationLog:
    """The CSV, and by case what its events should do: the index of the first illegal one, if any."""

    text: str
    illegal: dict[str, int]
    cases: int
    events: int
    ignored: int


def generate(cases: int = 300, seed: int = 2020) -> DeclarationLog:
    """Make a log of that many cases, sorted by case as the real one is."""
    chance = random.Random(seed)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    illegal: dict[str, int] = {}
    events = ignored = 0
    for number in range(cases):
        case = f"declaration {86_000 + number * 5}"
        activities = list(_case(number, chance))
        if number % DEVIATING_EVERY == DEVIATING_EVERY // 2:
            deviation, at = DEVIATIONS[number // DEVIATING_EVERY % len(DEVIATIONS)]
            activities, illegal[case] = list(deviation), at
        stamp = datetime(2018, 1, 8, 8, tzinfo=UTC) + timedelta(minutes=chance.randrange(200 * 24 * 60))
        for activity in activities:
            resource, role = _who(activity)
            writer.writerow((case, activity, resource, role, stamp.strftime("%Y-%m-%dT%H:%M:%SZ"), ""))
            events += 1
            ignored += activity in (SAVED, MISSING)
            # Some follow in the same second: the order of the file then decides.
            stamp += timedelta(seconds=0 if chance.random() < 0.05 else int(chance.expovariate(1 / 90_000)))
    return DeclarationLog(table.getvalue(), illegal, cases, events, ignored)


def _who(activity: str) -> tuple[str, str]:
    if activity in (REQUESTED, HANDLED):
        return "SYSTEM", "UNDEFINED"
    return "STAFF MEMBER", activity.partition(" by ")[2]


def _case(number: int, chance: random.Random) -> Iterator[str]:
    """Play one declaration from its submission to the payment, or to where the log leaves it."""
    if number % EVERY_HUNDREDTH == 0:
        yield SAVED
        return
    [approvers] = chance.choices([route for _, route in ROUTES], [weight for weight, _ in ROUTES])
    while True:
        yield SUBMITTED
        turned_down = chance.random() < 0.12
        judges = [*approvers, "SUPERVISOR"]
        stopped_at = chance.randrange(len(judges)) if turned_down else len(judges)
        for judge in judges[: min(stopped_at, len(approvers))]:
            yield f"Declaration APPROVED by {judge}"
        if turned_down:
            yield f"Declaration REJECTED by {judges[stopped_at]}"
            if chance.random() < 0.03:
                return  # still with the employee
            yield TAKEN_BACK
            if chance.random() < 0.2:
                return
            continue
        yield FINAL
        if chance.random() < 0.02:
            yield MISSING
            continue  # the payment could not be made: submitted again
        yield REQUESTED
        if chance.random() > 0.01:
            yield HANDLED
        return
