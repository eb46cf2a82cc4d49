"""A log of approvals, driven through the real operations, ends and waits as the log says."""

import csv
import gzip
import io
import json
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, TIMEZONE, Database
from tests.support.declaration_log import DeclarationLog, generate
from tests.support.office import furnish
from workflow.domain.errors import InvalidLog, NotYours
from workflow.queries.history.audit import verify_chains
from workflow.queries.waiting.waits import transition_waits
from workflow.replay.drive import ReplayReport, replay_log
from workflow.replay.log import LogEvent, read_log
from workflow.replay.mapping import Mapping, read_mapping
from workflow.store.awards import Round
from workflow.store.database import make_sessions
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination

ROOT = Path(__file__).parents[2]
MAPPING = ROOT / "workflow" / "replays" / "domestic_declarations.yaml"
LOGS = ROOT.parent / "shared" / "data" / "logs"
REAL = LOGS / "bpic2020_DomesticDeclarations_ORIGINAL.csv.gz"
EXPECTED = LOGS / "expected" / "bpic2020_DomesticDeclarations_ORIGINAL.json"
needs_the_real_log = pytest.mark.skipif(
    not REAL.exists(), reason="../shared/data/logs is not on this machine"
)


@dataclass(frozen=True)
class Replayed:
    """A replay that is over: its log, mapping and report."""

    events: list[LogEvent]
    mapping: Mapping
    report: ReplayReport


def replay(database: Database, path: Path, *, cases: int | None = None) -> Replayed:
    events, mapping = read_log(path), read_mapping(MAPPING)
    if cases is not None:
        kept = set(list(dict.fromkeys(event.case for event in events))[:cases])
        events = [event for event in events if event.case in kept]
    sessions = make_sessions(database.engine, timezone=TIMEZONE, sends_mail=False)
    return Replayed(events, mapping, replay_log(sessions, events, mapping))


def generated(tmp_path: Path) -> tuple[Path, DeclarationLog]:
    log, path = generate(), tmp_path / "log.csv"
    path.write_text(log.text, encoding="utf-8")
    return path, log


def driven(done: Replayed) -> dict[str, list[LogEvent]]:
    """Return each case's events that are moves, in order of time, up to the first the workflow refused."""
    stops = {illegal.case: illegal.event for illegal in done.report.illegal}
    cases: dict[str, list[LogEvent]] = defaultdict(list)
    stopped: set[str] = set()
    for event in done.events:
        if event.line == stops.get(event.case):
            stopped.add(event.case)
        if event.case not in stopped and done.mapping.move_of(event) is not None:
            cases[event.case].append(event)
    return cases


def medians(cases: Iterable[list[LogEvent]], mapping: Mapping) -> dict[tuple[str, str], tuple[int, float]]:
    """Compute count and median wait of every pair of moves from the rows of the log, without the database."""
    waits: dict[tuple[str, str], list[float]] = defaultdict(list)
    for events in cases:
        for before, after in pairwise(events):
            pair = (mapping.events[before.activity].move, mapping.events[after.activity].move)
            waits[pair].append((after.at - before.at).total_seconds())
    return {pair: (len(values), statistics.median(values)) for pair, values in waits.items()}


def assert_ends_and_waits_are_the_logs(session: Session, done: Replayed) -> None:
    cases = driven(done)
    refused = {illegal.case for illegal in done.report.illegal}
    ends = {
        row.subject_name: row for row in session.execute(select(Nomination.subject_name, Nomination.stage))
    }
    for case, row in ends.items():
        is_paid = bool(cases[case]) and cases[case][-1].activity == "Payment Handled"
        assert row.stage == ("withdrawn" if case in refused else "approved") or not is_paid, case
        assert is_paid or case in refused or row.stage not in {"approved", "rejected", "withdrawn"}, case
    ours = {
        (wait.action_from, wait.action_to): (wait.count, wait.median_seconds)
        for wait in transition_waits(session)
    }
    theirs = medians(cases.values(), done.mapping)
    assert ours.keys() == theirs.keys()
    for pair, (count, median) in theirs.items():
        expected: object = (count, pytest.approx(median, abs=1e-6))
        assert ours[pair] == expected, pair


def test_a_generated_log_of_300_cases_ends_and_waits_as_it_says(
    database: Database, session: Session, tmp_path: Path
) -> None:
    path, log = generated(tmp_path)
    done = replay(database, path)
    report = done.report
    assert (report.cases, report.conforming) == (log.cases, log.cases - len(log.illegal))
    assert {illegal.case for illegal in report.illegal} == set(log.illegal)
    assert (
        report.events_driven + report.events_ignored + report.events_dropped + len(log.illegal) == log.events
    )
    assert report.open == len(report.open_cases) > 0
    assert_ends_and_waits_are_the_logs(session, done)
    assert verify_chains(session).problems == ()


def test_a_replay_sends_nobody_a_mail(database: Database, session: Session, tmp_path: Path) -> None:
    replay(database, generated(tmp_path)[0])
    states = session.execute(
        select(Outbox.state, Outbox.state_reason, func.count()).group_by(Outbox.state, Outbox.state_reason)
    ).all()
    assert [(row.state, row.state_reason) for row in states] == [("cancelled", "simulated")]


