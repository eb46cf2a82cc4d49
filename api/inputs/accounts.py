"""What is said of accounts: who is let in, which role at which place, how long a token lives."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.reading import Day, Input, Line
from workflow.domain.text import LONGEST_CODE, LONGEST_LINE
from workflow.operations.people.accounts import NewAccount
from workflow.operations.people.bearer_tokens import LONGEST_TOKEN_DAYS

_Word = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINE)]
_Person = Annotated[Line, Field(max_length=LONGEST_CODE)]
_Seat = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE + LONGEST_LINE)]


class AccountBody(Input):
    """Somebody to let in; a first role takes its place with it."""

    email: _Word
    name: Annotated[Line, Field(min_length=1)]
    person: _Person = ""
    locale: Annotated[str, StringConstraints(max_length=8)] = ""
    role: Annotated[str, StringConstraints(max_length=LONGEST_LINE)] = ""
    place: Annotated[str, StringConstraints(max_length=LONGEST_CODE + LONGEST_LINE)] = ""

    def account(self) -> NewAccount:
        """Return the account as the operation takes it."""
        place = self.place.strip()
        grants = [f"{self.role}@{place}"] if self.role or place else []
        return NewAccount(self.email, self.name, self.person.strip() or None, grants, self.locale or None)


class RoleBody(Input):
    """A role at a place, from a day on or from today."""

    role: _Word
    place: _Seat
    since: Day | None = None

    @property
    def key(self) -> str:
        """Give the role as grants name it."""
        return f"{self.role}@{self.place.strip()}"


class KeyBody(Input):
    """A role at a place as it is held."""

    held: _Seat


class TokenBody(Input):
    """How many days a token lives."""

    days: Annotated[int, Field(ge=1, le=LONGEST_TOKEN_DAYS)] = 90


class PersonBody(Input):
    """The code of the member of staff that an account is, empty for none."""

    person: _Person = ""


class AddressBody(Input):
    """Another address to sign in with."""

    email: _Word
