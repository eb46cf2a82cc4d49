"""How the plain forms that ship look, of either kind."""

from typing import Final

FONT: Final = "Times New Roman"
SIZE: Final = 13
"""In points."""
