"""The archive that a form is: small enough to open, and nothing in it that runs or reaches outside."""

import io
import re
import zipfile
import zlib
from typing import Final

from lxml import etree

from workflow.forms.refused import FormRefusedError

_MOST_MEMBERS: Final = 500
_MOST_UNPACKED: Final = 24 * 2**20
_MAIN: Final = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    etree.LxmlError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
_RUNS: Final = ("vbaproject", "activex", "embeddings/", "oleobject", "macrosheets/", "customui")
_REACHES: Final = ("externallinks/", "connections.xml", "querytables/")
_MACROS: Final = "macroenabled"
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Fields of a text document that fetch, start or run something (ECMA-376-1, 17.16.5), and ours in a field.
_REACHING: Final = re.compile(
    r"\{[{%]|\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE|MACROBUTTON)\b", re.IGNORECASE
)


def demand_harmless(content: bytes, kind: str) -> None:
    """Raise `FormRefusedError` for what is no such file, unpacks to too much, runs, or reaches outside."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > _MOST_UNPACKED:
                raise FormRefusedError("large", most=str(_MOST_UNPACKED // 2**20))
            names = {one.filename.replace("\\", "/").lower() for one in members}
            if _MAIN[kind] not in names:
                raise FormRefusedError("unreadable")
            _demand_none(names, _RUNS, "runs")
            _demand_none(names, _REACHES, "outside")
            for one in members:
                _look(one.filename.replace("\\", "/").lower(), archive.read(one))
    except _BROKEN as error:
        raise FormRefusedError("unreadable") from error


def _demand_none(names: set[str], marks: tuple[str, ...], code: str) -> None:
    if any(mark in name for name in names for mark in marks):
        raise FormRefusedError(code)


def _look(name: str, part: bytes) -> None:
    is_text = name.startswith("word/") and name.endswith(".xml")
    if not (is_text or name.endswith(".rels") or name == "[content_types].xml"):
        return
    tree = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    if tree.getroottree().docinfo.doctype:
        raise FormRefusedError("unreadable")
    if is_text:
        told = [one.text or "" for one in tree.iter(f"{_WORD}instrText")]
        told += [one.get(f"{_WORD}instr", "") for one in tree.iter(f"{_WORD}fldSimple")]
        if _REACHING.search("".join(told)):
            raise FormRefusedError("outside")
        return
    for one in tree.iter("{*}Override", "{*}Default"):
        if _MACROS in one.get("ContentType", "").lower():
            raise FormRefusedError("runs")
    for one in tree.iter("{*}Relationship"):
        if one.get("TargetMode", "").lower() == "external" and not one.get("Type", "").endswith("/hyperlink"):
            raise FormRefusedError("outside")
