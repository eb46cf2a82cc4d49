"""The look has one home: colours and sizes are named once, and every page speaks their names."""

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[2] / "api" / "pages" / "static"
TEMPLATES = Path(__file__).parents[2] / "api" / "pages" / "templates"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|:\s*(?:white|black|red|green|blue|gr[ae]y)\b")
SIZES = {"1rem", "inherit", "var(--size-small)", "var(--size-lead)", "var(--size-title)"}
LONGEST = 300


@pytest.fixture(params=[sheet.name for sheet in sorted(STYLES.glob("*.css"))])
def sheet(request: pytest.FixtureRequest) -> Path:
    return STYLES / str(request.param)


def selectors_of(sheet: str) -> list[str]:
    """Return what stands before each rule of a sheet, without the rules of media and the like."""
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return [one for one in re.findall(r"([^{};]+)\{", bare) if not one.strip().startswith("@")]


def parts_of(selector: str) -> list[str]:
    """Return the parts of a selector's list; a comma within brackets parts nothing."""
    parts, depth = [""], 0
    for letter in selector:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def test_colours_are_named_in_one_file_so_that_dark_and_paper_reach_them(sheet: Path) -> None:
    if sheet.name != "base.css":
        assert COLOUR.findall(sheet.read_text(encoding="utf-8")) == [], "say it with a name of base.css"


def test_letters_have_four_sizes(sheet: Path) -> None:
    found = set(re.findall(r"font-size:\s*([^;}]+)", sheet.read_text(encoding="utf-8")))
    assert found <= SIZES


def test_a_sheet_stays_short_enough_to_read(sheet: Path) -> None:
    assert len(sheet.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_what_an_old_browser_does_not_know_stands_in_a_rule_of_its_own(sheet: Path) -> None:
    """A browser drops a whole rule for one part that it cannot read (`:has` in Firefox before 121)."""
    found = [
        " ".join(selector.split())
        for selector in selectors_of(sheet.read_text(encoding="utf-8"))
        if len({":has(" in one for one in parts_of(selector)}) > 1
    ]
    assert found == []


def test_every_name_that_a_sheet_speaks_is_given_in_base() -> None:
    given = set(re.findall(r"(--[a-z0-9-]+):", (STYLES / "base.css").read_text(encoding="utf-8")))
    spoken = {
        name
        for sheet in STYLES.glob("*.css")
        for name in re.findall(r"var\((--[a-z0-9-]+)", sheet.read_text(encoding="utf-8"))
    }
    assert {name for name in spoken if not name.startswith("--bs-")} <= given


def test_no_page_brings_a_style_of_its_own() -> None:
    pages = TEMPLATES.rglob("*.html")
    assert [
        page.name for page in pages if re.search(r"<style|\sstyle=", page.read_text(encoding="utf-8"))
    ] == []


def test_every_form_and_link_says_where_it_leads() -> None:
    """A page that answers a form has another address than the page of the form (docs/adr/0103)."""
    # Their forms are answered in place, or go nowhere.
    alone = {"password.html", "styleguide.html"}
    found = [
        f"{path.name}: {tag}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.name not in alone
        for tag in re.findall(
            r"<form\b(?:\{\{.*?\}\}|[^>])*>|href=[\"'][?.][^\"']*", path.read_text(encoding="utf-8")
        )
        if not re.search(r"action=\"\{\{", tag)
    ]
    assert found == []


def test_a_browser_that_translates_leaves_names_and_codes_as_they_are():
    """Whoever has a Vietnamese page put into English would read another name, a word for a word."""
    a_name = r"<(?:a|h1)\b(?=[^>]*(?:%s)|(?<=h1))(?:\{\{.*?\}\}|[^>])*>\{\{ [a-z_.]+\.(?:name|subject) \}\}</"
    theirs = r"pages\.(?:nomination|late|person|staff_member|account|absence)'"
    found = [
        f"{path.name}: {tag}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.name != "styleguide.html"
        for tag in re.findall(rf"<code\b[^>]*>|{a_name % theirs}", path.read_text(encoding="utf-8"))
        if 'translate="no"' not in tag and not re.search(r"\{\{ (?:unit|cluster|letter)\.", tag)
    ]
    assert found == []
