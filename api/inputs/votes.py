"""What is said once for many names: of a council's session, of a document that is signed for them."""

from api.inputs.nominations import Count
from api.reading import Day, Input, Line


class CouncilSessionBody(Input):
    """Said once for a session; a name may have other numbers, where a member was set aside or had left."""

    members: Count | None = None
    present: Count | None = None
    voted_on: Day


class SigningBody(Input):
    """A document that is signed for many names: its number, the day on it, who signed; and of its scan."""

    number: Line
    decided_on: Day
    signer: Line
    confirms_not_secret: bool = False
