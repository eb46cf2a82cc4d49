"""The edge as it is really put together: every door says who may come in, every error is a problem."""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine

import api.pages
from api import cli
from api.permissions import Permission, permission_of
from api.problems import PROBLEM_TYPE, problem_of
from api.wording import title_of
from api.wsgi import create_app
from tests.architecture.test_refusals import REFUSALS
from workflow.settings import Settings
from workflow.store.database import make_sessions
from workflow.words.catalogue import LOCALES

_OWN_PATH = re.compile(r"\brequest\.(?:full_)?path\b")
# Who needs no account: people signing in, programs that ask whether we live, readers of the manual.
OPEN_DOORS: dict[str, str] = {
    "bootstrap.static": "style sheets",
    "docs.read_docs": "the manual of the interface holds no data",
    "docs.static": "its style sheet and script",
    "health.healthz": "says that the process lives",
    "health.readyz": "says whether it can be trusted with work; ages and counts, no names",
    "metrics.scrape": "asks for a token of its own, which no account has",
    "openapi.spec": "the description of the interface holds no data",
    "reference.feed": "whoever holds the secret address of a feed",
    "pages.follow_link": "an address in a letter: the number of a file to whoever is not asked by it",
    "pages.code_page": "as above; where that code is entered",
    "pages.ask_for_code": "whoever has such an address; a code goes to its reader alone, and few an hour",
    "pages.enter_with_code": "whoever has the code: five tries, then never",
    "pages.act_with_code": "whoever entered one, for that one action",
    "pages.end_with_code": "the way out of it",
    "pages.choose_language": "a guest reads in a language too",
    "pages.check_sign_in": "the form behind the sign-in page; guessing slows down",
    "pages.set_password": "whoever holds the one-time link",
    "pages.password": "as above",
    "pages.sign_in": "the way in",
    "pages.sign_out": "the way out, also of a session that has ended",
    "pages.static": "our own style sheet",
    "pages.ask_information_off": "whoever has a signed address of a mail of information; changes nothing",
    "pages.switch_off": "the same, or their mail program; it can do nothing else, and its owner undoes it",
}


def make_app():
    """Build the real application over a database that is not there: whoever asks it anything gets a 503."""
    nowhere = make_sessions(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing"), timezone="UTC")
    app = create_app(Settings(secret_key="x" * 32), sessions=nowhere)
    app.testing = True
    return app


APP = make_app()
RULES = sorted(APP.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods)))
CLOSED_DOORS = [
    pytest.param(rule, method, id=f"{method} {rule.rule}")
    for rule in RULES
    for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    if rule.endpoint not in OPEN_DOORS
]


_UUIDS = {"attachment_id", "comment_id", "mail_id", "escalation_id", "work_item_id"}


def address(rule):
    """Return an address that the rule matches, with a plausible value for each of its parts."""
    values = dict.fromkeys(rule.arguments, "1") | dict.fromkeys(
        (name for name in rule.arguments if name in _UUIDS),
        UUID(int=1),
    )
    with APP.test_request_context():
        return APP.url_map.bind("localhost").build(rule.endpoint, values, method=None)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule)
def test_every_route_declares_who_may_come_in(rule):
    assert permission_of(APP.view_functions[rule.endpoint]) is not None


def test_the_open_doors_are_the_ones_we_know():
    declared = {
        rule.endpoint
        for rule in RULES
        if permission_of(APP.view_functions[rule.endpoint]) is not Permission.SIGNED_IN
    }
    assert declared == set(OPEN_DOORS)


@pytest.mark.parametrize(("rule", "method"), CLOSED_DOORS)
def test_a_stranger_is_turned_away_before_anything_is_asked_of_the_database(rule, method):
    answer = APP.test_client().open(address(rule), method=method)
    if rule.rule.startswith("/api/"):
        assert answer.status_code == 401
        assert answer.content_type == PROBLEM_TYPE
    elif method == "GET":
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in")
    else:
        assert answer.status_code in {400, 401, 403}


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_becomes_a_problem_with_its_own_code(kind):
    problem = problem_of(kind("A sentence."))
    assert (problem.status, problem.code) == (kind.status, kind.code)


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_title_in_every_language(kind):
    titles = {title_of(kind.code, kind.title, locale) for locale in LOCALES}
    assert len(titles) == len(LOCALES)


def test_no_page_asks_for_the_path_of_a_request_but_by_what_knows_where_the_site_lies():
    pages = Path(api.pages.__file__).parent
    asks = {file.name for file in pages.rglob("*.*") if _OWN_PATH.search(file.read_text(errors="ignore"))}
    assert asks == {"where.py"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/nothing-here", 404), ("DELETE", "/openapi.json", 405)],
)
def test_what_no_route_takes_is_a_problem_too(method, path, status):
    answer = APP.test_client().open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == PROBLEM_TYPE
    assert {"type", "title", "status", "detail", "code"} <= set(json.loads(answer.data))


def test_an_error_nobody_expected_says_nothing_of_what_it_was():
    problem = problem_of(RuntimeError("password=hunter2"))
    assert problem.status == 500
    assert "hunter2" not in f"{problem.title} {problem.detail}"


@pytest.mark.parametrize("name", sorted(cli.commendo.list_commands(None)))
def test_every_command_of_the_table_can_be_loaded_and_explains_itself(name):
    result = CliRunner().invoke(cli.commendo, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 3
