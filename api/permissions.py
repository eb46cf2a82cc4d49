"""Every route says who may come in; one that says nothing lets nobody in.

What somebody may see and do behind the door is the policy's business, asked by every query and operation.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Final, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE: Final = "commendo_permission"


class Permission(StrEnum):
    """Who may come in by a route.

    Whoever has a signed link comes without a session, and so does a mail program that posts to it: no token
    of a form can be asked of it, and no cookie gives it any right.
    """

    ANYBODY = "anybody"
    SIGNED_IN = "signed_in"
    SIGNED_LINK = "signed_link"


def permission(who: Permission) -> Callable[[View], View]:
    """Declare who may come in by a view. It stands below the route's decorator."""

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, who)
        return view

    return declare


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """Return what a view declares, None when it declares nothing."""
    who: Permission | None = getattr(view, _ATTRIBUTE, None)
    return who


def declare_foreign(app: Flask, endpoint: str, who: Permission) -> None:
    """Declare who may come in by a view that a library registered; does nothing when there is none."""
    view = app.view_functions.get(endpoint)
    if view is not None:
        # A blueprint's own view of its static files is a method and takes no mark; a function around it does.
        app.view_functions[endpoint] = permission(who)(_function(view))


def _function(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def call(**parts: Any) -> Any:  # noqa: ANN401 - passes on whatever the library's view takes and gives
        return view(**parts)

    return call


def asked_permission() -> Permission | None:
    """Return what the view of this request declares; None for an address without a view.

    Raises RuntimeError for a view that declares nothing: a forgotten declaration must not open a door.
    """
    if request.endpoint is None:
        return None
    who = permission_of(current_app.view_functions[request.endpoint])
    if who is None:
        raise RuntimeError(f"the route '{request.endpoint}' declares no permission")
    return who
