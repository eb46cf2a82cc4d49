"""NUL, digits that are none, days without a morrow, in every page and every form: no error of ours."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import api.pages
from tests.support.hostile import NUL, TEXTS, address
from tests.support.interface import DRAFT, Interface
from tests.support.office import AG, ROUND, TOP
from tests.support.pages import BASE, Browser, browser, give_passwords
from tests.support.papers import sent
from workflow.store.organisation import Cluster

PEOPLE = {"nominator": "nv01", "reviewer": "nv02", "supervisor": "nv23", "admin": "nv24"}
SOURCES = sorted(Path(api.pages.__file__).parent.rglob("*.py"))
ASKED = re.compile(
    r"""(?:request\.args(?:\.get(?:list)?\(|\[)|_word\(|number_asked\(|word_asked\(\w+, )["']([a-z_]+)["']"""
)
# What the sources read by a loop, and not by a name that stands there.
LOOPED = {"stage", "state", "unit", "round", "award", "q", "flag", "progress", "order", "like", "status"}
ENDS_THE_SESSION = ("/sign-out",)


class Fields(HTMLParser):
    """Reads each form of a page: its address, its method and every field with a value that it may send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self.links: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self.forms.append((given.get("action", ""), given.get("method", "get").lower(), {}))
        elif self.forms and tag in {"input", "textarea", "select", "button"} and given.get("name"):
            self._select = given["name"] if tag == "select" else ""
            self.forms[-1][2][given["name"]] = given.get("value", "")
        elif self.forms and tag == "option" and self._select and given.get("value"):
            self.forms[-1][2][self._select] = given["value"]


@pytest.fixture
def known(interface: Interface, session) -> dict[str, str]:
    """Furnish one of everything and say what each part of an address may be."""
    give_passwords(session)
    nomination_id = interface.drafted()
    row = {"person": "NV05", "awards": ["CSTDCS"]}
    made = interface.post("nominator", "/submissions", {"round": ROUND, "unit": AG, "rows": [row]})
    movement = {"code": "PT-2026", "title": "Thi đua", "year": 2026, "owner": TOP}
    assert interface.post("admin", "/campaigns", movement).status_code == 201
    days = {"unit_deadline": "2026-10-30"}
    opening = {"code": "2027", "title": "Đợt", "year": 2027, "owner": TOP, "dates": days, "units": [AG]}
    assert interface.post("admin", "/rounds", opening).status_code == 201
    paper = sent(interface, "nominator", f"/nominations/{nomination_id}/attachments")
    cluster_id = session.scalar(select(Cluster.id))
    session.rollback()
    return {
        "nomination_id": str(nomination_id),
        "submission_id": str(made.json["submissions"][0]["id"]),
        "paper_id": paper.json["items"][0]["id"],
        "attachment_id": paper.json["items"][0]["id"],
        "comment_id": paper.json["items"][0]["id"],
        "cluster_id": str(cluster_id),
        "round_code": "2027",
        "unit": AG,
        "unit_code": AG,
        "code": "PT-2026",
        "action": "submit",
        "locale": "en",
        "award": DRAFT["award"],
    }


@pytest.fixture
def seats(database, clock, known, tmp_path) -> dict[str, Browser]:
    """Seat somebody of each right before a browser."""
    found = {}
    for part, name in PEOPLE.items():
        found[part] = browser(database.sessions, clock, data_dir=tmp_path)
        assert found[part].sign_in(f"{name}@example.vn").status_code == 303
    return found


def addresses(app: Any, known: dict[str, str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give each page's method and address with its parts filled, and with each of its parts spoiled."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("pages.") or rule.rule in ENDS_THE_SESSION:
            continue
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield method, _filled(rule.rule, known, {}), {}
            for name, text in product(sorted(rule.arguments), TEXTS):
                yield method, _filled(rule.rule, known, {name: text}), {name: text}


def _filled(rule: str, known: dict[str, str], spoil: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return address(spoil.get(match[1], known.get(match[1], "x")))

    return re.sub(r"<(?:[^<>:]+:)?([a-z_]+)>", value, rule)


def query_names() -> list[str]:
    return sorted(LOOPED.union(*(ASKED.findall(path.read_text(encoding="utf-8")) for path in SOURCES)))


def check(answer: Any, told: object, faults: list[object]) -> None:
    if answer.status_code >= 500 or (
        answer.mimetype.startswith("text/") and NUL in answer.get_data(as_text=True)
    ):
        faults.append((answer.status_code, told))


def walk_addresses(seats: dict[str, Browser], known: dict[str, str], *, step: int) -> list[object]:
    faults: list[object] = []
    app = seats["admin"].client.application
    for number, (method, path, spoil) in enumerate(addresses(app, known)):
        if spoil and number % step:
            continue
        answer = seats["admin"].client.open(path, method=method, base_url=BASE)
        check(answer, (method, path[:200]), faults)
        if any(NUL in text for text in spoil.values()) and answer.status_code != 404:
            faults.append((answer.status_code, method, path))
    pages = sorted({path for method, path, spoil in addresses(app, known) if method == "GET" and not spoil})
    for path, name, text in islice(product(pages, query_names(), TEXTS), 0, None, step):
        answer = seats["supervisor"].client.get(f"{path}?{name}={address(text)}", base_url=BASE)
        check(answer, (path, name, text[:50]), faults)
        if NUL in text and answer.status_code not in {404, 422}:
            faults.append((answer.status_code, path, name, text))
    return faults


def walk_forms(seats: dict[str, Browser], known: dict[str, str], *, step: int) -> list[object]:
    """Send each form of each page with each of its fields spoiled, as everybody who is shown it."""
    faults: list[object] = []
    sent_forms: set[tuple[str, str, str]] = set()
    app = seats["admin"].client.application
    pages = sorted({path for method, path, spoil in addresses(app, known) if method == "GET" and not spoil})
    number = 0
    for (part, seat), path in product(seats.items(), pages):
        reader = Fields()
        answer = seat.client.get(path, base_url=BASE)
        reader.feed(answer.get_data(as_text=True) if answer.mimetype == "text/html" else "")
        for action, method, fields in reader.forms:
            target = action or path
            if target in ENDS_THE_SESSION or (part, target, method) in sent_forms:
                continue
            sent_forms.add((part, target, method))
            for name, text in product([*fields, "nobody_asked"], TEXTS):
                number += 1
                if name == "csrf_token" or number % step:
                    continue
                data = {**fields, name: text, "key": ""}
                request: dict[str, Any] = {"query_string": data} if method == "get" else {"data": data}
                answer = seat.client.open(target, method=method.upper(), base_url=BASE, **request)
                check(answer, (part, target, name, text[:50]), faults)
    assert len({target for _, target, _ in sent_forms}) > 15
    return faults


@pytest.mark.timeout(600)
def test_no_address_of_a_page_breaks(seats, known) -> None:
    assert walk_addresses(seats, known, step=97) == []


@pytest.mark.timeout(600)
def test_no_form_breaks(seats, known) -> None:
    assert walk_forms(seats, known, step=59) == []


# Each page meets each name, and each name each text: all of it would be a hundred and twenty thousand
# requests, which take longer than the hour they have.
@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_no_address_of_a_page_breaks_whatever_is_asked(seats, known) -> None:
    assert walk_addresses(seats, known, step=7) == []


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_no_form_breaks_whatever_is_sent(seats, known) -> None:
    assert walk_forms(seats, known, step=3) == []
