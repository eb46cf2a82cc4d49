"""Whether more names may come on a unit's list: asked before the form is shown, and again under lock."""

from dataclasses import dataclass

from workflow.domain.errors import Conflict, Reason, SubmissionSent


@dataclass(frozen=True, slots=True)
class GrowingList:
    """What decides whether a list takes names: whether it left its unit, what round and unit are today.

    `takes_drafts` says whether the round takes what this unit proposes: it is open, or admits the unit late.
    """

    has_left: bool
    round_code: str
    takes_drafts: bool
    unit_name: str
    is_unit_there: bool


def demand_growing(paper: GrowingList) -> None:
    """Raise `SubmissionSent`, or `Conflict` with the reason, once a list takes no more names."""
    if paper.has_left:
        raise SubmissionSent("The paper was sent with its list; compose another one for more names.")
    if not paper.takes_drafts:
        message = f"The round {paper.round_code} is closed."
        raise Conflict(message, reasons=[Reason("round_closed", message, {"round": paper.round_code})])
    if not paper.is_unit_there:
        message = f"{paper.unit_name} does not exist any more; nothing is drafted for it."
        raise Conflict(message, reasons=[Reason("unit_over", message, {"unit": paper.unit_name})])
