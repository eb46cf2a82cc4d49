"""The words on the screen: both languages say the same things, all of them, and nothing that nobody shows."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from string import Formatter

import pytest
import yaml

from api.catalogue import catalogue, say
from api.pages.council.pasted import COLUMNS
from tests.architecture.source import ROOT
from workflow.domain.clusters.officers import Headed
from workflow.domain.mails.preferences import Pace, PreferenceProblem
from workflow.domain.moves.attention import Concern
from workflow.domain.obstacles import ObstacleReason
from workflow.domain.papers.rules import PaperAction
from workflow.domain.reported import BounceClass, ReportSource
from workflow.domain.route.differences import DifferenceKind
from workflow.domain.time.days import YearState
from workflow.domain.time.parties import Party, Pause
from workflow.domain.time.reasons import DueBasis
from workflow.domain.vocabulary import (
    ATTEST,
    MORE_TIME,
    NUDGE,
    REPLAN,
    BuiltIn,
    CourtesyAction,
    MailState,
    NoticeKind,
    PaperKind,
    Recipient,
    ReturnStatus,
    Role,
    RoundDate,
    RungKind,
    Stage,
    SubjectKind,
    UpperOutcome,
    VoteResult,
)
from workflow.imports.reading.columns import ImportKind
from workflow.operations.foresight.coming import Cause
from workflow.operations.foresight.impact import StepImpact
from workflow.queries.board.board import Show
from workflow.queries.board.outlook import Risk
from workflow.queries.inbox.filters import Due, InboxFilters, InboxFlag
from workflow.queries.inbox.looks import Tab
from workflow.queries.inbox.narrow import HolderWord
from workflow.queries.inbox.rows import WhyKind
from workflow.queries.nominations.nominations import Flag, Order
from workflow.queries.progress import Progress
from workflow.queries.submissions.submissions import ListStatus
from workflow.queries.waiting.measures import TimeKind
from workflow.words.catalogue import LOCALES

# English stands in the rules; test_refusal_words.py and test_paper_rules.py ask for the other language.
ENGLISH_IN_RULES = ("refusal.", "paper.name_")
FOLDERS = ("api", "workflow/words", "workflow/queries")
NO_WORDS_IN = ("api", "workflow/queries")
VIETNAMESE_LETTERS = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9áàãéèíìĩóòõúùũýÁÀÃÉÈÍÌĨÓÒÕÚÙŨÝ]")
# Keys that are put together while a page is made, with everything that can be put in.
STEPS = (
    *("units", "people", "accounts", "definitions", "awards", "days", "round", "nomination", "decision"),
)
THINGS = ("units", "people", "accounts", "tokens", "definitions", "awards", "days", "rounds", "imports")
MADE: Mapping[str, Iterable[str]] = {
    "my_mails": ("digest_at", "quiet_from", "quiet_until", *PreferenceProblem),
    "my_mails.pace_": Pace,
    "decide": ("apart", "clean"),
    "decide.look_": Concern,
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
        "away",
        "answered",
        "set_aside",
    ),
    "absence.state_": ("now", "coming", "over", "ended"),
    "work.why_": WhyKind,
    "work.group_": Due,
    "inbox.tab_": Tab,
    "inbox.empty_": [tab for tab in Tab if tab is not Tab.ALL],
    "inbox.holder_": [word for word in HolderWord if word is not HolderWord.ONE],
    "inbox.flag_": InboxFlag,
    "inbox": [one.name for one in fields(InboxFilters) if one.name != "state"],
    "nominations.flag_": Flag,
    "nominations.order_": Order,
    "progress": Progress,
    "board.show_": Show,
    "board.status_": ReturnStatus,
    "board_text.risk_": Risk,
    "board_text.count_": [progress for progress in Progress if progress is not Progress.PROPOSED],
    "board_csv.count_": Progress,
    "paper.help_": PaperKind,
    "action": (*BuiltIn, *PaperAction, *RungKind, *CourtesyAction, ATTEST, MORE_TIME, NUDGE, REPLAN),
    "nomination.subject_": SubjectKind,
    "dead.kind_": (*RungKind, "unreadable"),
    "dead.bounce_": BounceClass,
    "escalations.refused_": ("own_work", "own_subject", "held_before"),
    "dead.learned_": ReportSource,
    "clusters.how_": Headed,
    "submissions.status_": ListStatus,
    "submissions.vote_": VoteResult,
    "votes": (
        *COLUMNS,
        *("line_columns", "line_no_file", "line_other_name", "line_no_name", "line_two_names", "line_twice"),
    ),
    "round.date_": RoundDate,
    "round.status_": ReturnStatus,
    "round.warning_": ("passes_upper", "out_of_order", "earlier", "in_the_past", "already_done", "own_unit"),
    "move.outcome_": UpperOutcome,
    "form": (
        "future",
        "required",
        "unreadable",
        "not_in_list",
        "paper_day",
        "votes_differ",
    ),
    "clocks": ("not_started", "running", *Pause, "ended", "ended_incomplete", "on_hold"),
    "clocks.party_": Party,
    "bottlenecks.explained_": TimeKind,
    "due_why": (
        *DueBasis,
        *RoundDate,
        YearState.ESTIMATED,
        YearState.ABSENT,
        *("working_day", "working_days", "calendar_day", "calendar_days"),
        *("skipped", "days_off", "run", "list_and", "worked", "months", "first"),
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
    "nudge.kind_": (*RungKind, NUDGE),
    "obstacles.reason_": ObstacleReason,
    "obstacles.why_": ObstacleReason,
    "obstacles": [f"{word}_{end}" for word in ("because", "day", "do") for end in ("extend", "plan_session")],
    "impact.kind_": DifferenceKind,
    "imports.kind_": ImportKind,
    "imports.field_": (
        *("person", "owner", "kind", "members", "name_vi", "name_en", "subject_kind", "workflow_key"),
    ),
    "import_said": [key.removeprefix("import_said.") for key in catalogue("en") if "import_said." in key],
    "admin": [f"{word}_{step}" for word in ("step", "help") for step in STEPS],
    "admin.thing_": THINGS,
    "accounts": ("name", "email", "person"),
    "admin.year_": YearState,
    "accounts.locale_": ("vi", "en"),
    "accounts.place_": ("unit", "council", "cluster"),
    "impact.count_": [one.name for one in fields(StepImpact) if one.name not in {"step", "is_gone"}],
    "forecast.why_": {
        *(f"{word}{at}" for word in ("around", *Recipient) for at in ("", "_at")),
        *(cause for cause in Cause if cause is not Cause.RUNG),
    },
}


def made():
    return {f"{base}{'' if base.endswith('_') else '.'}{end}" for base, ends in MADE.items() for end in ends}


def base_of(key):
    """Return the key a page names; of a counted text it names neither one nor several."""
    return re.sub(r"\.(one|other)$", "", key)


def words(locale):
    """Return the words of a language with those it has in common with the other."""
    return {key: text for key, text in catalogue(locale).items() if not key.startswith(ENGLISH_IN_RULES)}


def source():
    files = [path for name in FOLDERS for kind in ("*.py", "*.html") for path in (ROOT / name).rglob(kind)]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def parts(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_words():
    vietnamese, english = (set(map(base_of, words(locale))) for locale in LOCALES)
    assert vietnamese == english


def test_both_languages_fill_in_the_same_parts():
    told = [
        {base_of(key): parts(text) for key, text in words(locale).items() if not key.endswith(".one")}
        for locale in LOCALES
    ]
    assert told[0] == told[1]


def test_every_word_is_shown_somewhere():
    text, built = source(), made()
    unused = [
        key
        for key in map(base_of, words("vi"))
        if key not in built and not re.search(rf'["\']{key}["\']', text)
    ]
    assert unused == []


@pytest.mark.parametrize("key", sorted(made()))
def test_every_word_put_together_exists(key):
    assert key in map(base_of, catalogue("vi"))


def test_every_word_a_page_asks_for_exists():
    asked = set(
        re.findall(
            r"""(?:\bt\(|\bsay\(\s*(?:locale|current_locale\(\)),\s*|(?:own_w|W)ords\()["']([\w.]+)["']\s*[,)]""",
            source(),
        )
    )
    known = set(map(base_of, catalogue("vi")))
    assert asked - known == set()
    assert len(asked) > 100


def test_no_key_is_written_twice():
    for package in ("api", "workflow"):
        for locale in LOCALES:
            files = sorted((ROOT / package / "words" / locale).iterdir())
            keys = [key for file in files for key in keys_of(yaml.compose(file.read_text(encoding="utf-8")))]
            assert [key for key, count in Counter(keys).items() if count > 1] == []


def keys_of(node, above=""):
    """Yield every key of a table as it stands in the file, where the same one can stand twice."""
    for name, value in node.value:
        if isinstance(value, yaml.MappingNode):
            yield from keys_of(value, f"{above}{name.value}.")
        else:
            yield f"{above}{name.value}"


def test_no_word_on_a_screen_stands_in_python():
    files = [path for folder in NO_WORDS_IN for path in (ROOT / folder).rglob("*.py")]
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in files
        for text in strings_of(ast.parse(path.read_text(encoding="utf-8")))
        if VIETNAMESE_LETTERS.search(text)
    }
    assert found == set()
    assert len(files) > 100


def strings_of(module):
    """Return every string of a module but the sentences that explain it."""
    explained = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained
    ]


def test_a_word_in_python_would_be_found():
    assert strings_of(ast.parse('"""Tờ trình."""\nNAME = f"Đơn vị {x}"')) == ["Đơn vị "]


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
