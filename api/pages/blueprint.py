"""The pages people work with, put together: routes, words, cookies, forms that only we can have sent."""

from typing import Final

from flask import Flask, Response, redirect, request, url_for
from flask_bootstrap import Bootstrap5
from werkzeug.wrappers import Response as AnyResponse

from api import problems
from api.pages import errors, kept_form
from api.pages.council import grid, sheets, signing
from api.pages.courtesy import calls, dates, escalations, hand_over, late, late_return
from api.pages.csrf import MaskedCSRF
from api.pages.exports import annex as annex_file
from api.pages.exports import audit as audit_file
from api.pages.exports import inbox as inbox_file
from api.pages.exports import nominations as nominations_file
from api.pages.exports import organisation as organisation_files
from api.pages.exports import submission as submission_file
from api.pages.frame import styleguide
from api.pages.frame.points import PointsLead
from api.pages.frame.seen_again import mends
from api.pages.frame.telephone import telephone, with_telephone
from api.pages.frame.trouble import at_trouble
from api.pages.frame.where import full_path_here
from api.pages.identity import visitor
from api.pages.routes import framed_from, pages, scripts_from
from api.pages.views import (
    board,
    bottlenecks,
    campaigns,
    cluster_year,
    clusters,
    drafts,
    mails,
    nomination,
    nominations,
    obstacles,
    one_round,
    papers,
    people,
    round_new,
    sign_in,
    submission_actions,
    submission_new,
    submissions,
    work,
)
from api.pages.views.admin import (
    accounts,
    audit,
    definitions,
    errands,
    going_over,
    imports,
    letters,
    lists,
    office_forms,
    reference,
    tokens,
)
from api.pages.views.admin import home as admin_home
from api.pages.views.intake import matrix
from api.pages.views.lists import adding, decide, receipts, undo
from api.pages.views.me import absences, feed, saved_views, set_aside
from api.pages.views.me import mails as my_mails
from api.pages.views.talk import comments
from api.pages.views.time import act_code, act_link, forecast, impact, nudges
from api.permissions import Permission, asked_permission, declare_foreign
from api.uploads import read_body

VIEWS: Final = (
    work,
    styleguide,
    submissions,
    submission_new,
    submission_actions,
    comments,
    adding,
    decide,
    undo,
    receipts,
    nominations,
    nomination,
    papers,
    matrix,
    drafts,
    board,
    round_new,
    one_round,
    bottlenecks,
    mails,
    obstacles,
    people,
    my_mails,
    feed,
    absences,
    set_aside,
    saved_views,
    sign_in,
    clusters,
    cluster_year,
    campaigns,
    forecast,
    impact,
    act_link,
    act_code,
    escalations,
    late,
    late_return,
    hand_over,
    calls,
    dates,
    nudges,
    grid,
    sheets,
    inbox_file,
    annex_file,
    nominations_file,
    submission_file,
    admin_home,
    imports,
    accounts,
    tokens,
    definitions,
    errands,
    going_over,
    office_forms,
    reference,
    letters,
    lists,
    organisation_files,
    audit,
    audit_file,
    signing,
)
"""Every module that adds routes when it is imported."""

# Bootstrap draws its arrows and ticks from pictures inside its style sheet, hence data: for images alone.
_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; script-src {scripts}; object-src 'none'; base-uri 'none'; "
    "frame-src {framed}; frame-ancestors 'none'; form-action 'self'"
)
_FILES: Final = "pages.static"
_CSRF: Final = MaskedCSRF()


def register(app: Flask) -> None:
    """Add every page to the application."""
    is_https = app.config["PREFERRED_URL_SCHEME"] == "https"
    app.config.update(
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Asked below for pages only: the JSON interface takes no cookie, so nothing can be forged there.
        WTF_CSRF_CHECK_DEFAULT=False,
        # A form is as old as its session, which has limits of its own.
        WTF_CSRF_TIME_LIMIT=None,
        # Over TLS a Referer would be asked for too, which our own policy has every browser leave out: no form
        # went through. A planted cookie, which it is against, is refused by the prefix above.
        WTF_CSRF_SSL_STRICT=False,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    _CSRF.init_app(app)
    Bootstrap5(app)
    app.jinja_env.add_extension(PointsLead)
    # As with the token: a macro that is imported without its page's context reads the global.
    app.jinja_env.globals["mends"] = mends
    app.jinja_env.filters["telephone"] = telephone
    app.jinja_env.filters["with_telephone"] = with_telephone
    app.register_blueprint(pages)
    for endpoint in (_FILES, "bootstrap.static"):
        declare_foreign(app, endpoint, Permission.ANYBODY)
    problems.render_pages_with(app, errors.answer_of)


@pages.before_request
def admit() -> AnyResponse | None:
    """Let in whom the route is for; ask everybody else to sign in, and take forms only from our own pages."""
    if request.endpoint == _FILES:
        return None
    # The form first: asking who sends it opens a transaction, which must not wait for a slow sender.
    read_body()
    if asked_permission() is Permission.SIGNED_IN and visitor().actor is None:
        if request.method in {"GET", "HEAD"}:
            return redirect(url_for("pages.sign_in", next=_here()), 303)
        return errors.ended_session()
    actor = visitor().actor
    if actor is not None:
        kept_form.remember_owner(actor.account_id)
    if request.method == "POST" and asked_permission() is not Permission.SIGNED_LINK:
        _CSRF.protect()
    return None


@pages.after_request
def protect(response: Response) -> Response:
    """Say what a page may load: its own files, a script and a frame only where it has one."""
    policy = _POLICY.format(framed=framed_from(), scripts=scripts_from())
    response.headers.setdefault("Content-Security-Policy", policy)
    # A file is the same for everybody, so nobody's session is asked.
    return response if request.endpoint == _FILES else at_trouble(kept_form.put_back(response))


def _here() -> str | None:
    """Return this address for the way back after signing in; the start page needs no mention."""
    here = full_path_here()
    return None if here == url_for("pages.work") else here
