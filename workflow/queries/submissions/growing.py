"""Whether a list takes more names, for whoever is about to choose them."""

from datetime import date

from sqlalchemy.orm import Session

from workflow.domain.papers.growing import GrowingList, demand_growing
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.submission_rights import demand_composer
from workflow.queries.submissions.submission import SubmissionView
from workflow.store.drafts import load_place


def demand_room(session: Session, view: SubmissionView, *, actor: Actor, today: date) -> None:
    """Raise what adding names to this list would be refused with now, by the rule that refuses it then."""
    paper = view.paper
    demand_composer(actor, paper.unit.code)
    place = load_place(session, round_code=paper.round, unit_code=paper.unit.code, today=today)
    demand_growing(
        GrowingList(
            has_left=view.is_sent,
            round_code=paper.round,
            takes_drafts=place.round_id is not None,
            unit_name=place.unit_name,
            is_unit_there=place.unit_id is not None,
        )
    )
