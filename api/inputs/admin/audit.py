"""What a search of history takes: one model for the page, its files and programs."""

from typing import Annotated

from pydantic import Field

from api.reading import Code, Day, Line, Paging
from workflow.domain.history.kinds import StreamKind
from workflow.queries.history.search import AuditFilters


class AuditQuery(Paging):
    """What is looked for in history; a day counts in the time zone of the installation."""

    actor: Annotated[Line | None, Field(description="An address, or part of the name of an account.")] = None
    action: Annotated[Code | None, Field(description="What was done, as `action` of an entry spells it.")] = (
        None
    )
    kind: StreamKind | None = None
    code: Annotated[
        Line | None, Field(description="Which thing of that kind: its number, code or address.")
    ] = None
    unit: Annotated[Code | None, Field(description="What concerns a unit, its papers or its people.")] = None
    since: Annotated[Day | None, Field(description="The first day.")] = None
    until: Annotated[Day | None, Field(description="The last day.")] = None

    def filters(self) -> AuditFilters:
        """Return what is looked for as the query takes it."""
        return AuditFilters(**self.model_dump(exclude={"limit", "cursor"}))
