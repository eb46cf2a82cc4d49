"""What an inbox is narrowed to, and what setting work aside says."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import Field, PlainValidator

from api.reading import Code, Day, Input, Paging, Sought
from workflow.domain.errors import InvalidField
from workflow.domain.numerals import whole_number
from workflow.domain.vocabulary import Stage
from workflow.operations.people.set_aside import Aside
from workflow.queries.inbox.filters import DueGroup, InboxFilters, InboxFlag
from workflow.queries.inbox.looks import Tab

Word = TypeVar("Word", bound=StrEnum)
MOST_DAYS: Final = 3650


def one_of(kind: type[Word]) -> Callable[[object], Word]:
    """Return the reader of a word: what is none is refused as other filters that name nothing are."""

    def read(value: object) -> Word:
        try:
            return kind(str(value))
        except ValueError:
            message = f"is not one of {', '.join(kind)}"
            raise ValueError(message) from None

    return read


def _days(value: object) -> int:
    try:
        return whole_number(str(value), field="age", least=1, most=MOST_DAYS)
    except InvalidField as refused:
        raise ValueError(refused.errors[0].message) from refused


_Flag = Annotated[InboxFlag, PlainValidator(one_of(InboxFlag), json_schema_input_type=InboxFlag)]


class InboxFilter(Input):
    """What to leave out of an inbox: the same words in addresses of pages and for programs."""

    level: Annotated[Stage, PlainValidator(one_of(Stage), json_schema_input_type=Stage)] | None = Field(
        default=None, description="How far up a nomination stands: the words of `stage`."
    )
    unit: Code | None = Field(default=None, description="A unit's code.")
    cluster: Code | None = Field(default=None, description="The code of a cluster or block.")
    due: Annotated[DueGroup, PlainValidator(one_of(DueGroup), json_schema_input_type=DueGroup)] | None = (
        Field(default=None, description="When it is due; `week` is what is left of this week, without today.")
    )
    age: Annotated[int, PlainValidator(_days, json_schema_input_type=int)] | None = Field(
        default=None, description="Here for so many days of the calendar at least."
    )
    state: Code | None = Field(default=None, description="The name of a step.")
    holder: Code | None = Field(
        default=None, description="`me`, `nobody`, `other`, or the number of an account."
    )
    round: Code | None = Field(default=None, description="A round's code.")
    award: Code | None = Field(default=None, description="An award's code.")
    flag: _Flag | None = None
    q: Sought | None = Field(
        default=None, description="Part of a name, a number or a unit, with or without marks."
    )

    def filters(self) -> InboxFilters:
        """Return the filters as the queries take them."""
        given = {name: getattr(self, name) for name in InboxFilter.model_fields}
        return InboxFilters(**given)


class InboxQuery(Paging, InboxFilter):
    """Which part of an inbox to list."""

    tab: Annotated[Tab, PlainValidator(one_of(Tab), json_schema_input_type=Tab)] = Tab.ALL


class AsideRequest(Input):
    """On the morning of which day work is to be seen again, not after its due date."""

    until: Day

    def aside(self, work_item_id: UUID) -> Aside:
        """Return the request as the operation takes it."""
        return Aside(work_item_id, self.until)
