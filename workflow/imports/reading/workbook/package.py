"""The parts of a workbook's ZIP archive, within limits: a small file can unpack to hours of work.

Parts are found by their relationships (ECMA-376 part 2), as programs other than Excel name them otherwise.
Each is read in one piece: fed in chunks, expat begins a long comment anew with every chunk.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Final, NoReturn
from xml.parsers import expat

_MOST_MEMBERS: Final = 500
_MOST_UNPACKED: Final = 48 * 2**20
_MOST_ENTRIES: Final = 50_000
_STRICT: Final = "http://purl.oclc.org/ooxml/"
_OPEN_DOCUMENT: Final = b"application/vnd.oasis.opendocument"
# What a broken archive raises; the library promises no one type.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
_SAVE_AS: Final = "save it as XLSX (Excel Workbook)"
_STRICT_TOLD: Final = "it is a Strict Open XML workbook: save it as Excel Workbook (.xlsx)"
# What another archive is, by how the name of one of its parts begins or ends.
_OTHERS: Final = (
    ("word/", f"it is a text document (DOCX); put the rows into a sheet and {_SAVE_AS}"),
    ("ppt/", f"it is a presentation (PPTX); put the rows into a sheet and {_SAVE_AS}"),
    ("xl/workbook.bin", f"it is a binary workbook (XLSB); {_SAVE_AS}"),
    (".iwa", f"it is a Numbers file; export it and {_SAVE_AS}"),
    (".xlsx", "it is a ZIP archive; unpack it and import the file inside"),
    (".csv", "it is a ZIP archive; unpack it and import the file inside"),
    (".xls", "it is a ZIP archive; unpack it and import the file inside"),
)

Begin = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]


class NoWorkbookError(Exception):
    """The file cannot be read as a workbook; its one argument says why, and what helps."""


class Package:
    """A workbook's archive, opened and found small enough. Raises `NoWorkbookError` for anything else."""

    def __init__(self, content: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN as error:
            raise NoWorkbookError(
                "it is no workbook that can be read: the file is cut off or damaged; save it again as XLSX"
            ) from error
        members = self._archive.infolist()
        if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_UNPACKED:
            raise NoWorkbookError(
                f"it unpacks to more than {_MOST_UNPACKED // 2**20} MB; keep the one sheet only"
            )
        # Some programs write backslashes, or the names in other letters than the relationships do.
        self._names = {member.filename.replace("\\", "/").lower(): member for member in members}

    def has(self, name: str) -> bool:
        """Tell whether the archive has such a part."""
        return name.lower() in self._names

    def read(self, name: str) -> bytes:
        """Return the bytes of a part, empty where there is none."""
        member = self._names.get(name.lower())
        if member is None:
            return b""
        if member.flag_bits & 1:
            raise NoWorkbookError("it is locked with a password; save it as XLSX without one")
        try:
            return self._archive.read(member)
        except _BROKEN as error:
            raise _damaged(name) from error

    def walk(
        self,
        name: str,
        begin: Begin,
        end: End | None = None,
        text: Callable[[str], None] | None = None,
        *,
        most: int = _MOST_ENTRIES,
        counted: frozenset[str] | None = None,
    ) -> None:
        """Read a part's XML, telling each element by its local name; `counted` elements may be `most`."""
        count = 0

        def begins(element: str, attributes: dict[str, str]) -> None:
            nonlocal count
            space, _, tag = element.rpartition(" ")
            if space.startswith(_STRICT):
                raise NoWorkbookError(_STRICT_TOLD)
            count += counted is None or tag in counted
            if count > most:
                raise NoWorkbookError(f"{name} has more than {most} entries; keep the rows that are meant")
            begin(tag, attributes)

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = begins
        parser.StartDoctypeDeclHandler = _declares
        if end is not None:
            parser.EndElementHandler = lambda element: end(element.rpartition(" ")[2])
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            parser.Parse(self.read(name), True)  # noqa: FBT003 - expat's own signature
        except (expat.ExpatError, UnicodeError, LookupError) as error:
            raise _damaged(name) from error

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to: by id, the last word of the kind and the name of the other part.

        The archive itself is the part with the empty name.
        """
        folder, base = posixpath.split(name)
        source = posixpath.join(folder, f"_rels/{base}.rels")
        found: dict[str, tuple[str, str]] = {}

        def begin(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                kind, target = given.get("Type", ""), given.get("Target", "")
                if kind.startswith(_STRICT):
                    raise NoWorkbookError(_STRICT_TOLD)
                place = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[given.get("Id", "")] = (kind.rpartition("/")[2], posixpath.normpath(place))

        if self.has(source):
            self.walk(source, begin)
        return found

    def main_part(self) -> str:
        """Return the name of the part that lists the sheets. Raises for a package of another program."""
        if self.read("mimetype").startswith(_OPEN_DOCUMENT):
            raise NoWorkbookError(f"it is an OpenDocument file (ODS); {_SAVE_AS}")
        names = [target for kind, target in self.relations("").values() if kind == "officeDocument"]
        for name in names:
            if not name.lower().endswith(".bin") and self._root(name) == "workbook":
                return name
        told = (told for mark, told in _OTHERS for name in self._names if _marks(name, mark))
        unknown = f"it is no workbook that can be read; open it in a spreadsheet program and {_SAVE_AS}"
        raise NoWorkbookError(next(told, unknown))

    def _root(self, name: str) -> str:
        root = ""

        def begin(tag: str, _given: Mapping[str, str]) -> None:
            nonlocal root
            root = root or tag

        self.walk(name, begin)
        return root


def _marks(name: str, mark: str) -> bool:
    return name.endswith(mark) if mark.startswith(".") else name.startswith(mark)


def _declares(*_declaration: object) -> NoReturn:
    raise NoWorkbookError("it declares a document type, which no spreadsheet program writes")


def _damaged(name: str) -> NoWorkbookError:
    return NoWorkbookError(f"it is no workbook that can be read: {name} is damaged; {_SAVE_AS} again")
