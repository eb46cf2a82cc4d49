"""Every refusal the product gives: a stable code, an HTTP status, and words a person can act on.

`reasons` are rules that said no (each a code with its message); `errors` are fields that could not be read.
Messages are English sentences here; the edge translates them by code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that refused, with what a person can do about it."""

    code: str
    message: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that could not be read, by its path in the input."""

    field: str
    message: str


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """Base of every typed refusal; never raised itself."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str,
        *,
        reasons: Sequence[Reason] = (),
        errors: Sequence[FieldError] = (),
        **params: str,
    ) -> None:
        """Carry the sentence shown to the person, the rules and fields behind it, and its parameters."""
        super().__init__(detail)
        self.detail = detail
        self.reasons = tuple(reasons)
        self.errors = tuple(errors)
        self.params = params


class NotFound(Refusal):
    """Nothing of that name, or nothing the actor may see."""

    code, status, title = "not-found", 404, "Not found"


class Forbidden(Refusal):
    """The actor sees the thing but has no right to this action."""

    code, status, title = "forbidden", 403, "Not allowed"


class Unauthenticated(Refusal):
    """No valid token or session came with the request."""

    code, status, title = "unauthenticated", 401, "Sign in first"


class StaleNomination(Refusal):
    """The nomination changed since the actor looked at it."""

    code, status, title = "stale-nomination", 409, "Somebody was faster"


class StaleSubmission(Refusal):
    """The paper or its list changed since the actor looked at it."""

    code, status, title = "stale-submission", 409, "The list has changed"


class SubmissionSent(Refusal):
    """The paper was signed and sent: its list stands, its words change only by a correction with a reason."""

    code, status, title = "paper-sent", 409, "The paper was sent"


class NothingListed(Refusal):
    """No row of a list could be taken; `reasons` says of each row why."""

    code, status, title = "nothing-listed", 422, "No row could be taken"


class MoveNotOpen(Refusal):
    """The action does not leave the state the nomination is in."""

    code, status, title = "move-not-open", 409, "This step is not open"


class RouteUnreadable(Refusal):
    """The definition a nomination is pinned to cannot be read by this release: nothing is decided by it."""

    code, status, title = "route-unreadable", 409, "The route cannot be read"


class NominationHeld(Refusal):
    """The nomination is on hold; nothing moves until the hold is released."""

    code, status, title = "on-hold", 409, "On hold"


class AlreadyClaimed(Refusal):
    """Somebody else is working on it."""

    code, status, title = "already-claimed", 409, "Somebody else works on it"


class Conflict(Refusal):
    """What was asked contradicts what is already recorded."""

    code, status, title = "conflict", 409, "Contradicts the record"


class PreviewStale(Refusal):
    """What would change is not what was shown; `reasons` name each difference that can be named."""

    code, status, title = "preview-stale", 409, "Something changed since it was shown"


class RequirementsMissing(Refusal):
    """Rules of the move are not met; `reasons` names every one."""

    code, status, title = "requirements-missing", 422, "Something is missing"


class InvalidField(Refusal):
    """A field's content cannot be taken; `errors` names each."""

    code, status, title = "invalid-field", 422, "Cannot be read"


class UnknownStep(Refusal):
    """The step named in the request is not one the move leads to."""

    code, status, title = "unknown-step", 422, "No such step"


class NoSuchSeat(Refusal):
    """The next step belongs to a seat that does not exist for this nomination."""

    code, status, title = "no-such-seat", 422, "Nobody to send it to"


class PreconditionRequired(Refusal):
    """A change came without the version it was based on."""

    code, status, title = "version-required", 428, "Say which version you saw"


class PreconditionFailed(Refusal):
    """No entity tag of `If-Match` names what is there now (RFC 9110, 13.1.1)."""

    code, status, title = "precondition-failed", 412, "Another version is there now"


class KeyReused(Refusal):
    """An Idempotency-Key came again with another request."""

    code, status, title = "idempotency-key-reused", 422, "This key was used for another request"


class InvalidDefinition(Refusal):
    """A workflow definition has problems; `errors` names each with file and line."""

    code, status, title = "invalid-definition", 422, "The definition has problems"


class InvalidImport(Refusal):
    """A file of rows has bad cells or cannot be read; `errors` names each by line and column."""

    code, status, title = "invalid-import", 422, "The file cannot be imported"


class InvalidLog(Refusal):
    """A log or mapping cannot be read; the detail says where and what."""

    code, status, title = "invalid-log", 422, "The log cannot be read"


class NotYours(Refusal):
    """The database holds other people's work, so a replay or simulation will not touch it."""

    code, status, title = "database-in-use", 409, "This database is in use"


class FileTooLarge(Refusal):
    """A file is larger than this installation takes; the detail says how large one may be."""

    code, status, title = "file-too-large", 413, "The file is too large"


class TooMuchAtOnce(Refusal):
    """A form brings more bytes of files than one may; the detail says how many."""

    code, status, title = "too-much-at-once", 413, "Too much at once"


class PapersFull(Refusal):
    """A dossier or an account has brought as much paper as this installation takes; the detail says it."""

    code, status, title = "papers-full", 413, "No room for more papers"


class UnknownFileType(Refusal):
    """A file's content is no whole PDF or image, whatever its name says."""

    code, status, title = "unknown-file-type", 422, "No PDF and no image"


class LockedFile(Refusal):
    """A PDF asks for a password: nobody who has to read it later could."""

    code, status, title = "locked-file", 422, "A PDF with a password"


class EmptyFile(Refusal):
    """A file holds nothing: what was to be sent never came onto the disk it was taken from."""

    code, status, title = "empty-file", 422, "An empty file"


class TooManyRows(Refusal):
    """A list is asked for as a file that would not hold it; the detail says how many rows one holds."""

    code, status, title = "too-many-rows", 422, "Too many rows for a file"


class TooManyAttempts(Refusal):
    """Sign-in failed too often; the detail says when to try again."""

    code, status, title = "too-many-attempts", 429, "Too many attempts"
