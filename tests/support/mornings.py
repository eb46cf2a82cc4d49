"""All letters to one person as the rule has them, from promises alone."""

from collections.abc import Collection, Iterable
from datetime import date

from workflow.domain.mails.classes import MAIL_CLASSES
from workflow.domain.mails.preferences import MailPreferences
from workflow.domain.mails.times import PlannedLetter, PromisedLetter, fold_up, place
from workflow.domain.time.workdays import Calendar


def plan_letters(
    promises: Iterable[PromisedLetter],
    *,
    preferences: MailPreferences,
    calendar: Calendar,
    told_on: Collection[date] = (),
) -> tuple[PlannedLetter, ...]:
    """Return the letters in which each promise is once; information that was switched off is in none."""
    wanted = [
        each
        for each in promises
        if preferences.wants_information or not MAIL_CLASSES[each.mail_class].is_optional
    ]
    return fold_up(place(wanted, preferences=preferences, calendar=calendar, told_on=told_on), preferences)
