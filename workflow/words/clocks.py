"""Whose time runs, or since when and why it stands, in one sentence of either language."""

from workflow.domain.time.parties import Clocks, ClockState, Party
from workflow.words.catalogue import word
from workflow.words.days import day_words


def clock_sentence(clocks: Clocks, locale: str) -> str:
    """Return what the net clock does now as a whole sentence, by which rule it goes on included."""
    key: str = clocks.pause or clocks.state
    if clocks.state is ClockState.ENDED and clocks.started_at is None:
        key = "ended_incomplete"
    day, party = day_words(clocks.since_on, locale), party_words(clocks.party, locale)
    return word(locale, f"clocks.{key}", day=day, party=party)


def party_words(party: Party | None, locale: str) -> str:
    """Return what a party is called inside a sentence; None is the time on hold."""
    return word(locale, f"clocks.party_{party}" if party else "clocks.on_hold")
