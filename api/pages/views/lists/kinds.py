"""What somebody does with the names of a list in one pass: decides on them, or prepares that for others."""

from dataclasses import dataclass
from typing import Final

from workflow.domain.vocabulary import BuiltIn


@dataclass(frozen=True, slots=True)
class ListPass:
    """One way through the names: its pages, and the part of the catalogue with its words.

    `is_preparing`: what is chosen is proposed to whoever decides, and nothing is carried out.
    """

    word: str
    names: str
    weigh: str
    confirm: str
    is_preparing: bool = False

    def said(self, action: str) -> dict[str, object]:
        """Return what is sent for a name for which an action was chosen."""
        return {"action": BuiltIn.PREPARE, "proposes": action} if self.is_preparing else {"action": action}


DECIDE: Final = ListPass("decide", "pages.decide_list", "pages.weigh_names", "pages.decide_names")
PREPARE: Final = ListPass(
    "prepare", "pages.prepare_list", "pages.weigh_prepared", "pages.prepare_names", is_preparing=True
)
