"""What the routes of people take."""

from typing import Annotated

from pydantic import Field

from api.reading import Line, Paging


class PeopleQuery(Paging):
    """Whom to look up."""

    q: Annotated[Line, Field(description="Part of a name, without marks if you like, or a person's code.")]
