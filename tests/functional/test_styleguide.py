"""The page of every piece: in development alone, and no piece that pages share is missing from it."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.architecture.source import ROOT
from tests.support.pages import browser
from workflow.settings import Environment
from workflow.store.access import Account

TEMPLATES = ROOT / "api" / "pages" / "templates" / "pages"
SHARED = ("macros", "stages", "move_form", "papers", "decide_macros", "clocks", "changed")
# Parts of others, shown inside them.
PARTS = {
    "line",
    "vote_fields",
    "on_paper_fields",
    "move_fields",
    "paper_trouble",
    "hidden_parts",
    "not_kept",
    "not_kept_by",
    "file_parts",
    "kind_choice",
    "paper_line",
    "changed_since",
    "changed_papers",
    "pieces",
}
STANDINGS = ("late", "today", "soon", "later")


def test_every_piece_that_pages_share_is_shown():
    guide = (TEMPLATES / "styleguide.html").read_text(encoding="utf-8")
    texts = {name: (TEMPLATES / f"{name}.html").read_text(encoding="utf-8") for name in SHARED}
    pieces = {piece for text in texts.values() for piece in re.findall(r"\{% macro (\w+)\(", text)} - PARTS
    assert len(pieces) > 20
    shown = guide.partition("{% block content %}")[2]
    assert sorted(piece for piece in pieces if not re.search(rf"\b{piece}\(", shown)) == []


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_it_opens_in_both_languages_with_every_standing(desk, session, office, locale):
    session.execute(update(Account).values(locale=locale))
    session.commit()
    answer = desk("nv01@example.vn").open("/styleguide")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'<html lang="{locale}">' in page
    for standing in STANDINGS:
        assert f"chip-{standing}" in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_an_installation_that_matters_has_no_such_page(desk):
    reader = desk("nv01@example.vn")
    app = reader.client.application
    parts = app.extensions["commendo"]
    settings = parts.settings.model_copy(update={"env": Environment.PRODUCTION})
    app.extensions["commendo"] = replace(parts, settings=settings)
    assert reader.open("/styleguide").status_code == 404


def test_who_is_not_signed_in_is_sent_to_the_door(database, clock, office):
    assert browser(database.sessions, clock).open("/styleguide").status_code in {302, 303}
