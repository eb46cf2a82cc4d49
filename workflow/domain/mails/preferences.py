"""What a person may choose about their mails, and what counts where they said nothing."""

from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum
from typing import Final, Self


class Pace(StrEnum):
    """How mails about work come: folded into one of the morning, or each as it falls due."""

    DIGEST = "digest"
    AT_ONCE = "at_once"


class PreferenceProblem(StrEnum):
    """Why hours cannot be chosen so."""

    TOO_EARLY = "digest_before_reminders"
    IN_QUIET_HOURS = "digest_in_quiet_hours"
    QUIET_BY_DAY = "quiet_by_day"


NOON: Final = time(12)
"""Quiet hours begin after it and end before it: they are those of a night."""


EARLIEST: Final = time(7, 15)
"""Reminders of a day fire for its letter from 07:00 on; where they are many that takes some minutes."""


@dataclass(frozen=True, slots=True)
class MailPreferences:
    """How somebody wants their mails, by the clock of the installation.

    `digest_at` is the hour of the morning's letter on working days. From `quiet_from` until `quiet_until`
    nothing but security comes; where both are equal no hour is quiet.
    """

    pace: Pace = Pace.DIGEST
    digest_at: time = time(7, 30)
    quiet_from: time = time(20)
    quiet_until: time = time(7)
    wants_information: bool = True

    @property
    def is_ever_quiet(self) -> bool:
        """Whether there are quiet hours at all."""
        return self.quiet_from != self.quiet_until

    def is_quiet(self, clock: time) -> bool:
        """Tell whether an hour is quiet; the last minute of quiet hours is not."""
        return self.is_ever_quiet and (clock >= self.quiet_from or clock < self.quiet_until)

    def with_choice(
        self,
        pace: str | None,
        digest_at: time | None,
        quiet_from: time | None,
        quiet_until: time | None,
        *,
        wants_information: bool,
    ) -> Self:
        """Return these with what a person chose in their place; null is what they left as it is."""
        return replace(
            self,
            pace=self.pace if pace is None else Pace(pace),
            digest_at=self.digest_at if digest_at is None else digest_at,
            quiet_from=self.quiet_from if quiet_from is None else quiet_from,
            quiet_until=self.quiet_until if quiet_until is None else quiet_until,
            wants_information=wants_information,
        )

    def problem(self) -> PreferenceProblem | None:
        """Tell why these hours cannot be kept, None where they can.

        The morning's letter leaves when the day's reminders are there, and not in quiet hours.
        """
        if self.is_ever_quiet and (self.quiet_from < NOON or self.quiet_until > NOON):
            return PreferenceProblem.QUIET_BY_DAY
        if self.digest_at < EARLIEST:
            return PreferenceProblem.TOO_EARLY
        return PreferenceProblem.IN_QUIET_HOURS if self.is_quiet(self.digest_at) else None


USUAL: Final = MailPreferences()
"""What counts where neither a person nor the installation says otherwise."""

UNFOLDED: Final = MailPreferences(Pace.AT_ONCE, quiet_from=time(0), quiet_until=time(0))
"""Each mail as it falls due, at any hour: what was made up and what is tried out has no readers to spare."""
