"""The states that every route has without saying so: what ends a nomination outside its steps."""

from collections.abc import Mapping
from typing import Final

from workflow.domain.vocabulary import Stage

WITHDRAWN_STATE: Final = "withdrawn"
"""The state of a nomination that was withdrawn or abandoned."""

ANNULLED_STATE: Final = "annulled"
"""The state of one whose award was annulled after it was decided."""

BUILT_IN_STATES: Final[Mapping[str, Stage]] = {
    WITHDRAWN_STATE: Stage.WITHDRAWN,
    ANNULLED_STATE: Stage.WITHDRAWN,
}