def test_a_replay_stays_out_of_a_database_in_use(
    database: Database, session: Session, tmp_path: Path
) -> None:
    furnish(session, now=MONDAY)
    with pytest.raises(NotYours):
        replay(database, generated(tmp_path)[0])
    assert session.scalar(select(func.count()).select_from(Round)) == 1


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda text: text.replace("case,activity,", "case,", 1), "no column activity"),
        (lambda text: re.sub(r"\d{4}-\d\d-\d\dT", "31/02/2017 ", text, count=1), "is no date and time"),
        (lambda text: text.replace("Payment Handled", "Payment Forgotten", 1), "does not know the activity"),
        (lambda text: text.splitlines()[0] + "\n", "there is no event"),
        (lambda text: text.replace("declaration ", "declaration \0", 1), "holds a NUL"),
        (lambda text: text.replace("Z,", ",", 1), "has no time zone"),
        (lambda text: text.replace("role,", "role,role,", 1), "log.csv:1: the column 'role' is there twice"),
        (lambda text: text.replace("case,", "Case,", 1), r"log.csv:1: no column case \(is it 'Case'\?\)"),
        (lambda text: text.replace("Z,", "Z,x,stray,", 1), "log.csv:2: column 7 holds 'stray'"),
        (lambda text: text[:0], "log.csv:1: the file is empty"),
        (lambda text: text + '"', "a quotation mark opens a cell and is never closed"),
        (lambda text: text.replace("declaration ", '"decl"aration ', 1), "a quotation mark stands within"),
    ],
)
def test_a_damaged_log_is_refused_with_its_line_before_anything_is_written(
    database: Database, session: Session, tmp_path: Path, damage: Callable[[str], str], told: str
) -> None:
    path, log = generated(tmp_path)
    path.write_text(damage(log.text), encoding="utf-8")
    with pytest.raises(InvalidLog, match=told):
        replay(database, path)
    assert session.scalar(select(func.count()).select_from(Nomination)) == 0


def test_an_unknown_activity_is_named_by_file_and_line_and_cannot_write_to_the_terminal(
    database: Database, tmp_path: Path
) -> None:
    path, log = generated(tmp_path)
    path.write_text(log.text.replace("Payment Handled", "Payment \x1b[31m", 1), encoding="utf-8")
    line = next(event.line for event in read_log(path) if "\x1b" in event.activity)
    sessions = make_sessions(database.engine, timezone=TIMEZONE, sends_mail=False)
    with pytest.raises(InvalidLog) as refused:
        replay_log(sessions, read_log(path), read_mapping(MAPPING), log_name=path.name)
    told = f"log.csv:{line}: the mapping does not know the activity 'Payment \\x1b[31m'"
    assert refused.value.detail.startswith(told)
    assert "\x1b" not in refused.value.detail


def test_a_broken_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    for content, told in (
        (gzip.compress(b"case,activity\n" * 99, mtime=0)[:-9], "damaged or cut off"),
        (b"case,activity\n", "is no gzip file"),
    ):
        path.write_bytes(content)
        with pytest.raises(InvalidLog, match=told):
            read_log(path)


def test_a_log_that_is_no_text_or_no_file_says_how_to_mend_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with pytest.raises(InvalidLog, match="No such file"):
        read_log(path)
    with pytest.raises(InvalidLog, match="Is a directory"):
        read_log(tmp_path)
    for content, told in (
        ("case\n".encode("utf-16"), "log.csv:1: is UTF-16; save it as UTF-8"),
        (b"case\ncaf\xe9\n", "log.csv:2: is not UTF-8: the byte 0xE9"),
    ):
        path.write_bytes(content)
        with pytest.raises(InvalidLog, match=told):
            read_log(path)


@needs_the_real_log
def test_the_first_thousand_real_declarations_end_and_wait_as_the_log_says(
    database: Database, session: Session
) -> None:
    done = replay(database, REAL, cases=1000)
    assert done.report.conforming >= 980
    assert_ends_and_waits_are_the_logs(session, done)


@pytest.mark.deep
@pytest.mark.timeout(3600)
@needs_the_real_log
def test_all_real_declarations_agree_with_the_oracle(database: Database, session: Session) -> None:
    done = replay(database, REAL)
    report = done.report
    assert report.cases == 10_500
    assert report.conforming >= 0.98 * report.cases
    assert report.events_driven >= 0.97 * len(done.events)
    assert_ends_and_waits_are_the_logs(session, done)
    assert verify_chains(session).problems == ()
    assert_what_differs_is_what_was_dropped(done)


def assert_what_differs_is_what_was_dropped(done: Replayed) -> None:
    """Compare with the published counts and medians: a pair differs only by cases that lost an event."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    everything: dict[str, list[LogEvent]] = defaultdict(list)
    for event in done.events:
        everything[event.case].append(event)
    kept = driven(done)
    whole = {case for case, events in everything.items() if len(events) == len(kept[case])}
    names = {activity: meant.move for activity, meant in done.mapping.events.items() if meant is not None}
    published = {
        (names[row["from"]], names[row["to"]]): (row["n"], row["median"])
        for row in expected["transition_waits_top40_by_total"]
        if row["from"] in names and row["to"] in names
    }
    moves_only = {
        case: [event for event in events if event.activity in names] for case, events in everything.items()
    }
    ours = medians(kept.values(), done.mapping)
    unread = {
        case: medians([events], done.mapping) for case, events in moves_only.items() if case not in whole
    }
    assert len(published) > 20
    for pair, (count, median) in published.items():
        # What a dropped event can have parted or joined: every wait of that pair in a case that lost one.
        lost = sum(waits.get(pair, (0, 0.0))[0] for waits in unread.values())
        found, middle = ours.get(pair, (0, 0.0))
        assert abs(found - count) <= lost, pair
        if lost == 0:
            assert middle == pytest.approx(median), pair


def test_rows_of_the_generated_log_are_in_no_order_of_time(tmp_path: Path) -> None:
    """The log is sorted by case, as the real one is: reading it has to put it in order of time."""
    path, log = generated(tmp_path)
    stamps = [row["timestamp"] for row in csv.DictReader(io.StringIO(log.text))]
    assert stamps != sorted(stamps)
    times = [event.at for event in read_log(path)]
    assert times == sorted(times)
