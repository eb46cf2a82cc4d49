"""Each form of a page beside what a program sends for the same: one request in two spellings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient

from tests.support.hostile import replaced
from tests.support.interface import Interface
from tests.support.office import AG, DT, ROUND, TOP
from tests.support.pages import BASE, seen

_WHOLE = re.compile("-?[0-9]{1,20}")
PAPER = {"number": "12/TTr-VKS", "signed_on": "2026-02-27", "signer": "Phạm Thị Hoa"}
OPTIONAL = frozenset(
    {
        *(
            "assignee_id",
            "campaign",
            "dates.unit_deadline",
            "decision.counts.blank",
            "deputy",
            "directive_on",
        ),
        *("from", "occurred_on", "outcome", "parent", "period_from", "period_to", "person", "previous"),
        *("reason_code", "signed_on", "state", "to_step"),
    }
)
# Fields that nobody sees: what is wrong with them is said above the form.
UNSEEN = frozenset({"version", "previous"})
UNREADABLE = frozenset({400, 422})


@dataclass(frozen=True)
class Twin:
    """What a program sends (`body`, by place and field) and the form of a page that says the same.

    `fields` are the places of the body, as in `decision.number`, with what the form calls each; `beside` the
    rest of the form. `is_shown` says whether the page names every wrong field, `is_once` that its page has no
    form any more once that was done.
    """

    name: str
    part: str
    method: str
    path: str
    body: dict[str, Any]
    page: str
    fields: Mapping[str, str]
    beside: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_shown: bool = True
    is_multipart: bool = False
    is_once: bool = False

    def __str__(self) -> str:
        return self.name

    def form(self) -> dict[str, Any]:
        """Return the form that says what the body says."""
        return {**self.beside, **{name: typed(at(self.body, place)) for place, name in self.fields.items()}}

    def name_of(self, place: str) -> str:
        """Return what the form calls the field that an answer to a program names, of lists the whole list."""
        parts = place.split(".")
        paths = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
        return next((self.fields[path] for path in paths if path in self.fields), place)

    def spelled(self, place: str, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return body and form with a text at one place: a number where one belongs and the text is one."""
        now = at(self.body, place)
        value: Any = [text] if isinstance(now, list) else text
        if isinstance(now, int) and _WHOLE.fullmatch(text):
            value = int(text)
        if isinstance(now, list) and now and isinstance(now[0], int) and _WHOLE.fullmatch(text):
            value = [int(text)]
        steps = tuple(int(step) if step.isdigit() else step for step in place.split("."))
        body = replaced(self.body, steps, value)
        if place in OPTIONAL - self.required and not text.strip():
            # What is left empty is nothing, of which a program does not speak.
            del at(body, place.rpartition(".")[0])[steps[-1]]
        form = {**self.form(), self.fields[place]: value if isinstance(value, list) else text}
        return body, form


def at(body: Any, place: str) -> Any:
    """Return what stands at a place of a body."""
    for step in filter(None, place.split(".")):
        body = body[int(step)] if step.isdigit() else body[step]
    return body


def typed(value: Any) -> Any:
    """Return a value as a form carries it."""
    return [str(one) for one in value] if isinstance(value, list) else "" if value is None else str(value)


class _Marked(HTMLParser):
    """Reads which fields of a page are marked as wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("aria-invalid") == "true":
            self.names.add(given.get("name") or "")
        if (wrong := given.get("data-wrong")) is not None:
            self.names.add(wrong)


@dataclass(frozen=True)
class Verdict:
    """An answer: its status, whether what was sent could not be read, which of the form's fields it names."""

    status: int
    is_refused: bool
    names: frozenset[str]


def by_program(interface: Interface, twin: Twin, body: dict[str, Any] | bytes) -> Verdict:
    """Send a body; a rule that says no has reasons, and names no field."""
    request: dict[str, Any] = {"json": body}
    if isinstance(body, bytes):
        request = {"data": body, "content_type": "application/json"}
    elif twin.is_multipart:
        request = {"data": body, "content_type": "multipart/form-data"}
    answer = interface.call(twin.part, twin.method, twin.path, **request)
    errors = answer.json.get("errors", ()) if answer.status_code in UNREADABLE else ()
    names = frozenset(twin.name_of(error["field"]) for error in errors)
    return Verdict(answer.status_code, bool(errors) or answer.status_code == 400, names)


