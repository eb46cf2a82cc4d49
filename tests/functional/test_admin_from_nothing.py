"""An administrator without a shell takes an empty English installation to its first decided nomination.

The installation itself lets the first administrator in; from then on every step is a page.
"""

import io
import json
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from tests.conftest import Database
from tests.functional.test_english_office import FILES, LONDON, PASSWORD, Run, Walk, run, sessions
from tests.support.pages import BASE, browser, form_of, text_of
from workflow.clock import DatabaseClock
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
MOST_STEPS = 90


class Counted(Walk):
    """Walks through pages and counts what its person does."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]  # as the walk takes them
        self.steps = 0

    def open(self, path: str, status: int = 200):
        self.steps += 1
        return super().open(path, status)

    def send(self, action: str, fields: dict[str, str], status: int = 303):
        self.steps += 1
        return super().send(action, fields, status)

    def bring_in(self, kind: str, rows: str) -> None:
        """Choose a file, look at it, and import it."""
        self.open(f"/admin/imports?kind={kind}")
        fields = form_of(self.seated.page, "/admin/imports/look")
        path = fields.pop("")
        file = (io.BytesIO(rows.encode()), f"{kind}.csv")
        self.steps += 1
        self.seated.page = self.seated.client.post(
            path, data={**fields, "kind": kind, "file": file}, base_url=BASE
        )
        assert self.seated.page.status_code == 200, text_of(self.seated.page)
        self.look(self.seated.page)
        self.send("/admin/imports", {})

    def come_in(self, link: str, email: str) -> None:
        self.open(link)
        self.send("", {"password": PASSWORD, "again": PASSWORD})
        self.steps += 1
        self.seated.sign_in(email, PASSWORD)


def test_an_empty_english_installation_reaches_its_first_decision_by_pages_alone(
    run: Run, database: Database, sessions: Sessions, tmp_path: Path
) -> None:
    run("db", "upgrade")
    email = "office@eastbridge.ac.uk"
    first = run("account", "add", email, "--name", "Awards Office", "--grant", "admin@all", "--json")
    settings = {"locale": "en", "timezone": "Europe/London", "data_dir": tmp_path / "data"}

    def walk() -> Counted:
        with sessions() as session:
            titles = frozenset(session.scalars(select(AwardEdition.name_vi)))
        return Counted(browser(sessions, DatabaseClock(), **settings), titles - {"Spot"})

    office = walk()
    office.come_in(urlsplit(json.loads(first)["link"]).path, email)
    assert "next: Bring in the units" in text_of(office.open("/admin"))
    office.bring_in("org", FILES["org"])
    assert "next: Bring in the people" in text_of(office.open("/admin"))
    office.bring_in("people", FILES["people"])
    assert "next: Let people sign in" in text_of(office.open("/admin"))
    people = {}
    for part, name, role, place in SEATS:
        office.open("/admin/accounts/new")
        new = {"name": name, "email": f"{part}@eastbridge.ac.uk", "role": role, "place": place}
        page = office.send("/admin/accounts/new", new, 200)
        link = LINK.search(page.get_data(as_text=True))
        assert link is not None
        people[part] = walk()
        people[part].come_in(link[1], f"{part}@eastbridge.ac.uk")
    office.bring_in("awards", FILES["awards"])
    office.bring_in("calendar", FILES["calendar"])
    assert "next: Open a round" in text_of(office.open("/admin"))
    office.open("/rounds/new")
    office.send("/rounds/new", {
        "code": "SPOT-26", "title": "Spot awards 2026", "year": "2026", "owner": "UNI", "awards": "SPOT",
        "what": "open",
    })  # fmt: skip
    assert "next: Have the first nomination drafted" in text_of(office.open("/admin"))
    path = decided(people)
    assert "The first nomination has been decided" in text_of(office.open("/admin")) or (
        "the first nomination has been decided" in text_of(office.open("/admin"))
    )
    assert "Approved" in text_of(people["head"].open(path))
    taken = office.steps + sum(one.steps for one in people.values())
    assert taken <= MOST_STEPS, f"{taken}, of the administrator {office.steps}"
    office.everywhere("/admin")
    with sessions() as session:
        assert verify_chains(session).is_whole


def decided(people: dict[str, Counted]) -> str:
    """Draft, submit, endorse and sign, each by whoever it is for."""
    nominator, reviewer, head = (people[part] for part, *_ in SEATS)
    nominator.open("/nominations/new")
    nominator.send("/nominations/new", {
        "award": "SPOT", "unit": "PHYS", "round": "SPOT-26", "person": "P1",
        "achievement": "Saved the laboratory from a flood.", "proposer": "Grace Hopper",
    })  # fmt: skip
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
