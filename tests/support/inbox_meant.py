"""What the filters of an inbox mean, said once more and plainly, of rows that one statement reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from tests.conftest import MONDAY
from workflow.queries.inbox.filters import DueGroup, InboxFilters, InboxFlag

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# All that the filters may look at, read by one statement that knows nothing of ranges, scopes or tabs.
PLAIN = text("""
    SELECT w.id, w.due_at, w.opened_at, w.assignee_id, n.id AS number, n.subject_name, n.state, n.stage,
           n.is_held, v.sent_from, s.number AS paper, u.code AS unit, e.name AS unit_name, r.code AS round,
           a.code AS award, c.code AS cluster
    FROM work_item w
    LEFT JOIN nomination n ON n.id = w.nomination_id
    LEFT JOIN visit v ON v.id = w.visit_id
    LEFT JOIN submission s ON s.id = n.submission_id
    LEFT JOIN expected_return x ON x.id = w.expected_return_id
    JOIN unit u ON u.id = coalesce(n.unit_id, x.unit_id)
    JOIN unit_edition e ON e.unit_id = u.id AND e.valid_to IS NULL
    JOIN round r ON r.id = coalesce(n.round_id, x.round_id)
    LEFT JOIN award_edition ae ON ae.id = n.award_edition_id
    LEFT JOIN award a ON a.id = ae.award_id
    LEFT JOIN cluster_member m ON m.unit_id = u.id AND m.year = r.year AND m.owner_unit_id = r.owner_unit_id
    LEFT JOIN cluster c ON c.id = m.cluster_id
""")


def bare(words: str) -> str:
    """Fold by a table of our own: only what the names of these examples hold."""
    marks = {
        "ễ": "e",
        "ế": "e",
        "ị": "i",
        "à": "a",
        "ầ": "a",
        "ă": "a",
        "đ": "d",
        "ể": "e",
        "á": "a",
        "â": "a",
    }
    marks |= {"ỉ": "i", "ố": "o", "ồ": "o", "ư": "u", "ờ": "o", "ạ": "a"}
    return "".join(marks.get(letter, letter) for letter in words.lower())


@dataclass(frozen=True)
class Meant:
    """Whether one row is meant by filters, said once more and plainly."""

    me: int
    filters: InboxFilters

    def __call__(self, row: Row) -> bool:
        wanted = self.filters
        tests: list[tuple[object, Callable[[], bool]]] = [
            (wanted.level, lambda: row.stage == wanted.level),
            (wanted.unit, lambda: row.unit.lower() == str(wanted.unit).lower()),
            (wanted.cluster, lambda: row.cluster == wanted.cluster),
            (wanted.due, lambda: self.when(row.due_at) is wanted.due),
            (wanted.age, lambda: row.opened_at <= MONDAY - timedelta(days=wanted.age or 0)),
            (wanted.state, lambda: row.state == wanted.state),
            (wanted.holder, lambda: self.has(row.assignee_id) == wanted.holder),
            (wanted.round, lambda: row.round == wanted.round),
            (wanted.award, lambda: row.award == wanted.award),
            (wanted.flag, lambda: self.is_so(row, wanted.flag)),
            (wanted.q, lambda: self.reads(row, bare(wanted.q or ""))),
        ]
        return all(test() for value, test in tests if value is not None)

    def when(self, due_at: datetime | None) -> DueGroup:
        if due_at is None:
            return DueGroup.UNDATED
        if due_at < MONDAY:
            return DueGroup.OVERDUE
        days = (due_at.astimezone(ZONE).date() - MONDAY.astimezone(ZONE).date()).days
        # The fixed day is a Monday: six days on is its Sunday.
        return DueGroup.TODAY if days == 0 else DueGroup.WEEK if days <= 6 else DueGroup.LATER

    def has(self, assignee_id: int | None) -> str:
        return "nobody" if assignee_id is None else "me" if assignee_id == self.me else "other"

    def is_so(self, row: Row, flag: InboxFlag | None) -> bool:
        order = ["draft", "unit_review", "council"]
        came_back = row.sent_from is not None and order.index(row.sent_from) > order.index(row.state)
        return {
            InboxFlag.HELD: bool(row.is_held),
            InboxFlag.RETURNED: came_back,
            InboxFlag.LATE: row.due_at is not None and row.due_at < MONDAY,
            InboxFlag.UNCLAIMED: row.assignee_id is None,
        }[flag or InboxFlag.HELD]

    def reads(self, row: Row, words: str) -> bool:
        in_number = any(letter.isdigit() for letter in words) and words in (row.paper or "")
        in_units = words in bare(row.unit_name) or words in row.unit.lower()
        return words in bare(row.subject_name or "") or in_units or in_number or words == str(row.number)
