"""What a file is that holds no rows to be read, told by its first bytes, and what helps."""

from typing import Final

_SAVE_AS: Final = "save it as XLSX or 'CSV UTF-8'"
_LOCKED: Final = "it is an old or password-protected workbook (XLS): save it as XLSX without a password"
_OLD: Final = "it is an old workbook (XLS); save it as XLSX"
_PAGE: Final = f"it is a web page, whatever its name says; open it in a spreadsheet and {_SAVE_AS}"
_XML: Final = f"it is an XML file, such as an 'XML Spreadsheet 2003'; open it in a spreadsheet and {_SAVE_AS}"
_COPY: Final = f"put the rows into a spreadsheet and {_SAVE_AS}"
# By how the file begins; the web page before the rest of XML.
_BEGINNINGS: Final = (
    (b"\xd0\xcf\x11\xe0", _LOCKED),
    (b"\x09\x08", _OLD),
    (b"\x09\x04", _OLD),
    (b"%pdf-", f"it is a PDF; {_COPY}"),
    (b"{\\rtf", f"it is a text document (RTF); {_COPY}"),
    (b"\xff\xd8\xff", f"it is a picture; {_COPY}"),
    (b"\x89png", f"it is a picture; {_COPY}"),
    (b"gif8", f"it is a picture; {_COPY}"),
    (b"ii*\0", f"it is a picture; {_COPY}"),
    (b"mm\0*", f"it is a picture; {_COPY}"),
    (b"\x1f\x8b", "it is packed (GZIP); unpack it and import the file inside"),
    (b"rar!", "it is packed (RAR); unpack it and import the file inside"),
    (b"7z\xbc\xaf", "it is packed (7z); unpack it and import the file inside"),
    (b"pk\x05\x06", "it is an empty archive; save the workbook again as XLSX"),
    (b"id;p", f"it is a SYLK file; open it and {_SAVE_AS}"),
    (b"mime-version:", _PAGE),
    (b"<!doctype html", _PAGE),
    (b"<html", _PAGE),
    (b"<table", _PAGE),
    (b"<meta", _PAGE),
    (b"<?xml", _XML),
)
_MARK: Final = b"\xef\xbb\xbf"
_WIDE: Final = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_LOOKED_AT: Final = 4096
# Every second byte of Latin letters in UTF-16 is NUL; no text holds a tenth of them.
_A_TENTH: Final = 10
_OWNER_FILE: Final = "~$"


def what_it_is(content: bytes, filename: str) -> str | None:
    """Return why a file can hold no rows and what helps, None where it may be text or a workbook (XLSX)."""
    if filename.startswith(_OWNER_FILE):
        return "it only marks that somebody has the file open; import the file without '~$' in its name"
    head = content[:_LOOKED_AT]
    if head.startswith(_WIDE):
        return "it is written in UTF-32; save it as 'CSV UTF-8'"
    head = head.removeprefix(_MARK)
    begins = head.lower()
    if not begins.startswith(b"\x09"):
        begins = begins.lstrip()
    for beginning, told in _BEGINNINGS:
        if begins.startswith(beginning):
            return told
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and head.count(0) * _A_TENTH > len(head):
        return "it is no text, or UTF-16 without its mark; save it as 'CSV UTF-8'"
    return None
