"""What the routes of campaigns take."""

from typing import Annotated

from pydantic import Field

from api.inputs.nominations import Version
from api.reading import Code, Day, Input, Line
from workflow.operations.rounds.campaigns import FIRST_YEAR, LAST_YEAR, CampaignChanges, NewCampaign
from workflow.queries.rounds.campaigns import CampaignView

CampaignCode = Annotated[
    Code, Field(description="Letters, digits, '.', '-' or '_'; part of the campaign's address.")
]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class NewCampaignBody(Input):
    """A movement to launch."""

    code: CampaignCode
    title: Line
    year: Year
    owner: Code
    parent: Code | None = None
    directive_number: Line = ""
    directive_on: Day | None = None

    def campaign(self) -> NewCampaign:
        """Return the movement as the operation takes it."""
        return NewCampaign(
            code=self.code,
            title=self.title,
            year=self.year,
            owner_code=self.owner,
            parent_code=self.parent,
            directive_number=self.directive_number,
            directive_on=self.directive_on,
        )


class CampaignChangesBody(Input):
    """What to change of a movement; a field that is left out stays, null takes it away."""

    version: Version | None = None
    title: Line | None = None
    year: Year | None = None
    parent: Code | None = None
    directive_number: Line | None = None
    directive_on: Day | None = None

    def changes(self, seen: CampaignView) -> CampaignChanges:
        """Return all of the movement as it shall be, what was left out as it was seen."""
        given = self.model_fields_set
        return CampaignChanges(
            title=seen.title if self.title is None else self.title,
            year=seen.year if self.year is None else self.year,
            parent_code=self.parent if "parent" in given else seen.parent,
            directive_number=(
                seen.directive_number if self.directive_number is None else self.directive_number
            ),
            directive_on=self.directive_on if "directive_on" in given else seen.directive_on,
            # What was left out is written as it was seen, and nobody's word of in between with it.
            seen=seen.version if self.version is None else self.version,
        )
