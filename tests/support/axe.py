"""What axe-core, which is not ours, finds wrong with a page for those who hear it or press keys."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import JSHandle, Page

_AXE = Axe()
# A page in a frame is a letter, which is kept as mail programs show it.
_CONTEXT = {"exclude": [["iframe"]]}
_OPTIONS = {"resultTypes": ["violations"], "iframes": False}
_UNFOLD = """() => [...document.querySelectorAll('details:not(.menu):not([open])')]
  .map(one => { one.open = true; return one; })"""


def unfold(page: Page) -> JSHandle:
    """Open every fold of the page that is closed, and return those."""
    return page.evaluate_handle(_UNFOLD)


def violations(page: Page) -> list[str]:
    """Return what is wrong with the page with all of its folds open, as `rule: place`; it is left as it was.

    A fold left open would be closed by the next click on its summary.
    """
    opened = unfold(page)
    found: list[dict[str, Any]] = _AXE.run(page, context=_CONTEXT, options=_OPTIONS).response["violations"]
    opened.evaluate("folds => folds.forEach(one => { one.open = false; })")
    return [f"{one['id']}: {' '.join(map(str, node['target']))}" for one in found for node in one["nodes"]]
