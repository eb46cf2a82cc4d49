"""Of whom facts will be asked anew, on days on which nobody is there any more who was asked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.operations.deadlines.facts_passed_on import LeftQuestion, left_questions
from workflow.operations.foresight.coming import Cause, Coming, WhyTold, coming_of
from workflow.operations.foresight.passing import mornings
from workflow.store.database import local_day


def foresee_asking(session: Session, *, until: datetime, now: datetime, limit: int) -> Iterator[Coming]:
    """Yield what each day on which somebody comes or goes will have the sweep ask, at most `limit` a day.

    Of today too, where no sweep has looked since. Who is asked on one day and gone on another reads no more
    of it then.
    """
    asked, coming = dict[int, frozenset[int]](), list[Coming]()
    for at in mornings(session, until, now):
        for left in left_questions(session, local_day(session, at), limit=limit, asked_since=asked):
            number = left.asked.id
            coming = [one for one in coming if not _is_over(one, left, at)]
            asked[number] = asked.get(number, frozenset()) | set(left.sayers.account_ids)
            coming += _told(session, left, at)
    yield from coming


def _is_over(one: Coming, left: LeftQuestion, at: datetime) -> bool:
    """Whether it waits for a day on which its reader is not there."""
    is_of_it = one.fact_question_id == left.asked.id and one.at >= at
    return is_of_it and one.account_id not in left.here


def _told(session: Session, left: LeftQuestion, at: datetime) -> Iterator[Coming]:
    why = WhyTold(Cause.ASKED_ANEW, seat=left.sayers.key)
    for mail in left.mails(session, at):
        # A reminder is promised with the letter that asks, and waits for its morning.
        waits_until = max(at, mail.held_until or at)
        yield replace(coming_of(mail, why), at=waits_until, promised_at=at)
