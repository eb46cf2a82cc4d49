"""What a list of days may be asked for."""

from pydantic import Field

from api.reading import Paging


class CalendarQuery(Paging):
    """Which days of the calendar: those of one year, or all there are."""

    year: int | None = Field(default=None, ge=1900, le=2200, description="The days of this year alone.")
