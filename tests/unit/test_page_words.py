"""The words of the pages: both languages say the same things, all of them, and nothing that nobody shows."""

import re
from string import Formatter

import pytest

from api.pages.catalogue import LOCALES, catalogue, say
from tests.architecture.source import ROOT
from workflow.domain.clusters.officers import Headed
from workflow.domain.vocabulary import (
    MailState,
    NoticeKind,
    ReturnStatus,
    Role,
    RoundDate,
    RungKind,
    Stage,
    SubjectKind,
    UpperOutcome,
    VoteResult,
)
from workflow.queries.board.board import Show
from workflow.queries.inbox.rows import WhyKind
from workflow.queries.nominations.nominations import Flag, Order
from workflow.queries.progress import Progress
from workflow.queries.submissions.submissions import ListStatus

PAGES = ROOT / "api" / "pages"
# Keys that are put together while a page is made, with everything that can be put in.
MADE = {
    "role": Role,
    "stage": Stage,
    "site": ("demo", "replay", "simulation"),
    "mail.notice_": (*NoticeKind, "unreadable"),
    "mail.state_": MailState,
    "mail.reason_": (
        "simulated",
        "work_done",
        "on_hold",
        "taken_by_another",
        "no_longer_entitled",
        "nothing_to_tell",
        "recipient_disabled",
    ),
    "work.why_": WhyKind,
    "work.group_": ("lists", "late", "today", "week", "later", "undated"),
    "nominations.flag_": Flag,
    "nominations.order_": Order,
    "progress": Progress,
    "board.show_": Show,
    "board.status_": ReturnStatus,
    "nomination.subject_": SubjectKind,
    "dead.kind_": (*RungKind, "unreadable"),
    "clusters.how_": Headed,
    "submissions.status_": ListStatus,
    "submissions.vote_": VoteResult,
    "round.date_": RoundDate,
    "round.status_": ReturnStatus,
    "round.warning_": ("passes_upper", "out_of_order", "earlier", "in_the_past", "already_done"),
    "move.outcome_": UpperOutcome,
    "form": (
        "future",
        "required",
        "unreadable",
        "not_in_list",
        "paper_day",
        "votes_differ",
    ),
    "move": ("scan_missing",),
    "password": ("too_short", "too_long", "is_own", "is_common"),
    "rule": (
        "reason_code_missing",
        "reason_code_unknown",
        "comment_missing",
        "decision_missing",
        "decision_number_missing",
        "decision_signer_missing",
    ),
}


def made():
    return {f"{base}{'' if base.endswith('_') else '.'}{end}" for base, ends in MADE.items() for end in ends}


def base_of(key):
    """Return the key a page names; of a counted text it names neither one nor several."""
    return re.sub(r"\.(one|other)$", "", key)


def source():
    files = [*PAGES.rglob("*.py"), *PAGES.rglob("*.html")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def parts(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_words():
    vietnamese, english = (set(map(base_of, catalogue(locale))) for locale in LOCALES)
    assert vietnamese == english


def test_both_languages_fill_in_the_same_parts():
    told = [
        {base_of(key): parts(text) for key, text in catalogue(locale).items() if not key.endswith(".one")}
        for locale in LOCALES
    ]
    assert told[0] == told[1]


def test_every_word_is_shown_somewhere():
    text, built = source(), made()
    unused = [
        key
        for key in map(base_of, catalogue("vi"))
        if key not in built and not re.search(rf'["\']{key}["\']', text)
    ]
    assert unused == []


@pytest.mark.parametrize("key", sorted(made()))
def test_every_word_put_together_exists(key):
    assert key in catalogue("vi")


def test_every_word_a_page_asks_for_exists():
    asked = set(
        re.findall(
            r"""(?:\bt\(|\bsay\(\s*(?:locale|current_locale\(\)),\s*|Words\()["']([\w.]+)["']\s*[,)]""",
            source(),
        )
    )
    known = set(map(base_of, catalogue("vi")))
    assert asked - known == set()
    assert len(asked) > 100


def test_a_counted_word_tells_one_from_several():
    assert say("en", "work.total", count=1) == "1 thing to do"
    assert say("en", "work.total", count=3) == "3 things to do"
    assert say("vi", "work.total", count=1) == "1 việc"


@pytest.mark.parametrize(
    "word", ["work item", "visit", "rung", "SLA", "p85", "WIP", "sojourn", "chứng cứ", "phê duyệt"]
)
def test_no_word_of_the_machine_room_reaches_the_screen(word):
    said = [text for locale in LOCALES for text in catalogue(locale).values()]
    assert [text for text in said if re.search(rf"\b{word}s?\b", text, re.IGNORECASE)] == []
