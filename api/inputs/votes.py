"""What a council's session says of all its votes: how many may vote, how many did, and on which day."""

from api.inputs.nominations import Count
from api.reading import Day, Input


class CouncilSessionBody(Input):
    """Said once for a session; a name may have other numbers, where a member was set aside or had left."""

    members: Count | None = None
    present: Count | None = None
    voted_on: Day
