"""What tests of dates that are asked for do in the office that each of them furnishes."""

from collections.abc import Callable

import pytest

from tests.support.dates import asking, giving, refusing
from tests.support.office import Office
from workflow.clock import FixedClock


@pytest.fixture
def ask(office: Office, clock: FixedClock) -> Callable[..., None]:
    return asking(office, clock)


@pytest.fixture
def give(office: Office, clock: FixedClock) -> Callable[..., None]:
    return giving(office, clock)


@pytest.fixture
def refuse(office: Office, clock: FixedClock) -> Callable[..., None]:
    return refusing(office, clock)
