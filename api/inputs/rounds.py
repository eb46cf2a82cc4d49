"""What opening, extending and answering a round says."""

from typing import Annotated

from pydantic import Field

from api.inputs.nominations import Account
from api.reading import AddressCode, Code, Day, Input, Line, Prose
from workflow.domain.vocabulary import RoundDate
from workflow.operations.rounds.admit_late import AdmitLate
from workflow.operations.rounds.amend import Amendment
from workflow.operations.rounds.extend import Extend
from workflow.operations.rounds.extension_seen import LONGEST_TOKEN
from workflow.operations.rounds.hand_over import HandOver
from workflow.operations.rounds.rounds import FIRST_YEAR, LAST_YEAR, MOST_NAMED, NewRound
from workflow.queries.paging import BIGGEST_ID

Codes = Annotated[list[Code], Field(max_length=MOST_NAMED)]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class RoundOpening(Input):
    """A round to open, with the dates and units that are given and no others.

    With `propose_dates` the dates that are missing are counted back in working days from the next one given;
    with `all_units` every unit directly under the owner owes one too. Without a `unit_deadline` nobody
    does. Without `awards` the round covers every award. `reminders` is the key of the route by whose ladder
    units are reminded (`owed` of its definition); without, that of the awards' route, else the usual one.
    """

    code: AddressCode
    title: Annotated[Line, Field(min_length=1)]
    year: Year
    owner: Code
    campaign: Code | None = None
    period_from: Day | None = None
    period_to: Day | None = None
    dates: dict[RoundDate, Day] = Field(default_factory=dict)
    awards: Codes = Field(default_factory=list)
    units: Codes = Field(default_factory=list)
    previous: Code | None = None
    reminders: Code | None = None
    propose_dates: bool = False
    all_units: bool = False

    def round(self) -> NewRound:
        """Return the round as the operation takes it."""
        return NewRound(
            code=self.code,
            title=self.title,
            year=self.year,
            owner_unit_code=self.owner,
            campaign_code=self.campaign,
            period_from=self.period_from,
            period_to=self.period_to,
            dates=self.dates,
            award_codes=tuple(self.awards),
            unit_codes=tuple(self.units),
            previous_code=self.previous,
            reminders=self.reminders,
            proposes_dates=self.propose_dates,
            asks_all_units=self.all_units,
        )


class RoundAmendment(Input):
    """What is mended of a round that is open: its title, and awards and units that join it.

    Nothing is taken away; what is there already changes nothing.
    """

    title: Line | None = None
    awards: Codes = Field(default_factory=list)
    units: Codes = Field(default_factory=list)

    def amendment(self, round_code: str) -> Amendment:
        """Return the request as the operation takes it."""
        return Amendment(round_code, self.title, tuple(self.awards), tuple(self.units))


class ExtensionRequest(Input):
    """A date to move and why; `preview` shows what would move and writes nothing.

    `seen` is the `token` of a preview: where something else would move by now, nothing does.
    """

    date: RoundDate
    day: Day
    reason: Prose
    units: Codes = Field(default_factory=list)
    preview: bool = False
    seen: Annotated[str, Field(max_length=LONGEST_TOKEN)] | None = None

    def extend(self, round_code: str) -> Extend:
        """Return the request as the operation takes it."""
        return Extend(round_code, self.date, self.day, self.reason, tuple(self.units), self.seen)


class AdmissionRequest(Input):
    """Until the end of which day what a unit sends late is taken, why and on which basis.

    With `nomination` that one alone.
    """

    until: Day
    reason: Prose
    basis: Line
    nomination: Annotated[int, Field(ge=1, le=BIGGEST_ID)] | None = None

    def admission(self, round_code: str, unit_code: str) -> AdmitLate:
        """Return the request as the operation takes it."""
        return AdmitLate(round_code, unit_code, self.until, self.reason, self.basis, self.nomination)


class HandOverRequest(Input):
    """To whom what a unit owes is handed, and why; without an account back to all who write for the unit.

    With `all_rounds` what it owes every other open round as well.
    """

    assignee_id: Account | None = None
    reason: Prose
    all_rounds: bool = False

    def hand_over(self, round_code: str, unit_code: str) -> HandOver:
        """Return the request as the operation takes it."""
        return HandOver(round_code, unit_code, self.assignee_id, self.reason, self.all_rounds)


class NothingToPropose(Input):
    """The signed document on which a unit says that it proposes nothing."""

    number: Line
    signed_on: Day
    signer: Line


class Nothing(Input):
    """A request that needs no words."""
