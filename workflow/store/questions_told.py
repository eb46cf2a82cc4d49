"""What letters ask of questions: whether one was answered, and in which words it was asked."""

from sqlalchemy import ColumnElement, ScalarSelect, Text, cast, exists, func, select
from sqlalchemy.orm import aliased

from workflow.domain.vocabulary import BuiltIn
from workflow.store.conditions import TODAY
from workflow.store.history import Event, EventText
from workflow.store.mail import Outbox
from workflow.store.nominations import WorkItem
from workflow.store.proposals import DateProposal, waits

_asking = aliased(Event)
_question = aliased(EventText)


def waits_in_vain() -> ColumnElement[bool]:
    """Return the condition that the date a letter is about could be answered still, but for its day."""
    asked = exists().where(DateProposal.event_id == Outbox.event_id, waits(), DateProposal.day <= TODAY)
    return asked.correlate(Outbox, WorkItem)


def words_of_question() -> ScalarSelect[str]:
    """Return what is asked by the work that a letter is about."""
    return (
        select(_question.text)
        .join(_asking, _asking.id == _question.event_id)
        .where(
            _asking.stream == func.concat("nomination:", Outbox.nomination_id),
            _asking.action == BuiltIn.REQUEST_INFO,
            _asking.data["work_item"].astext == cast(WorkItem.id, Text),
        )
        .correlate(Outbox, WorkItem)
        .scalar_subquery()
    )
