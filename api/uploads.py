"""Routes that take a file: how large it may be, when it is read, and the folder it is received into."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

import structlog
from flask import Response, current_app, request, send_file

from api.edge import edge, end_reading, request_now, request_session
from api.gate import demand_storable
from api.permissions import View
from workflow.domain.errors import NotFound, Reason
from workflow.domain.papers.kinds import Target
from workflow.domain.papers.media import Incoming
from workflow.domain.rights.policy import Actor
from workflow.queries.papers import StoredPaper, demand_room_ahead

_log = structlog.get_logger(__name__)

FILE: Final = "file"
MULTIPART: Final = "multipart/form-data"
_ATTRIBUTE: Final = "commendo_takes_file"
BESIDE_THE_FILE: Final = 64 * 1024
"""Room for the words beside the file and for the borders between the parts."""
# A paper comes from anybody: nothing of it may run, load or be framed (OWASP ASVS 5.0.0, 5.4.1 and 3.2.1).
_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"


def takes_file(view: View) -> View:
    """Declare that a view takes a file; every other route keeps the small limit of the application."""
    setattr(view, _ATTRIBUTE, True)
    return view


def read_body() -> None:
    """Take the whole body in: a form with a file to a temporary file of the system's, else to memory.

    Raises `InvalidField` for a field that cannot be stored. Called before a transaction is opened, which must
    not wait for a slow sender.
    """
    if request.mimetype == MULTIPART and _takes_file():
        request.max_content_length = edge().settings.attachment_bytes + BESIDE_THE_FILE
        # Reading the form reads the files with it.
        demand_storable(request.form, "form")
        return
    request.get_data(cache=True)
    demand_storable(request.form, "form")


@contextmanager
def received_file(actor: Actor, target: Target) -> Iterator[Incoming | None]:
    """Receive the file that came with this request, None without one; nothing is left of it unless kept.

    Raises `NotFound` and `PapersFull` before the papers' disk is written to; the transaction is over then.
    """
    given = request.files.get(FILE)
    if given is None or not given.filename:
        yield None
        return
    demand_room_ahead(
        request_session(),
        actor=actor,
        target=target,
        byte_count=given.stream.seek(0, os.SEEK_END),
        quota=edge().settings.paper_quota,
        now=request_now(),
    )
    end_reading()
    given.stream.seek(0)
    with edge().papers.receive(given.stream, most_bytes=edge().settings.attachment_bytes) as incoming:
        yield incoming


def given_filename() -> str:
    """Return what the sender calls the file, empty without one."""
    given = request.files.get(FILE)
    return (given.filename or "") if given is not None else ""


def sent_paper(paper: StoredPaper) -> Response:
    """Return a paper to be saved, never to be shown in place, whatever its reader's browser thinks it is.

    Raises `NotFound`, reason `paper_lost`, when the disk no longer has the whole of it.
    """
    response = send_file(
        _whole(paper),
        mimetype=paper.media_type,
        as_attachment=True,
        # Written as RFC 5987 has it where it is not ASCII.
        download_name=paper.filename,
        conditional=False,
        etag=False,
    )
    response.content_length = paper.byte_count
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _whole(paper: StoredPaper) -> IO[bytes]:
    """Return the open file of a paper, or say to its reader and to the log that it is lost."""
    try:
        file = edge().papers.open(paper.storage_name)
    except OSError as problem:
        raise _lost(paper, type(problem).__name__) from problem
    size = os.fstat(file.fileno()).st_size
    if size != paper.byte_count:
        file.close()
        raise _lost(paper, f"{size} bytes instead of {paper.byte_count}")
    return file


def _lost(paper: StoredPaper, why: str) -> NotFound:
    _log.error("paper_file_lost", file=paper.storage_name, why=why)
    message = (
        "The paper is on record, but its file is missing or damaged on the server. "
        "Tell whoever runs the server: it has to come back from a backup."
    )
    return NotFound(message, reasons=[Reason("paper_lost", message)])


def _takes_file() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, _ATTRIBUTE, False))
