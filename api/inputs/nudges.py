"""What the routes of reminders by hand take."""

from typing import Annotated

from pydantic import Field

from api.inputs.rounds import Codes
from api.reading import Input, Prose
from workflow.domain.rights.nudges import LONGEST_NUDGE

NudgeWords = Annotated[Prose, Field(description=f"Your own words, plain text, {LONGEST_NUDGE} characters.")]


class NudgeRequest(Input):
    """A nudge in one's own words, or without any."""

    words: NudgeWords = ""


class UnitsNudge(NudgeRequest):
    """A nudge to units that owe a round their submission."""

    units: Codes
