"""The process that tries whether a PDF opens: bytes come in, a word goes out.

It opens no file: whatever a PDF does to it stays in it.
"""

import sys
from io import BytesIO

from pypdf import PasswordType, PdfReader

from workflow.standing_by import stand_by
from workflow.store.locked_pdf import ASKS, OPENS


def _answer(content: bytes) -> bytes:
    try:
        reader = PdfReader(BytesIO(content))
    except NotImplementedError:
        # Locked in another way than by a password, as for the holders of certificates.
        return ASKS
    is_locked = reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED
    return ASKS if is_locked else OPENS


if __name__ == "__main__":
    sys.exit(stand_by(_answer))
