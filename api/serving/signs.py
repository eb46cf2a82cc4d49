"""Signs of life, as whoever keeps processes alive asks for them: an answer, and pulses of work done."""

import http.client
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from workflow.operations.sweep.heartbeat import Pulse, read_beats

_HEALTH_PATH: Final = "/healthz"
_HEALTH_SECONDS: Final = 0.5
_DATABASE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Asks whether the web answers that it is healthy."""

    host: str
    port: int

    def __call__(self) -> bool:
        """Return whether it does, within half a second."""
        with closing(http.client.HTTPConnection(self.host, self.port, timeout=_HEALTH_SECONDS)) as connection:
            try:
                connection.request("GET", _HEALTH_PATH)
                return connection.getresponse().status == http.client.OK
            except (OSError, http.client.HTTPException):
                return False


@dataclass(slots=True)
class Pulses:
    """Asks the database whether every kind of work was done since the last yes.

    No clock is read: a row that moved is alive, whatever time it shows. While the database does not answer,
    the worker is not to blame, and the answer is yes.
    """

    database_url: str
    _seen: dict[str, datetime] = field(default_factory=dict)

    def __call__(self) -> bool:
        """Return whether all have moved, within a few seconds."""
        try:
            found = read_beats(self.database_url, patience=_DATABASE_SECONDS)
        except SQLAlchemyError:
            return True
        if any(found.get(pulse) == self._seen.get(pulse) for pulse in Pulse):
            return False
        self._seen = found
        return True
