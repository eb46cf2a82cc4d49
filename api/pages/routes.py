"""The blueprint every page hangs on; the modules in `views` add their routes to it."""

from typing import Final

from flask import Blueprint

pages: Final = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static/pages"
)
