"""Whether a PDF asks for a password before anybody can read it.

Many PDFs are encrypted and open all the same: their password to open is the empty one, and what they keep
from readers is printing or copying. So the empty one is tried, as every reader does (ISO 32000-2, 7.6.4). Of
what cannot be understood nothing is claimed.
"""

from typing import Final

from workflow.domain.papers.media import Content
from workflow.limited import Limits, NoAnswerError, run_within

ASKS: Final = b"asks"
OPENS: Final = b"opens"

# How every encrypted PDF names what it is locked with; few have it, and only those are looked into.
_LOCK: Final = b"/Encrypt"
_MODULE: Final = "workflow.store.locked_pdf_child"
_LIMITS: Final = Limits(cpu_seconds=5, memory_bytes=512 * 2**20, wall_seconds=15)


def asks_password(content: Content) -> bool:
    """Return whether a PDF is encrypted and the empty password does not open it."""
    if content.find(_LOCK) < 0:
        return False
    try:
        return run_within(_LIMITS, _MODULE, content[:]) == ASKS
    except NoAnswerError:
        return False
