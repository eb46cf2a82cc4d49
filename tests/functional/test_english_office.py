"""An English university from an empty database to a first signed award: nothing it reads is Vietnamese.

What may be are names that people typed and the Vietnamese titles of the awards that ship.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from api.cli import commendo
from tests.conftest import Database
from tests.support.pages import Browser, browser, text_of
from workflow.clock import DatabaseClock
from workflow.domain.time.workdays import CalendarName
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account
from workflow.store.awards import AwardEdition
from workflow.store.database import Sessions, make_sessions
from workflow.store.mail import KeptLetter, Outbox

LONDON = ZoneInfo("Europe/London")
PASSWORD = "a long enough passphrase"
FILES = {
    "org": "code,name,parent,officer,telephone\n"
    "UNI,University of Eastbridge,,Mary O'Neill,+44 20 7946 0000\n"
    "PHYS,Department of Physics,UNI,John Smith-Jones,(01865) 27 0000 ext. 12\n",
    "people": "code,name,unit,position\nP1,Ada Byron King,PHYS,Lecturer\nP2,Cher,PHYS,Technician\n",
    "awards": "code,vi,en,kind,workflow,valid_from\nSPOT,Spot,Spot,individual,simplified,2020-01-01\n",
    "accounts": "email,name,person,grants\n"
    "nominator@eastbridge.ac.uk,Grace Hopper,,nominator@unit:PHYS\n"
    "reviewer@eastbridge.ac.uk,Rosalind Franklin,,unit_reviewer@unit:PHYS\n"
    "head@eastbridge.ac.uk,Jocelyn Bell,,head@unit:PHYS\n",
    "calendar": "day,kind,name\n2026-12-25,off,Christmas Day\n2026-12-28,off,Boxing Day (substitute)\n",
}
STAFF = ("nominator", "reviewer", "head", "office")
Run = Callable[..., str]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Call the command line of an installation in English, in London, and check each word it says."""
    settings = {
        "ENV": "development",
        "TASK_MAIL": "at_once",
        "QUIET_HOURS": "none",
        "DATABASE_URL": database.url,
        "MIGRATION_URL": database.migration_url,
        "DATA_DIR": str(tmp_path / "data"),
        "BASE_URL": "http://127.0.0.1:8000",
        "LOCALE": "en",
        "TIMEZONE": "Europe/London",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"COMMENDO_{name}", value)

    def call(*words: str, exit_code: int = 0) -> str:
        done = CliRunner().invoke(commendo, words, prog_name="commendo")
        assert done.exit_code == exit_code, done.output
        assert_english(done.output, f"commendo {' '.join(words)}", titles=frozenset())
        return done.stdout

    return call


def assert_english(text: str, where: str, titles: frozenset[str]) -> None:
    """Find letters that English does not have, beside titles that ship."""
    for title in sorted(titles, key=len, reverse=True):
        text = text.replace(title, "")
    foreign = [
        word
        # The number of a decree is its name, in whatever language it is cited.
        for word in re.sub(r"\d+/\d{4}/\S+", "", text.replace("Tiếng Việt", "")).split()
        if any(c.isalpha() and not c.isascii() for c in word)
    ]
    assert not foreign, f"{where}: {foreign[:8]}"


class Walk:
    """Opens pages as one person, and whatever is linked from them, and reads each."""

    def __init__(self, seated: Browser, titles: frozenset[str]) -> None:
        self.seated, self.titles = seated, titles
        self.read: set[str] = set()

    def look(self, page) -> None:
        if page.mimetype == "text/html" and page.status_code not in {302, 303}:
            html = page.get_data(as_text=True)
            assert '<html lang="en"' in html, page.request.path
            spoken = re.findall(r'(?:title|aria-label|placeholder|alt)="([^"]*)"', html)
            assert_english(" ".join([text_of(page), *spoken]), page.request.path, self.titles)

    def open(self, path: str, status: int = 200):
        page = self.seated.open(path)
        assert page.status_code == status, (path, page.status)
        self.look(page)
        return page

    def send(self, action: str, fields: dict[str, str], status: int = 303):
        page = self.seated.send(action, fields)
        assert page.status_code == status, (action, page.status, text_of(page)[:500])
        self.look(page)
        return page

    def everywhere(self, start: str = "/") -> None:
        waiting = [start]
        while waiting and len(self.read) < 80:
            path = waiting.pop(0)
            if path in self.read:
                continue
            self.read.add(path)
            page = self.seated.open(path)
            if page.status_code in {302, 303}:
                waiting.append(page.location)
                continue
            assert page.status_code < 500, (path, page.status)
            self.look(page)
            if page.mimetype != "text/html":
                continue
            for link in re.findall(r'href="([^"#]+)', page.get_data(as_text=True)):
                found = urlsplit(urljoin(path, link.replace("&amp;", "&")))
                if not found.netloc and not found.path.startswith(("/static", "/docs", "/openapi")):
                    waiting.append(found.path + (f"?{found.query}" if found.query else ""))