def on_page(
    client: FlaskClient, token: str, twin: Twin, form: Mapping[str, Any], *, name: str = ""
) -> Verdict:
    """Send a form, and read which fields the page marks as wrong; `name` is the one that is spoiled."""
    kind = {"content_type": "multipart/form-data"} if twin.is_multipart else {}
    answer = seen(client, client.post(twin.page, data={**form, "csrf_token": token}, base_url=BASE, **kind))
    marked = _Marked()
    is_refused = answer.status_code in UNREADABLE
    if is_refused:
        marked.feed(page := answer.get_data(as_text=True))
        # What comes no further than the gate knows no page to be shown on.
        is_said_above = not twin.is_shown or name in UNSEEN or "invalid-field" in page
        is_refused = bool(marked.names) or is_said_above
    return Verdict(answer.status_code, is_refused, frozenset(marked.names))


def twins(interface: Interface, *, cluster_id: int, rows: Mapping[str, str]) -> Iterator[Twin]:
    """Furnish what the forms are about, and give each with its twin. `rows` are the fields of NV05's row."""
    yield from _of_the_office(interface, cluster_id)
    yield from _of_units(interface, rows)


def _of_the_office(interface: Interface, cluster_id: int) -> Iterator[Twin]:
    movement = {"code": "PT-2026", "title": "Thi đua", "year": 2026, "owner": TOP}
    assert interface.post("admin", "/campaigns", movement).status_code == 201
    opening = {"code": "2027", "title": "Đợt", "year": 2027, "owner": TOP, "units": [AG]}
    opening["dates"] = {"unit_deadline": "2026-10-30"}
    assert interface.post("admin", "/rounds", opening).status_code == 201
    words = {"directive_number": "1/CT", "directive_on": "2026-01-05"}
    movement |= {"parent": None, **words}
    yield Twin("launch a movement", "admin", "POST", "/campaigns", movement, "/campaigns/new", same(movement))
    change = {"title": "Thi đua", "year": 2026, "parent": None, **words}
    path = "/campaigns/PT-2026"
    yield Twin("change a movement", "admin", "PATCH", path, change, f"{path}/edit", same(change))
    cluster = {"year": 2026, "owner": TOP, "number": 1, "name": "Cụm", "members": [AG, DT], "kind": "block"}
    yield Twin("make a cluster", "admin", "POST", "/clusters", cluster, "/clusters/new", same(cluster))
    change = {"name": "Cụm", "kind": "block", "members": [AG, DT]}
    path = f"/clusters/{cluster_id}"
    yield Twin("change a cluster", "admin", "PATCH", path, change, f"{path}/edit", same(change))
    officers = {"head": DT, "deputy": AG, "how": "appointed", "from": "2026-01-05"}
    places = {**same(officers), "from": "since"}
    yield Twin(
        "officers", "admin", "POST", f"{path}/actions/set_officers", officers, f"{path}/officers", places
    )
    opened = {"year": 2027, "owner": TOP, "how": "appointed", "from": "2027-01-05"}
    page = f"/clusters/rotation?owner={TOP}&year=2027"
    places = {"how": "how", "from": "since"}
    yield Twin("open a year", "admin", "POST", "/clusters/rotation", opened, page, places, is_once=True)
    bar = {"unit": DT, "year": 2025, "reason": "Kỷ luật."}
    yield Twin("bar a unit", "admin", "POST", "/clusters/barred", bar, "/clusters/barred", same(bar))
    round_ = {"code": "2027", "title": "Đợt", "year": 2027, "owner": TOP, "campaign": "PT-2026"}
    round_ |= {"period_from": "2026-01-01", "period_to": "2026-12-31", "previous": ROUND}
    places = {**same(round_), "dates.unit_deadline": "unit_deadline"}
    round_["dates"] = {"unit_deadline": "2027-10-30"}
    yield Twin("open a round", "admin", "POST", "/rounds", round_, "/rounds/new", places)
    move = {"date": "unit_deadline", "day": "2026-11-30", "reason": "Bão.", "units": [AG], "preview": True}
    places = {"date": "name", "day": "day", "reason": "reason", "units": "units"}
    path = "/rounds/2027"
    yield Twin("extend", "supervisor", "POST", f"{path}/actions/extend", move, f"{path}/extend", places)


