"""What a list of escalations to come and a hold of one say."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.reading import Day, Input, Line, Paging, Prose
from workflow.domain.rights.escalation_rights import LONGEST_HOLD
from workflow.operations.escalations.date_talk import ProposeDate, RefuseDate
from workflow.operations.escalations.hold_back import HoldBack
from workflow.operations.escalations.more_time import MoreTime
from workflow.operations.escalations.telephone import Call
from workflow.operations.rounds.unit_dates import ProposeUnitDate, RefuseUnitDate
from workflow.queries.escalations.coming import MOST_DAYS

DAYS_SHOWN = 2
"""How many working days ahead the list looks unless it is asked for others."""


class ComingQuery(Paging):
    """How many working days ahead to look: 1 is until the end of the next working day."""

    days: int = Field(default=DAYS_SHOWN, ge=1, le=MOST_DAYS)


class HoldRequest(Input):
    """For how many working days an escalation is held back, and why."""

    days: Annotated[int, Field(ge=1, le=LONGEST_HOLD)]
    reason: Prose

    def hold(self, rung_id: UUID) -> HoldBack:
        """Return the request as the operation takes it."""
        return HoldBack(rung_id, self.days, self.reason)


class ChatQuery(Input):
    """Of which silent units a text is wanted: their codes with commas between; of all without it."""

    units: Prose = Field(default="", description="Codes of units, with commas between.")

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes, each once."""
        codes = (code.strip() for code in self.units.split(","))
        return tuple(dict.fromkeys(code for code in codes if code))


class CallRequest(Input):
    """A telephone call: its day, with whom, what was promised, and when whoever called asks again."""

    called_on: Day
    spoke_with: Line
    promised: Prose
    follow_up_on: Day | None = None

    def call(self, *, nomination_id: int | None = None, round_code: str = "", unit_code: str = "") -> Call:
        """Return the request as the operation takes it."""
        return Call(
            called_on=self.called_on,
            spoke_with=self.spoke_with,
            promised=self.promised,
            follow_up_on=self.follow_up_on,
            nomination_id=nomination_id,
            round_code=round_code,
            unit_code=unit_code,
        )


class DateRequest(Input):
    """Another due date that whoever has work to do can keep, and why not before."""

    day: Day
    reason: Prose = ""

    def of_nomination(self, nomination_id: int) -> ProposeDate:
        """Return the request as the operation takes it, for a nomination's open work."""
        return ProposeDate(nomination_id, self.day, self.reason)

    def of_unit(self, round_code: str, unit_code: str) -> ProposeUnitDate:
        """Return the request as the operation takes it, for what a unit owes a round."""
        return ProposeUnitDate(round_code, unit_code, self.day, self.reason)


class GiveDateRequest(Input):
    """Which date that was asked for is given, by its id, so that no other one is."""

    proposal: UUID

    def more_time(self, nomination_id: int) -> MoreTime:
        """Return the request as the operation takes it."""
        return MoreTime(nomination_id, proposal_id=self.proposal)


class RefuseDateRequest(Input):
    """Which date that was asked for is not given, by its id, and why."""

    proposal: UUID
    reason: Prose

    def of_nomination(self, nomination_id: int) -> RefuseDate:
        """Return the request as the operation takes it, for a nomination's open work."""
        return RefuseDate(nomination_id, self.proposal, self.reason)

    def of_unit(self, round_code: str, unit_code: str) -> RefuseUnitDate:
        """Return the request as the operation takes it, for what a unit owes a round."""
        return RefuseUnitDate(round_code, unit_code, self.proposal, self.reason)


class MoreTimeRequest(Input):
    """Until which day work that was reported as late gets time, and why."""

    day: Day
    reason: Prose

    def more_time(self, nomination_id: int) -> MoreTime:
        """Return the request as the operation takes it."""
        return MoreTime(nomination_id, self.day, self.reason)
