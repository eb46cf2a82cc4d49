"""For how long, and how large, a form is kept whose answer is a page."""

from datetime import timedelta
from typing import Final

KEPT_FOR: Final = timedelta(days=3)
"""How long such a page is found by its address: what was begun on a Friday is there on Monday."""

MOST_BYTES: Final = 524_288
"""How large one form may be to be kept."""
