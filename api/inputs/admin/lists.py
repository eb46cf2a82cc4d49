"""What narrows the lists of units and of people: one model each for the page and its files."""

from api.reading import Code, Input, Sought
from workflow.queries.setup.staff import SignsIn, StaffFilters
from workflow.queries.setup.units import UnitFilters, UnitState


class UnitsQuery(Input):
    """Which units: part of a name or code, those right under a unit, in which state."""

    q: Sought | None = None
    parent: Code | None = None
    state: UnitState | None = None

    def filters(self) -> UnitFilters:
        """Return what is looked for as the query takes it."""
        return UnitFilters(self.q or None, self.parent, self.state)


class StaffQuery(Input):
    """Which people: part of a name or a code, of a unit, whether they sign in."""

    q: Sought | None = None
    unit: Code | None = None
    account: SignsIn | None = None

    def filters(self) -> StaffFilters:
        """Return who is looked for as the query takes it."""
        return StaffFilters(self.q or None, self.unit, self.account)
