"""What histories are about, in the words that begin the name of each stream."""

from enum import StrEnum


class StreamKind(StrEnum):
    """What a stream of history is about: `round:7` is the history of a round."""

    NOMINATION = "nomination"
    SUBMISSION = "submission"
    EXPECTED_RETURN = "expected_return"
    ROUND = "round"
    CAMPAIGN = "campaign"
    CLUSTER = "cluster"
    UNIT = "unit"
    PERSON = "person"
    ACCOUNT = "account"
    IMPORT = "import"
    DEFINITION = "definition"
    CALENDAR = "calendar"
    INSTALLATION = "installation"
