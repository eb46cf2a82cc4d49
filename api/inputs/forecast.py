"""What may be asked of the days ahead."""

from pydantic import Field

from api.forecast_view import USUAL_DAYS
from api.reading import Paging
from workflow.domain.mails.preferences import MailPreferences
from workflow.operations.foresight.forecast import MOST_DAYS, Asked


class ForecastQuery(Paging):
    """How many days after today, and whether only your own mails; a page looks at `limit` promises."""

    days: int = Field(default=USUAL_DAYS, ge=0, le=MOST_DAYS, description="How many days after today.")
    mine: bool = Field(default=False, description="Only the mails that will come to you.")

    def asked(self, office: MailPreferences) -> Asked:
        """Return the question as the operation takes it; `office` counts for whoever chose nothing."""
        return Asked(self.days, self.mine, office)
