"""What waits for somebody on many lists and is done in one go: a round's votes entered, one paper signed."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from workflow.domain.vocabulary import Role, Stage, WorkKind
from workflow.queries.inbox.groups import InboxGroup
from workflow.queries.inbox.rows import InboxItem, WhyKind

_PAGES = {Role.COUNCIL_SECRETARY: "votes", Role.HEAD: "signing"}


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A page on which names of several lists of a round are done at once, and how it is told.

    `is_all`: nothing else is asked of them, so it is what to press first.
    """

    words: str
    href: str
    round_title: str
    lists: int
    is_all: bool


def at_once(groups: Sequence[InboxGroup], *, is_whole: bool) -> list[AtOnce]:
    """Return the ways to do at once what is shown list by list. One list is decided on its own page.

    `is_whole` tells that the groups are all that waits.
    """
    found: dict[tuple[str, str], list[InboxGroup]] = {}
    # What is only reported to somebody asks nothing of them.
    asking = [group for group in groups if not (group.items and _is_told(group.items[0]))]
    for group in groups:
        page = _page_of(group.items[0]) if group.submission and group.items else None
        if page is not None:
            found.setdefault((page, group.round), []).append(group)
    return [
        AtOnce(
            f"work.at_once_{page}",
            url_for(f"pages.{page}", round_code=code),
            lists[0].round_title,
            len(lists),
            is_whole and len(lists) == len(asking),
        )
        for (page, code), lists in found.items()
        if len(lists) > 1
    ]


def _page_of(item: InboxItem) -> str | None:
    """Return the page on which the work of a seat is done for a whole round, None where there is none."""
    if _is_told(item) or item.kind is not WorkKind.STAGE or item.stage is not Stage.COUNCIL:
        return None
    return next((page for role, page in _PAGES.items() if item.why.source.startswith(f"{role}@")), None)


def _is_told(item: InboxItem) -> bool:
    return item.why.kind in {WhyKind.ESCALATED, WhyKind.DONE}
