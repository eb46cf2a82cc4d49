"""One request as waitress takes it in: what a body may be, what is cut short, what is no request at all."""

from copy import copy
from typing import Any, Final

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import RequestEntityTooLarge
from werkzeug.exceptions import InternalServerError, default_exceptions

from api.problems import problem_of, problem_response
from api.uploads import NO_ROOM

_FORM: Final = "multipart/form-data"


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """One request as it arrives. Only a form may bring files; another request behind it is not read."""

    is_cut = False
    not_taken: OSError | None = None
    adj: Adjustments

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and with it what the body may be."""
        super().parse_header(header_plus)
        if not self.headers.get("CONTENT_TYPE", "").lower().startswith(_FORM):
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = self.adj.limits.body_bytes + 1

    def received(self, data: bytes) -> int:
        """Take bytes in and return how many were of this request.

        A browser waits for its answer before it asks again. Whoever does not would fill the disk with answers
        nobody reads, so the connection ends after the first.
        """
        try:
            count: int = super().received(data)
        except OSError as error:
            # A large body lies in a temporary file. Whoever sent it reads of the full disk, as of any other.
            self.not_taken = error
            self.cut()
            return len(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.cut()
        if self.completed and not self.empty and data[count:].strip():
            self.headers["CONNECTION"] = "close"
            return len(data)
        return count

    def cut(self) -> None:
        """Let the request be answered as far as it came; the connection ends with that answer."""
        self.error, self.is_cut, self.completed, self.expect_continue = None, True, True, False
        self.headers["CONNECTION"] = "close"
        if self.chunked:
            self.headers["CONTENT_LENGTH"] = str(self.body_bytes_received + 1)


class Request(WSGITask):  # type: ignore[misc]  # as above
    """A request on its way through the application."""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment; of a body cut short it says that more was promised."""
        environ: dict[str, Any] = super().get_environment()
        if self.request.is_cut:
            # Werkzeug takes the name alone for a promise that the end of the stream is the body's.
            environ.pop("wsgi.input_terminated", None)
        environ[NO_ROOM] = self.request.not_taken
        return environ


class Unreadable(ErrorTask):  # type: ignore[misc]  # as above
    """The answer to what is no request: a problem, as everywhere."""

    def execute(self) -> None:
        """Write the problem and end the connection."""
        # Of a head that could not be read waitress takes the lowest version for said.
        self.version = "1.1"
        error = default_exceptions.get(self.request.error.code, InternalServerError)
        response = problem_response(problem_of(error()))
        body = response.get_data()
        self.status, self.content_length = response.status, len(body)
        self.response_headers.extend(response.headers.items())
        self.set_close_on_finish()
        self.write(body)
