"""What setting work aside says."""

from uuid import UUID

from api.reading import Day, Input
from workflow.operations.people.set_aside import Aside


class AsideRequest(Input):
    """On the morning of which day work is to be seen again, not after its due date."""

    until: Day

    def aside(self, work_item_id: UUID) -> Aside:
        """Return the request as the operation takes it."""
        return Aside(work_item_id, self.until)
