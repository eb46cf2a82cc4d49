"""What reminds a unit of the paper it owes a round, and who hears of it when the unit stays silent.

A default of this product, not law: two weeks, one week and one day before, on the day, then the unit's own
head, then the level above.
"""

from typing import Final

from workflow.domain.time.ladder import LadderRung, Offset
from workflow.domain.vocabulary import Recipient, RungKind

RETURN_LADDER: Final = tuple(
    LadderRung(Offset.parse(at), do, to)
    for at, do, to in (
        ("-10 working_days", RungKind.REMIND, Recipient.GROUP),
        ("-5 working_days", RungKind.REMIND, Recipient.GROUP),
        ("-1 working_days", RungKind.REMIND, Recipient.GROUP),
        ("due", RungKind.REMIND, Recipient.GROUP),
        ("+1 working_days", RungKind.ESCALATE, Recipient.HEAD),
        ("+3 working_days", RungKind.ESCALATE, Recipient.NEXT_LEVEL),
    )
)
