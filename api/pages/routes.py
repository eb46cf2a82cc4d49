"""The blueprint every page hangs on, to which the modules in `views` add routes; which pages may frame."""

from typing import Final

from flask import Blueprint, g

pages: Final = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static/pages"
)


def allow_frame() -> None:
    """Let the page of this request frame what this site answers: nothing but letters and papers can be."""
    g.framed_from = "'self'"


def framed_from() -> str:
    """Return from where the page of this request may frame something, as its policy says it."""
    return str(g.get("framed_from", "'none'"))
