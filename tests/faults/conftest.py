"""The table of figures at the end of a run of faults."""

import os

import pytest

from tests.support.figures import MARK, Figure, Note, table


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Return what notes a figure of this test for the table."""

    def noted(figure: Figure) -> None:
        request.node.user_properties.append((MARK, (figure.fault, figure.trials, figure.bad, figure.seen)))

    return noted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures of all tests, failed ones too, and how busy the machine was at the end."""
    found = [
        Figure(*values)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, values in report.user_properties
        if name == MARK
    ]
    if not found:
        return
    terminalreporter.section("figures")
    for line in table(found):
        terminalreporter.write_line(line)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    terminalreporter.write_line(f"{os.cpu_count()} cores, load {load}")
