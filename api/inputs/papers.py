"""What comes beside a paper, and with its removal."""

from pydantic import Field

from api.reading import Input, Line, Prose
from workflow.domain.vocabulary import PaperKind


class PaperForm(Input):
    """What comes beside a file, or instead of one for a secret paper."""

    kind: PaperKind
    confirms_not_secret: bool = False
    secret_number: Line = ""
    secret_place: Line = ""
    version: int | None = Field(default=None, ge=0, le=2**53)


class Removal(Input):
    """Why a paper is taken away; needed once it has left the unit."""

    reason: Prose = ""
    version: int | None = Field(default=None, ge=0, le=2**53, description="The version you saw, if any.")
