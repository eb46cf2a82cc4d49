"""What a list may be narrowed by besides, folded on a phone: how many are chosen, open where one is wrong."""

import re
from collections.abc import Callable

import pytest

from tests.support.pages import Browser

SUPERVISOR, ADMIN = "nv23@example.vn", "nv24@example.vn"
FOLD = re.compile(r'<details class="conditions"( open)?>\s*<summary>(.*?)</summary>')


@pytest.mark.parametrize(
    ("who", "address", "count", "is_open"),
    [
        (SUPERVISOR, "/nominations", 0, False),
        # What stands in sight beside the fold is none of it.
        (SUPERVISOR, "/nominations?q=an", 0, False),
        (SUPERVISOR, "/nominations?q=an&stage=draft&flag=late", 2, False),
        (SUPERVISOR, "/submissions?q=12", 0, False),
        (SUPERVISOR, "/submissions?q=12&unit=VKS-AG&status=drafting", 2, False),
        (SUPERVISOR, "/bottlenecks?round=", 0, False),
        (SUPERVISOR, "/bottlenecks?round=&stage=draft&time=calendar&by=unit", 3, False),
        (SUPERVISOR, "/bottlenecks?round=&from=32/13/2026", 1, True),
        (ADMIN, "/audit", 0, False),
        (ADMIN, "/audit?action=grant&since=01/02/2026", 2, False),
        (ADMIN, "/audit?actor=nv24@example.vn", 0, False),
        (ADMIN, "/audit?since=32/13/2026&action=grant", 2, True),
        # Wrong is what stands in sight.
        (ADMIN, "/audit?actor=ai-do&action=grant", 1, False),
    ],
)
def test_the_fold_says_how_many_are_chosen_and_is_open_where_one_is_wrong(
    desk: Callable[..., Browser], who: str, address: str, count: int, *, is_open: bool
) -> None:
    [(opened, said)] = FOLD.findall(desk(who).open(address).get_data(as_text=True))
    assert (said, bool(opened)) == (f"Thêm điều kiện ({count})" if count else "Thêm điều kiện", is_open)
