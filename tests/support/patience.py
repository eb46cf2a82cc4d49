"""How long a test waits for what must come."""

import os
from typing import Final

import pytest

from workflow.clock import monotonic

PATIENCE: Final = 300.0
"""Seconds that only a hang takes: a busy machine must not fail a healthy run."""


def as_busy(seconds: float) -> float:
    """Return how long what takes `seconds` on a quiet machine may take on this one, busy as it is now."""
    return seconds * (1 + 4 * os.getloadavg()[0] / (os.cpu_count() or 1))


def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a sender see no time pass while it sends: a busy machine must not look like a slow mail server."""
    stands_at = monotonic()
    monkeypatch.setattr("workflow.operations.mail.deliver.monotonic", lambda: stands_at)
