"""The shipped definitions and the facts of an imagined nomination, for tests of the pure rules."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from workflow.domain.checking.checking import load
from workflow.domain.facts import Facts, Seats, SignedDocument
from workflow.domain.route.definition import Definition
from workflow.domain.route.role_at import Owner, RoleAt
from workflow.domain.vocabulary import SubjectKind

FOLDER = Path(__file__).parents[2] / "workflow" / "definitions"
SHIPPED = ("annual", "standard", "simplified", "declaration")


def text_of(key: str) -> str:
    """Return the file of a shipped definition."""
    return (FOLDER / f"{key}.yaml").read_text(encoding="utf-8")


@cache
def shipped(key: str) -> Definition:
    """Return a shipped definition."""
    return load(text_of(key), f"{key}.yaml")


def role_of(by: RoleAt | Owner) -> str:
    """Return the role whose move it is; one of whoever owns its step names none, and fails."""
    assert isinstance(by, RoleAt), by
    return by.role


COMPLETE = Facts(
    nomination_id=1,
    state="draft",
    version=1,
    is_held=False,
    is_closed=False,
    seats=Seats("unit:VKS-01", "unit:VKS", "cluster:2026/VKS/1", "council:VKS", "unit:VKS"),
    unit_id=1,
    audience=frozenset(),
    created_by=1,
    subject_kind=SubjectKind.PERSON,
    subject_person_id=7,
    has_subject=True,
    has_award=True,
    has_achievement=True,
    has_proposer=True,
    owner_key=None,
    assignee_id=None,
    actor_is_subject=False,
    submission=SignedDocument("12/TTr-VKS", date(2026, 6, 1), "Viện trưởng"),
)


def facts(state: str, **others: Any) -> Facts:
    """Return a complete dossier about a person in that state, differing in what is named."""
    return replace(COMPLETE, state=state, **others)
