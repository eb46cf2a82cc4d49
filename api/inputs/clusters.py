"""What the routes of clusters take."""

from typing import Annotated

from pydantic import Field

from api.inputs.nominations import Version
from api.reading import Code, Day, Input, Line, Paging, Prose
from workflow.domain.clusters.officers import ClusterKind, Headed, Officers
from workflow.operations.clusters.clusters import (
    BIGGEST_NUMBER,
    FIRST_YEAR,
    LAST_YEAR,
    ClusterChanges,
    NewCluster,
    NewOfficers,
)
from workflow.operations.clusters.members import MOST_MEMBERS
from workflow.operations.clusters.year import NewYear

Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
Number = Annotated[int, Field(ge=1, le=BIGGEST_NUMBER)]
Members = Annotated[list[Code], Field(min_length=1, max_length=MOST_MEMBERS)]


class ClusterQuery(Paging):
    """Which clusters to list."""

    year: Year | None = None
    owner: Code | None = Field(default=None, description="The code of the unit that owns the clusters.")


class NewClusterBody(Input):
    """A cluster or block of a year, without officers yet."""

    year: Year
    owner: Code
    number: Number
    name: Line
    members: Members
    kind: ClusterKind = ClusterKind.CLUSTER

    def cluster(self) -> NewCluster:
        """Return the cluster as the operation takes it."""
        return NewCluster(
            year=self.year,
            owner_code=self.owner,
            number=self.number,
            name=self.name,
            member_codes=self.members,
            kind=self.kind,
        )


class ClusterChangesBody(Input):
    """What to change; a field that is left out stays. `members` are all the members it then has."""

    version: Version | None = None
    name: Line | None = None
    kind: ClusterKind | None = None
    members: Members | None = None

    def changes(self) -> ClusterChanges:
        """Return the changes as the operation takes them."""
        return ClusterChanges(self.name, self.kind, self.members, self.version)


class OfficersBody(Input):
    """The units that head and stand in, by whose word, and from which day (the year's first unless said)."""

    version: Version | None = None
    head: Code
    deputy: Code | None = None
    how: Headed
    since: Day | None = Field(default=None, alias="from")

    def officers(self) -> NewOfficers:
        """Return the officers as the operation takes them."""
        return NewOfficers(Officers(self.head, self.deputy), self.how, self.since, self.version)


class RotationQuery(Input):
    """Whose clusters of which year to propose out of those of the year before."""

    year: Year
    owner: Code


class ChosenOfficers(Input):
    """Officers of one cluster of the year where they shall not be those proposed."""

    number: Number
    head: Code
    deputy: Code | None = None


class NewYearBody(Input):
    """The year to open. Clusters that `officers` does not name get the officers proposed."""

    year: Year
    owner: Code
    officers: list[ChosenOfficers] = Field(default=[], max_length=500)
    how: Headed = Headed.APPOINTED
    since: Day | None = Field(default=None, alias="from")

    def opening(self) -> NewYear:
        """Return the year as the operation takes it."""
        officers = {one.number: Officers(one.head, one.deputy) for one in self.officers}
        return NewYear(self.owner, self.year, officers, self.how, self.since)


class BarredQuery(Paging):
    """Which barred units to list."""

    year: Year | None = None


class BarBody(Input):
    """A unit that was not considered for emulation in a year, and why."""

    unit: Code
    year: Year
    reason: Prose
