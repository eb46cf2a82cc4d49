"""What is looked at is every page there is; exceptions and names say nothing that is not there."""

from sqlalchemy import create_engine

from api.wsgi import create_app
from tests.browser.screenshots import ORDER, SIGHTS, named_endpoints
from tests.browser.sights import BY_LINK, FILES, page_routes
from workflow.settings import Settings
from workflow.store.database import make_sessions


def application():
    nowhere = make_sessions(create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing"), timezone="UTC")
    return create_app(Settings(secret_key="x" * 32), sessions=nowhere)


def test_no_page_is_left_out_but_files_and_what_only_a_link_opens():
    app = application()
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    shown = {rule.endpoint for rule in page_routes(app)}
    assert {name for name in gets if name.startswith("pages.")} - shown <= FILES
    assert (named_endpoints(app) | BY_LINK) <= shown
    assert set(SIGHTS) <= set(ORDER)
