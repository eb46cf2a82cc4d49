"""A name that was copied out of a document brings along what nobody sees; searching finds it all the same."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.support.interface import Interface
from tests.support.office import Office
from tests.support.pages import Browser
from workflow.clock import FixedClock

# As Word and a web page leave it: a mark of order, a soft hyphen, a blank of no width, a space that holds.
PASTED = "\ufeff\u202aĐặng\u00a0Quốc \u200bDũ\u00adng\u202c"


@pytest.mark.parametrize("path", ["/people", "/nominations", "/submissions", "/"])
def test_a_page_finds_a_name_pasted_with_what_nobody_sees(
    desk: Callable[..., Browser], office: Office, clock: FixedClock, path: str
) -> None:
    office.draft(clock.now())
    page = desk("nv01@example.vn").open(f"{path}?q={quote(PASTED)}")
    assert page.status_code == 200, page.get_data(as_text=True)
    if path in {"/people", "/nominations"}:
        assert "Đặng Quốc Dũng</a>" in page.get_data(as_text=True)


def test_a_program_finds_it_too(interface: Interface, clock: FixedClock) -> None:
    interface.office.draft(clock.now())
    for path in ("/people", "/nominations"):
        found = interface.get("nominator", f"{path}?q={quote(PASTED)}")
        assert found.status_code == 200, found.text
        assert "Đặng Quốc Dũng" in str(found.json)
