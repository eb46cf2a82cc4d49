"""An administrator without a shell takes an empty English installation to its first decided nomination.

The installation itself lets the first administrator in; from then on every step is a page.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.conftest import Database
from tests.functional.test_english_office import FILES, LONDON, PASSWORD, Run, Walk, run, sessions
from tests.support.pages import browser, form_of, text_of
from workflow.clock import DatabaseClock, monotonic
from workflow.queries.history.audit import verify_chains
from workflow.store.awards import AwardEdition
from workflow.store.database import Sessions

__all__ = ["run", "sessions"]
LINK = re.compile(r"https?://[^\s<]+(/password/[\w-]+)")
NEXT = re.compile(r"next: ([^<→○✓]+?)(?: A file| Who| The| Each| Which| By| Days)")
SEATS = (
    ("nominator", "Grace Hopper", "nominator", "unit:PHYS"),
    ("reviewer", "Rosalind Franklin", "unit_reviewer", "unit:PHYS"),
    ("head", "Jocelyn Bell", "head", "unit:PHYS"),
)
# Opening a page and sending a form each count one. Passwords and signing in are among them.
MOST_STEPS = 60
# What somebody needs for a step beside the machine: reading, typing, finding the file. A page of forms takes
# longer and a page that is only opened less; thirty minutes are what all of it may take.
SECONDS_A_STEP = 18
MOST_MINUTES = 30


@dataclass
class StepClock:
    """When each part of the way began: after so many steps and so many seconds of the machine."""

    began: float = field(default_factory=monotonic)
    parts: list[tuple[str, int, float]] = field(default_factory=list)
    steps: int = 0

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        steps, at = self.steps, monotonic()
        yield
        self.parts.append((name, self.steps - steps, monotonic() - at))

    @property
    def minutes(self) -> float:
        """How long the way takes by hand and machine together."""
        return (self.steps * SECONDS_A_STEP + sum(seconds for *_, seconds in self.parts)) / 60

    def told(self) -> str:
        lines = [f"  {name:34} {steps:3} steps {seconds:6.1f} s" for name, steps, seconds in self.parts]
        whole = f"  {'from nothing to a decision':34} {self.steps:3} steps, {self.minutes:.0f} minutes"
        return "\n".join(["", "an administrator without a shell:", *lines, whole])


class Counted(Walk):
    """Walks through pages and counts what its person does."""

    def __init__(self, clock: StepClock, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]  # as the walk takes them
        self.clock = clock

    def open(self, path: str, status: int = 200):
        self.clock.steps += 1
        return super().open(path, status)

    def send(self, action: str, fields: dict[str, str], status: int = 303):
        self.clock.steps += 1
        return super().send(action, fields, status)

    def bring_in(self, kind: str, rows: str) -> None:
        """Choose a file, look at it, and import it."""
        self.open(f"/admin/imports?kind={kind}")
        fields = form_of(self.seated.page, "/admin/imports/look")
        path = fields.pop("")
        file = (io.BytesIO(rows.encode()), f"{kind}.csv")
        self.clock.steps += 1
        self.seated.post(path, {**fields, "kind": kind, "file": file})
        assert self.seated.page.status_code == 200, text_of(self.seated.page)
        self.look(self.seated.page)
        self.send("/admin/imports", {})

    def come_in(self, link: str, email: str) -> None:
        self.open(link)
        self.send("", {"password": PASSWORD, "again": PASSWORD})
        self.clock.steps += 1
        self.seated.sign_in(email, PASSWORD)


def test_an_empty_english_installation_reaches_its_first_decision_by_pages_alone(
    run: Run, database: Database, sessions: Sessions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("db", "upgrade")
    email = "office@eastbridge.ac.uk"
    first = run("account", "add", email, "--name", "Awards Office", "--grant", "admin@all", "--json")
    settings = {"locale": "en", "timezone": "Europe/London", "data_dir": tmp_path / "data"}
    clock = StepClock()

    def walk() -> Counted:
        with sessions() as session:
            titles = frozenset(session.scalars(select(AwardEdition.name_vi)))
        return Counted(clock, browser(sessions, DatabaseClock(), **settings), titles - {"Spot"})

    office = walk()
    with clock.part("come in"):
        office.come_in(urlsplit(json.loads(first)["link"]).path, email)
    led_on(office)
    with clock.part("units, looked over"):
        assert "next: Bring in the units" in text_of(office.open("/admin"))
        office.bring_in("org", FILES["org"])
        assert 'href="/admin/units/PHYS"' in office.open("/admin/units?q=phys").get_data(as_text=True)
        assert "Nobody holds a role here" in text_of(office.open("/admin/units/PHYS"))
    with clock.part("people, looked over"):
        assert "next: Bring in the people" in text_of(office.open("/admin"))
        office.bring_in("people", FILES["people"])
        assert 'href="/admin/people/P1"' in office.open("/admin/people?unit=PHYS").get_data(as_text=True)
    with clock.part("accounts, roles, passwords"):
        assert "next: Let people sign in" in text_of(office.open("/admin"))
        people = seated(office, walk)
        assert "Rosalind Franklin" in text_of(office.open("/admin/units/PHYS"))
    with clock.part("awards and days off"):
        office.bring_in("awards", FILES["awards"])
        office.bring_in("calendar", FILES["calendar"])
    with clock.part("a round"):
        assert "next: Open a round" in text_of(office.open("/admin"))
        office.open("/rounds/new")
        office.send("/rounds/new", {
            "code": "SPOT-26", "title": "Spot awards 2026", "year": "2026", "owner": "UNI", "awards": "SPOT",
            "what": "open",
        })  # fmt: skip
        assert "next: Have the first nomination drafted" in text_of(office.open("/admin"))
    with clock.part("drafted, endorsed, signed"):
        path = decided(people)
        assert "the first nomination has been decided" in text_of(office.open("/admin"))
        assert "Approved" in text_of(people["head"].open(path))
    with clock.part("letters, as they look"):
        assert "[Awards] Decided: Alex Example" in text_of(office.open("/admin/letters"))
        assert "Alex Example" in text_of(office.open("/admin/letters/approved"))
    with clock.part("who did it, in the history"):
        told = text_of(office.open(f"/audit?kind=nomination&code={path.rpartition('/')[2]}"))
        assert all(name in told for name in ("Grace Hopper", "Rosalind Franklin", "Jocelyn Bell")), told
    with capsys.disabled():
        print(clock.told())  # noqa: T201 - it is to be seen
    assert clock.steps <= MOST_STEPS, clock.told()
    assert clock.minutes < MOST_MINUTES, clock.told()
    office.everywhere("/admin")
    with sessions() as session:
        assert verify_chains(session).is_whole


def led_on(office: Counted) -> None:
    """See that who has nothing to do is led on, and that what cannot be filled in yet says why."""
    assert "You run this installation: its first steps" in text_of(office.seated.open("/"))
    assert "There is no unit yet" in text_of(office.seated.open("/rounds/new"))


def seated(office: Counted, walk: Callable[[], Counted]) -> dict[str, Counted]:
    """Let each in with a role; they set a password and sign in."""
    people = {}
    for part, name, role, place in SEATS:
        office.open("/admin/accounts/new")
        new = {"name": name, "email": f"{part}@eastbridge.ac.uk", "role": role, "place": place}
        page = office.send("/admin/accounts/new", new, 200)
        link = LINK.search(page.get_data(as_text=True))
        assert link is not None
        people[part] = walk()
        people[part].come_in(link[1], f"{part}@eastbridge.ac.uk")
    return people


def decided(people: dict[str, Counted]) -> str:
    """Draft, submit, endorse and sign, each by whoever it is for."""
    nominator, reviewer, head = (people[part] for part, *_ in SEATS)
    nominator.open("/nominations/new")
    nominator.send("/nominations/new", {
        "award": "SPOT", "unit": "PHYS", "round": "SPOT-26", "person": "P1",
        "proposer": "Grace Hopper",
    })  # fmt: skip
    written_at = nominator.seated.page.location
    nominator.open(written_at)
    nominator.send("/edit", {"achievement": "Saved the laboratory from a flood."})
    path = nominator.seated.page.location
    nominator.open(path)
    nominator.send("/actions/submit", {})
    reviewer.open(path)
    reviewer.send("/actions/approve", {})
    head.open(path)
    today = f"{datetime.now(LONDON):%d/%m/%Y}"
    head.send("/actions/approve", {
        "decision_number": "7/2026", "decision_on": today, "decision_signer": "Jocelyn Bell",
    })  # fmt: skip
    return path
