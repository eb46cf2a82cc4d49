"""What the worker may be asked to do, as both edges read it."""

from typing import Annotated

from pydantic import Field

from api.reading import Input, Prose
from workflow.domain.rights.errands import ErrandKind


class ErrandRequest(Input):
    """What is to be done: `verify` history, show what counting dates anew would move, or `replan` them."""

    kind: ErrandKind
    reason: Annotated[Prose, Field(description="Why; whoever `replan` concerns reads it.")] = ""
