"""Writes docs/workflow.md from the shipped definitions: `python -m tests.support.write_workflow_page`."""

from pathlib import Path

from tests.support.definitions import SHIPPED, shipped
from workflow.domain.route.diagram import workflow_page

PAGE = Path(__file__).parents[2] / "docs" / "workflow.md"


def written() -> str:
    """Return what the page should say now."""
    return workflow_page([shipped(key) for key in SHIPPED])


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