@pytest.fixture
def sessions(database: Database) -> Sessions:
    return make_sessions(
        database.engine, timezone="Europe/London", locale="en", calendar=CalendarName.WEEKDAYS
    )


def test_an_english_office_from_nothing_to_its_first_decision(
    run: Run, database: Database, sessions: Sessions, tmp_path: Path
) -> None:
    run("db", "upgrade")
    for kind, rows in FILES.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        run("import", kind, str(path), "--dry-run")
        run("import", kind, str(path))
    run("account", "add", "office@eastbridge.ac.uk", "--name", "Awards Office", "--grant", "admin@all",
        "--grant", "supervisor@unit:UNI")  # fmt: skip
    run("round", "open", "SPOT-26", "--title", "Spot awards 2026", "--year", "2026", "--owner", "UNI",
        "--award", "SPOT")  # fmt: skip
    run("round", "status")
    with sessions() as session:
        assert set(session.scalars(select(Account.locale))) == {"en"}
        titles = frozenset(session.scalars(select(AwardEdition.name_vi))) - {"Spot"}
    walks = {part: seat(run, sessions, tmp_path, part, titles) for part in STAFF}
    opened = the_way_of_a_nomination(walks, run)
    for part, walk in walks.items():
        walk.everywhere()
        assert len(walk.read) > 5, part
        walk.open(opened)
        walk.open("/nominations/999999", 404)
    letters = read_letters(sessions, titles)
    assert {"work_opened", "approved"} <= letters
    with sessions() as session:
        assert verify_chains(session).is_whole


def seat(run: Run, sessions: Sessions, tmp_path: Path, part: str, titles: frozenset[str]) -> Walk:
    """Have somebody set a password by their link and sign in."""
    settings = {"locale": "en", "timezone": "Europe/London", "data_dir": tmp_path / "data"}
    walk = Walk(browser(sessions, DatabaseClock(), **settings), titles)
    email = f"{part}@eastbridge.ac.uk"
    link = json.loads(run("account", "link", email, "--json"))["link"]
    walk.open("/sign-in")
    walk.seated.send("/sign-in", {"email": email, "password": "wrong wrong wrong"})
    walk.look(walk.seated.page)
    walk.open(urlsplit(link).path)
    walk.send("", {"password": "short"}, 422)
    walk.open(urlsplit(link).path)
    walk.send("", {"password": PASSWORD, "again": PASSWORD})
    walk.seated.sign_in(email, PASSWORD)
    walk.open("/")
    return walk


def the_way_of_a_nomination(walks: dict[str, Walk], run: Run) -> str:
    """Draft, submit, endorse and sign one, with what is refused on the way; each page and letter is read."""
    nominator, reviewer, head = walks["nominator"], walks["reviewer"], walks["head"]
    nominator.open("/nominations/new")
    nominator.send(
        "/nominations/new", {"award": "SPOT", "unit": "PHYS", "round": "SPOT-26", "person": ""}, 422
    )
    nominator.send("/nominations/new", {"award": "SPOT", "unit": "PHYS", "round": "SPOT-26", "person": "P1"})
    # It goes on where words are written.
    written_at = nominator.seated.page.location
    path = written_at.removesuffix("/edit")
    nominator.open(path)
    nominator.open(written_at)
    nominator.send("/edit", {"achievement": "Saved the laboratory from a flood.", "proposer": "Grace Hopper"})
    nominator.open(path)
    nominator.send("/actions/submit", {})
    run("sweep", "--until-idle")
    reviewer.everywhere()
    reviewer.open(path)
    reviewer.send("/actions/return", {}, 422)
    reviewer.open(path)
    reviewer.send("/actions/return", {"reason_code": "dossier_incomplete", "comment": "Which flood?"})
    run("sweep", "--until-idle")
    nominator.everywhere()
    nominator.open(path)
    nominator.send("/actions/submit", {})
    reviewer.open(path)
    reviewer.send("/actions/approve", {})
    run("sweep", "--until-idle")
    head.everywhere()
    head.open(path)
    head.send("/actions/approve", {}, 422)
    today = f"{datetime.now(LONDON):%d/%m/%Y}"
    head.open(path)
    head.send("/actions/approve", {
        "decision_number": "7/2026", "decision_on": today, "decision_signer": "Jocelyn Bell",
    })  # fmt: skip
    run("sweep", "--until-idle")
    assert "Approved" in text_of(head.open(path))
    return path


def read_letters(sessions: Sessions, titles: frozenset[str]) -> set[str]:
    """Read every letter that was kept, and return which kinds there were."""
    with sessions() as session:
        letters = session.scalars(select(KeptLetter)).all()
        for letter in letters:
            assert letter.subject.startswith("[Awards] ")
            assert_english(f"{letter.subject} {letter.text} {letter.html}", letter.subject, titles)
        return set(session.scalars(select(Outbox.notice).where(Outbox.state == "sent")))
