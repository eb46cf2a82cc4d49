"""words that are known.

A word that no release knows, or JSON of another shape, stopped every list and page in which its row stands. No
hand can write one any more. Rows that are there already are not looked at (NOT VALID): a database that holds one
is upgraded all the same. A letter among them that still waits is dead from here on: whoever claimed it would write
to its row, which would be refused with all that are claimed beside it.
"""

from collections.abc import Iterable

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STAGES = ("draft", "unit_review", "cluster_review", "council", "approved", "rejected", "withdrawn")
_NOTICES = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "password_link",
)  # fmt: skip
_KNOWN = {
    ("nomination", "subject_kind"): ("person", "collective"),
    ("nomination", "recommendation"): ("passed", "not_passed", "tied"),
    ("nomination", "upper_outcome"): ("awarded", "not_awarded"),
    ("visit", "stage"): _STAGES,
    ("cluster", "headed_how"): ("appointed", "elected"),
    ("event", "via"): ("web", "api", "cli", "timer", "import", "paper"),
    ("outbox", "notice"): _NOTICES,
    ("outbox", "mail_class"): ("security", "escalation", "decision", "task", "info"),
    ("outbox", "state"): ("new", "sending", "sent", "dead", "cancelled"),
    ("award_edition", "subject_kind"): ("person", "collective"),
}
_OBJECTS = (("event", "data"), ("round", "dates"), ("workflow_definition", "content"))
_DATES = (
    "NOT jsonb_path_exists(dates, '$.keyvalue() ? (!(@.key like_regex \"^(unit_deadline|cluster_deadline|"
    'reception_deadline|appraisal_deadline|council_date|decision_date|upper_deadline)$") || '
    '@.value.type() != "string" || !(@.value like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))\')'
)


def upgrade() -> None:
    strange = " OR ".join(
        f"NOT {column} IN ({_listed(words)})"
        for (table, column), words in _KNOWN.items()
        if table == "outbox" and column != "state"
    )
    waits = f"state IN ('new', 'sending') AND ({strange})"
    dead = "state = 'dead', state_reason = 'unreadable', lease_until = NULL"
    op.execute(f"UPDATE outbox SET {dead} WHERE {waits}")  # noqa: S608 - words of ours alone
    for (table, column), words in _KNOWN.items():
        _add(table, f"{column}_known", f"{column} IN ({_listed(words)})")
    for table, column in _OBJECTS:
        _add(table, f"{column}_object", f"jsonb_typeof({column}) = 'object'")
    _add("round", "dates_known", _DATES)


def downgrade() -> None:
    op.execute("ALTER TABLE round DROP CONSTRAINT ck_round_dates_known")
    for table, column in _OBJECTS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}_object")
    for table, column in _KNOWN:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}_known")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _add(table: str, name: str, condition: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID")
