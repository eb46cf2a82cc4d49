"""Routes that take a file: how large it may be, when it is read, and the folder it is received into."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from typing import Final

import structlog
from flask import Response, current_app, request, send_file
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from api.edge import edge, end_reading, request_now, request_session
from api.gate import demand_storable
from api.permissions import View
from workflow.domain.errors import NotFound, Reason, Refusal, TooMuchAtOnce
from workflow.domain.papers.kinds import Target
from workflow.domain.papers.media import SHOWN, Incoming
from workflow.domain.rights.policy import Actor
from workflow.queries.papers import StoredPaper, demand_room_ahead
from workflow.settings import Settings

_log = structlog.get_logger(__name__)

FILE: Final = "file"
MULTIPART: Final = "multipart/form-data"
NO_ROOM: Final = "commendo.no_room"
"""In a request's environment: the error that kept its body from being taken in, where one did."""
_ATTRIBUTE: Final = "commendo_takes_file"
BESIDE_THE_FILE: Final = 64 * 1024
"""Room for the words beside the file and for the borders between the parts."""
FILES_TOGETHER: Final = 5
"""A form that takes several files takes as much of them together as so many of the largest."""
_PARTS_TOGETHER: Final = 500
# A paper comes from anybody: nothing of it may run, load or be framed (OWASP ASVS 5.0.0, 5.4.1 and 3.2.1).
_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
# The same in the frame of our own page, where the browser's viewer brings a style with it.
_SHOWN_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"


def takes_file(view: View) -> View:
    """Declare that a view takes a file; every other route keeps the small limit of the application."""
    setattr(view, _ATTRIBUTE, 1)
    return view


def takes_files(view: View) -> View:
    """Declare that a view takes several files in one form."""
    setattr(view, _ATTRIBUTE, FILES_TOGETHER)
    return view


def read_body() -> None:
    """Take the whole body in: a form with a file to a temporary file of the system's, else to memory.

    Raises `InvalidField` for a field that cannot be stored, `TooMuchAtOnce`, OSError where there is no room.
    Called before a transaction is opened, which must not wait for a slow sender.
    """
    if isinstance(error := request.environ.get(NO_ROOM), OSError):
        raise error
    count = _files_taken()
    if request.mimetype == MULTIPART and count:
        request.max_content_length = most_bytes_together(edge().settings, count)
        if count > 1:
            request.max_form_parts = _PARTS_TOGETHER
            _read_together()
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


def most_bytes_together(settings: Settings, count: int = FILES_TOGETHER) -> int:
    """Return how large a form with files may be: those of so many of the largest, and what is beside them."""
    return count * settings.attachment_bytes + BESIDE_THE_FILE * count


@contextmanager
def received_files(
    actor: Actor, given: Sequence[tuple[FileStorage, Sequence[Target]]]
) -> Iterator[list[Incoming | Refusal]]:
    """Receive several files, each for some places; nothing is left of one unless it is kept.

    For each what was received, or why it was not; the transaction is over then.
    """
    ahead = [_refused_ahead(actor, file, targets) for file, targets in given]
    end_reading()
    with ExitStack() as stack:
        found: list[Incoming | Refusal] = []
        for (file, _), refused in zip(given, ahead, strict=True):
            found.append(refused or _received(stack, file))
        yield found


def _received(stack: ExitStack, file: FileStorage) -> Incoming | Refusal:
    file.stream.seek(0)
    most = edge().settings.attachment_bytes
    try:
        return stack.enter_context(edge().papers.receive(file.stream, most_bytes=most))
    except Refusal as refusal:
        return refusal


def _refused_ahead(actor: Actor, file: FileStorage, targets: Sequence[Target]) -> Refusal | None:
    """Return why a file finds room at none of its places, None where it may at one."""
    refused = None
    for target in targets:
        try:
            demand_room_ahead(
                request_session(),
                actor=actor,
                target=target,
                byte_count=file.stream.seek(0, os.SEEK_END),
                quota=edge().settings.paper_quota,
                now=request_now(),
            )
        except Refusal as refusal:
            refused = refusal
        else:
            return None
    return refused


def given_filename() -> str:
    """Return what the sender calls the file, empty without one."""
    given = request.files.get(FILE)
    return (given.filename or "") if given is not None else ""


def sent_paper(paper: StoredPaper) -> Response:
    """Return a paper to be saved, never to be shown in place, whatever its reader's browser thinks it is.

    Raises `NotFound`, reason `paper_lost`, when the disk no longer has the whole of it.
    """
    return _sent(paper, _POLICY, is_saved=True)


def shown_paper(paper: StoredPaper) -> Response:
    """Return a paper for the frame of a page: what was told by its bytes when it came, and is still those.

    Raises `NotFound`, reasons `paper_lost` and `paper_not_shown`, the latter for what no browser shows.
    """
    if paper.media_type not in SHOWN:
        message = "This kind of file is not shown here; save it to read it."
        raise NotFound(message, reasons=[Reason("paper_not_shown", message)])
    return _sent(paper, _SHOWN_POLICY, is_saved=False)


def in_frame(response: Response) -> Response:
    """Let words of our own stand in the frame where a paper would."""
    response.headers["Content-Security-Policy"] = _SHOWN_POLICY
    return response


def _sent(paper: StoredPaper, policy: str, *, is_saved: bool) -> Response:
    response = send_file(
        _whole(paper),
        mimetype=paper.media_type,
        as_attachment=is_saved,
        # Written as RFC 5987 has it where it is not ASCII.
        download_name=paper.filename,
        conditional=False,
        etag=False,
    )
    response.content_length = paper.byte_count
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _whole(paper: StoredPaper) -> BufferedReader:
    """Return the open file of a paper, the very bytes that came, or say to reader and log that it is lost."""
    try:
        file = edge().papers.open(paper.storage_name)
    except OSError as problem:
        raise _lost(paper, type(problem).__name__) from problem
    size = os.fstat(file.fileno()).st_size
    if size != paper.byte_count:
        file.close()
        raise _lost(paper, f"{size} bytes instead of {paper.byte_count}")
    if hashlib.file_digest(file, "sha256").digest() != paper.sha256:
        file.close()
        raise _lost(paper, "another hash")
    file.seek(0)
    return file


def _lost(paper: StoredPaper, why: str) -> NotFound:
    _log.error("paper_file_lost", file=paper.storage_name, why=why)
    message = (
        "The paper is on record, but its file is missing or damaged on the server. "
        "Tell whoever runs the server: it has to come back from a backup."
    )
    return NotFound(message, reasons=[Reason("paper_lost", message)])


def _read_together() -> None:
    """Read a form of several files, or say how much it may be."""
    try:
        request.form.keys()
    except RequestEntityTooLarge as problem:
        megabytes = str(FILES_TOGETHER * edge().settings.attachment_megabytes)
        message = (
            f"The files of one form may have {megabytes} MB together. "
            "Nothing was taken; send fewer of them at once."
        )
        reason = Reason("too_much_at_once", message, {"megabytes": megabytes})
        raise TooMuchAtOnce(message, reasons=[reason]) from problem


def _files_taken() -> int:
    """Return how many of the largest files the form of this address may bring, 0 where it takes none."""
    view = current_app.view_functions.get(request.endpoint or "")
    return int(getattr(view, _ATTRIBUTE, 0))