def _of_units(interface: Interface, rows: Mapping[str, str]) -> Iterator[Twin]:
    draft = interface.drafted()
    row = {"person": "NV05", "awards": ["CSTDCS"], "achievement": "", "proposer": ""}
    listed = interface.post("nominator", "/submissions", {"round": ROUND, "unit": AG, "rows": [row]}).json
    paper, on_list = listed["submissions"][0]["id"], listed["rows"][0]["nominations"][0]["nomination"]
    path = f"/rounds/2027/returns/{AG}/answer"
    needs = frozenset({"signed_on"})
    yield Twin(
        "answer nothing", "nominator", "POST", path, PAPER, path, same(PAPER), required=needs, is_shown=False
    )
    new = {"round": ROUND, "award": "CSTDCS", "unit": AG, "person": "NV04", "proposer": "Bích"}
    yield Twin("draft", "nominator", "POST", "/nominations", new, "/nominations/new", same(new))
    change = {"version": 0, "achievement": "Tốt.", "proposer": "Bích"}
    path = f"/nominations/{draft}"
    yield Twin("change a draft", "nominator", "PATCH", path, change, f"{path}/edit", same(change))
    yield from _actions(path, on_list, paper)
    compose = {
        "round": ROUND,
        "unit": AG,
        "rows": [{**row, "achievement": "Tốt.", "proposer": "Bích"}],
        **PAPER,
    }
    places = {
        **same(PAPER),
        **{f"rows.0.{name}": rows[name] for name in ("awards", "achievement", "proposer")},
    }
    beside = {"round": ROUND, "unit": AG, rows["code"]: "NV05"}
    path = "/submissions"
    yield Twin("compose a list", "nominator", "POST", path, compose, f"{path}/new", places, beside)
    change = {"version": 1, **PAPER, "reason": "Nhầm."}
    places = {name: name for name in change if name != "reason"}
    path = f"/submissions/{paper}"
    yield Twin("write on a paper", "nominator", "PATCH", path, change, f"{path}/paper", places)
    stub = {"kind": "achievement_report", "secret_number": "1/M", "secret_place": "Phòng 2"}
    places, path = same(stub), f"/nominations/{draft}"
    yield Twin(
        "note a secret paper", "nominator", "POST", f"{path}/attachments", stub, f"{path}/papers", places,
        is_shown=False, is_multipart=True,
    )  # fmt: skip


def _actions(path: str, on_list: int, paper: int) -> Iterator[Twin]:
    """Give the actions, at a version that has passed: what can be read is answered by the rules."""
    decision = {"number": "1/QĐ", "decided_on": "2026-03-01", "signer": "Tâm"}
    counts = {"members": 9, "in_favour": 9, "against": 0, "blank": 0}
    told = {"version": 77, "comment": "Được.", "reason_code": "other", "to_step": "draft"}
    told |= {"occurred_on": "2026-03-01", "outcome": "awarded", "assignee_id": 1}
    places = {**same(told), "occurred_on": "voted_on"}
    told["decision"] = {**decision, "counts": counts}
    places |= {f"decision.{name}": f"decision_{name.removeprefix('decided_')}" for name in decision}
    places |= {f"decision.counts.{name}": f"vote_{name}" for name in counts}
    act = f"{path}/actions/submit"
    asked = frozenset({"assignee_id"})
    yield Twin("act", "nominator", "POST", act, told, act, places, required=asked, is_shown=False)
    scan = "019cac46-1500-75bb-88ef-adb1fb79edab"
    done = {"on_behalf_of": f"head@unit:{AG}", "number": "1/QĐ", "signed_on": "2026-03-01", "signer": "Hoa"}
    names = {"on_behalf_of": "of", "signed_on": "on"}
    places = {f"on_paper.{name}": f"paper_{names.get(name, name)}" for name in (*done, "scan")}
    told = {"version": 77, "occurred_on": "2026-03-01", "on_paper": {**done, "scan": scan}}
    beside = {"version": "77"}
    yield Twin(
        "enter a step done on paper", "nominator", "POST", act, told, act, places, beside, is_shown=False
    )
    told = {"version": 77, "comment": "Được.", "state": "draft", "nominations": [on_list]}
    places = {**same(told), "nominations": "names"}
    act = f"/submissions/{paper}/actions/submit"
    yield Twin("act on a list", "nominator", "POST", act, told, act, places, is_shown=False)


def same(body: Mapping[str, Any]) -> dict[str, str]:
    """Return each field under its own name."""
    return {name: name for name in body}
