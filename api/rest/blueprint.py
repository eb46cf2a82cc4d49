"""The JSON interface under `/api/v1`, put together."""

from flask import Flask


def register(app: Flask) -> None:
    """Add every route of the JSON interface to the application."""
