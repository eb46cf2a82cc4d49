"""What the routes about work that cannot go on take."""

from api.reading import Code, Input, Line, Paging
from workflow.domain.obstacles import ObstacleReason
from workflow.queries.obstacles.obstacles import ObstacleFilters


class ObstacleChoice(Input):
    """Which obstacles to show: for one reason, of one unit."""

    reason: ObstacleReason | None = None
    unit: Code | None = None

    def filters(self) -> ObstacleFilters:
        """Return the filters as the query takes them."""
        return ObstacleFilters(self.reason, self.unit)


class ObstacleQuery(ObstacleChoice, Paging):
    """A part of the list of obstacles."""


class SeatGrant(Input):
    """Whom to give the role that nobody holds: the address they sign in with."""

    email: Line
    seat: Line
