"""What saving a view of one's work says: a name, for whom, and the words of the inbox's address."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import PlainValidator
from werkzeug.datastructures import MultiDict

from api.inputs.inbox import InboxFilter, one_of
from api.reading import Input, Line, read_form
from workflow.operations.people.saved_views import ViewName
from workflow.queries.inbox.filters import InboxFilters
from workflow.queries.inbox.looks import Tab

_TAB = "tab"


class InboxWords(InboxFilter):
    """A tab and what it is narrowed to."""

    tab: Annotated[Tab, PlainValidator(one_of(Tab), json_schema_input_type=Tab)] = Tab.ALL

    def words(self) -> dict[str, str]:
        """Return the words as an address spells them; what leaves nothing out is not said."""
        names = (_TAB, *InboxFilter.model_fields)
        given = {name: getattr(self, name) for name in names}
        return {name: str(word) for name, word in given.items() if word not in {None, Tab.ALL}}


class SavedViewRequest(InboxWords):
    """A view to save."""

    name: Line
    is_shared: bool = False

    def called(self) -> ViewName:
        """Return the name as the operation takes it."""
        return ViewName(self.name, self.is_shared)


class SavedViewChanges(Input):
    """What a view is called from now on; what is left out stays."""

    name: Line | None = None
    is_shared: bool | None = None

    def called(self) -> ViewName:
        """Return the changes as the operation takes them."""
        return ViewName(self.name, self.is_shared)


def read_words(words: Mapping[str, str]) -> tuple[Tab, InboxFilters]:
    """Return what saved words ask for, read as an address is. Raises a refusal."""
    said = read_form(InboxWords, MultiDict(words))
    return said.tab, said.filters()
