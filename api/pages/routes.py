"""The blueprint every page hangs on, to which the modules in `views` add routes; which pages frame or run."""

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


def allow_script() -> None:
    """Let the page of this request run a script from this site's files; every other page may run none."""
    g.scripts_from = "'self'"


def scripts_from() -> str:
    """Return from where the page of this request may run a script, as its policy says it."""
    return str(g.get("scripts_from", "'none'"))
