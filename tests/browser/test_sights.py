"""What is looked at is every page there is; exceptions and names say nothing that is not there."""

from typing import Any

from flask import Response
from sqlalchemy import create_engine

from api.wsgi import create_app
from tests.browser.screenshots import ORDER, SIGHTS, named_endpoints
from tests.browser.sights import BY_LINK, Sight, fullest, is_answer, is_file, page_routes
from workflow.settings import Settings
from workflow.store.database import make_sessions

FOR_PROGRAMS = (
    "/api/",
    "/bootstrap/static",
    "/docs/static",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/readyz",
)


def application():
    nowhere = make_sessions(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing"), timezone="UTC")
    return create_app(Settings(secret_key="x" * 32), sessions=nowhere)


def test_no_address_is_left_out_but_files_answers_what_is_for_programs_and_what_only_a_link_opens():
    app = application()
    shown = {rule.endpoint for rule in page_routes(app)}
    rest = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint not in shown]
    rest = [rule for rule in rest if not is_answer(rule)]
    assert [rule.rule for rule in rest if not is_file(rule) and not rule.rule.startswith(FOR_PROGRAMS)] == []
    assert (named_endpoints(app) | BY_LINK) <= shown
    assert set(SIGHTS) <= set(ORDER)


def test_what_is_looked_at_is_neither_a_file_nor_for_programs():
    shown = {rule.rule for rule in page_routes(application())}
    assert {"/docs", "/styleguide", "/audit", "/admin/letters/<kind>"} <= shown
    assert not {"/audit.csv", "/admin/people.xlsx", "/admin/letters/<kind>/html", "/openapi.json"} & shown


class Door:
    """Opens pages that are told beforehand; one that is not told is closed."""

    def __init__(self, **pages: str) -> None:
        self.pages = pages

    def open(self, path):
        there = self.pages.get(path)
        return Response(there or "", status=404 if there is None else 200, mimetype="text/html")


def test_a_page_is_looked_at_where_it_has_something_to_show_and_empty_only_if_it_is_so_everywhere():
    none, some = '<div class="empty">Không có việc nào.</div>', "<ul><li>Một việc</li></ul>"
    doors: Any = {"reviewer": Door(one=none, two=none), "head": Door(two=some)}
    one, two, theirs = Sight("x", "one", "reviewer"), Sight("x", "two", "reviewer"), Sight("x", "two", "head")
    shut = Sight("x", "one", "head")
    assert fullest(doors, [shut, one, two, theirs]) is theirs
    assert fullest(doors, [shut, one, two]) is one
    assert fullest(doors, [shut]) is None
