"""What another version of a route would change, counted a part a press, with what was counted before."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from flask import request
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError

from api.catalogue import say
from api.edge import edge, request_now, request_session
from api.inputs.impact import ImpactRequest, ImpactView, read_impact
from api.pages.carry_out import carry_out
from api.pages.frame.seen_again import Page, a_look, answers
from api.pages.identity import current_actor, current_locale
from api.pages.refusals import said_beside
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.errors import InvalidDefinition, Refusal
from workflow.domain.route.definition import MOST_VERSIONS
from workflow.operations.foresight.impact import MOST_EXAMPLES, MovedWork, StepImpact
from workflow.operations.foresight.impact_parts import MOST_AT_ONCE, demand_publisher
from workflow.queries.reference import published_versions

_LONGEST_SUMS: Final = 200_000
_COUNTS: Final = tuple(one.name for one in fields(StepImpact) if one.name not in {"step", "is_gone"})


@dataclass(frozen=True, slots=True)
class ImpactSums:
    """What the parts so far come to; carried by the form, because it is nobody's but its reader's."""

    open_counted: int
    steps: tuple[StepImpact, ...]
    examples: tuple[MovedWork, ...]

    def plus(self, part: ImpactView) -> "ImpactSums":
        """Return these with another part."""
        found: dict[str, StepImpact] = {}
        for one in (*self.steps, *part.steps):
            there = found.setdefault(one.step, StepImpact(one.step))
            there.is_gone |= one.is_gone
            for name in _COUNTS:
                setattr(there, name, getattr(there, name) + getattr(one, name))
        examples = (*self.examples, *part.examples)[:MOST_EXAMPLES]
        return ImpactSums(self.open_counted + part.open_counted, tuple(found.values()), examples)

    @property
    def stranded(self) -> int:
        """How many open nominations stand in a step that the other version does not have."""
        return sum(one.open for one in self.steps if one.is_gone)


_NOTHING: Final = ImpactSums(0, (), ())
_SUMS: Final = TypeAdapter(ImpactSums)


@pages.get("/workflows/impact")
@permission(Permission.SIGNED_IN)
def route_impact() -> str:
    """Show the form that asks what another version would change."""
    return _page()


@answers("/workflows/impact", is_look=a_look)
@permission(Permission.SIGNED_IN)
def count_impact() -> Page:
    """Count a part and show it with those before."""
    demand_publisher(current_actor())
    return carry_out(_counted, done=lambda done: _page(*done), again=lambda refusal: _page(refusal=refusal))


def _counted() -> tuple[ImpactView, ImpactSums]:
    before_key, before = _version("before")
    _, after = _version("after")
    more: dict[str, object] = {"before": before, "after": after, "renamed": typed_renaming()}
    if after is not None:
        more["text"] = None
    if after is None and not request.form.get("text", "").strip():
        raise NotTaken({"after": say(current_locale(), "impact.choose_one")})
    asked = read_typed(
        ImpactRequest, request.form, more={**more, "cursor": request.form.get("cursor") or None}
    )
    found = read_impact(
        request_session(),
        actor=current_actor(),
        asked=asked.asked(before_key),
        now=request_now(),
        limit=MOST_AT_ONCE,
        cursor=asked.cursor,
    )
    return found, (_sums(asked.cursor) if asked.cursor else _NOTHING).plus(found)


def _version(name: str) -> tuple[str, int | None]:
    """Return the key and version that a field names, as KEY@VERSION; nothing where it is left empty."""
    key, _, version = request.form.get(name, "").strip().partition("@")
    is_number = version.isascii() and version.isdigit() and len(version) <= len(str(MOST_VERSIONS))
    if key and not is_number:
        raise NotTaken({name: say(current_locale(), "form.not_in_list")})
    return key, int(version) if key else None


def typed_renaming() -> Mapping[str, str]:
    """Return what was typed as OLD=NEW, a line each."""
    lines = [line.strip() for line in request.form.get("renamed", "").splitlines() if line.strip()]
    parts = [line.partition("=") for line in lines]
    pairs = [(old.strip(), new.strip()) for old, _, new in parts]
    for line, pair in zip(lines, pairs, strict=True):
        if not all(pair):
            raise NotTaken({"renamed": say(current_locale(), "impact.renamed_shape", line=line[:60])})
    return dict(pairs)


def _sums(cursor: str) -> ImpactSums:
    """Return what the form carries of the parts before this cursor's, as this page wrote it."""
    text = request.form.get("so_far", "")
    try:
        place, sums = _signer().loads(text if len(text) <= _LONGEST_SUMS else "")
        return _SUMS.validate_json(sums if place == cursor else "")
    except (BadSignature, ValidationError) as problem:
        raise NotTaken({"cursor": say(current_locale(), "impact.start_again")}) from problem


def _so_far(found: ImpactView | None, sums: ImpactSums) -> str:
    """Return the sums for the form, sealed with the place that they reach to; nothing at the end."""
    if found is None or found.next is None:
        return ""
    return str(_signer().dumps([found.next, _SUMS.dump_json(sums).decode()]))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(edge().settings.secret, salt="impact")


def _page(
    found: ImpactView | None = None, sums: ImpactSums = _NOTHING, refusal: Refusal | None = None
) -> str:
    demand_publisher(current_actor())
    words = {"renamed": "impact.renamed_wrong"}
    is_file = isinstance(refusal, InvalidDefinition)
    problem, wrong = ("", {}) if is_file else said_beside(refusal, current_locale(), words)
    order = list(found.labels) if found else []
    published = published_versions(request_session())
    return render(
        "impact.html",
        versions=[(f"{key}@{version}", title, version) for key, version, title in published],
        titles={key: title for key, _, title in reversed(published)},
        found=found,
        sums=sums,
        steps=sorted(sums.steps, key=lambda one: order.index(one.step) if one.step in order else len(order)),
        so_far=_so_far(found, sums),
        problems=refusal.errors if is_file and refusal else (),
        problem=problem,
        wrong=wrong,
        typed=request.form,
    )
