"""What axe-core, which is not ours, finds wrong with a page for those who hear it or press keys."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe()
# A page in a frame is a letter, which is kept as mail programs show it.
_CONTEXT = {"exclude": [["iframe"]]}
_OPTIONS = {"resultTypes": ["violations"], "iframes": False}
_OPEN_ALL = "document.querySelectorAll('details:not(.menu)').forEach(one => one.open = true)"


def violations(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands and with all of its folds open, as `rule: place`."""
    page.evaluate(_OPEN_ALL)
    found: list[dict[str, Any]] = _AXE.run(page, context=_CONTEXT, options=_OPTIONS).response["violations"]
    return [f"{one['id']}: {' '.join(map(str, node['target']))}" for one in found for node in one["nodes"]]
