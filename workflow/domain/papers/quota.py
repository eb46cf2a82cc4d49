"""How much paper one dossier and one account may bring: the disk is everybody's.

What was taken away counts too, because its bytes are kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from workflow.domain.errors import PapersFull, Reason
from workflow.domain.papers.rules import Phase

MEGABYTE: Final = 1024 * 1024
WINDOW: Final = timedelta(hours=24)
"""What an account brings is counted over so long a time before now, so that no account runs full for ever."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PaperQuota:
    """Megabytes (1024 * 1024 bytes) for one dossier at any time, and for one account within `WINDOW`."""

    nomination_megabytes: int = 200
    account_megabytes: int = 2000

    def dossier_bytes(self, phase: Phase) -> int:
        """Return what a dossier holds: with its unit the quota, afterwards a quarter more.

        Else a unit that fills its dossier would keep the minutes and the decision out of it.
        """
        quota = self.nomination_megabytes * MEGABYTE
        return quota if phase is Phase.WITH_UNIT else quota * 5 // 4

    @property
    def account_bytes(self) -> int:
        """Return what one account brings within `WINDOW`."""
        return self.account_megabytes * MEGABYTE


def demand_room_in_dossier(quota: PaperQuota, phase: Phase, *, lying: int, coming: int) -> None:
    """Raise `PapersFull` when so many bytes more would not fit beside those that lie there."""
    limit = quota.dossier_bytes(phase)
    if lying + coming <= limit:
        return
    megabytes, left = str(limit // MEGABYTE), str(max(limit - lying, 0) // MEGABYTE)
    message = (
        f"The papers here take up to {megabytes} MB together, those taken away included; {left} MB are left. "
        "Scan in grey or at 200 dpi, or have the administrators raise the limit."
    )
    reason = Reason("dossier_full", message, {"megabytes": megabytes, "left": left})
    raise PapersFull(message, reasons=[reason], megabytes=megabytes)


def demand_room_of_account(
    quota: PaperQuota, brought: list[tuple[datetime, int]], *, coming: int, now: datetime
) -> None:
    """Raise `PapersFull`, saying when there is room again, for an account that brought so much lately.

    `brought` are the instants and bytes of its papers within `WINDOW`, oldest first.
    """
    over = sum(count for _, count in brought) + coming - quota.account_bytes
    if over <= 0:
        return
    hours = ceil(WINDOW / _HOUR)
    for at, count in brought:
        over -= count
        if over <= 0:
            hours = max(1, ceil((at + WINDOW - now) / _HOUR))
            break
    said = {"megabytes": str(quota.account_megabytes), "hours": str(hours)}
    message = (
        f"One account brings up to {said['megabytes']} MB of papers in 24 hours, and yours has. "
        f"Go on in {said['hours']} h, or have the administrators raise the limit."
    )
    raise PapersFull(
        message, reasons=[Reason("account_papers_full", message, said)], megabytes=said["megabytes"]
    )
