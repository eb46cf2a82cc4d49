"""The words of the trade that code branches on, each an enum member with its stored spelling."""

from enum import StrEnum
from typing import Final, TypeVar

from workflow.domain.remarks import Remark

_Word = TypeVar("_Word", bound=StrEnum)


def known(words: type[_Word], spelling: str) -> _Word | None:
    """Return the word stored so, None for one this release does not know; to be read alone, lists go on."""
    return next((word for word in words if word == spelling), None)


class Stage(StrEnum):
    """Where a nomination stands, in the fixed words that filters and public pages use."""

    DRAFT = "draft"
    UNIT_REVIEW = "unit_review"
    CLUSTER_REVIEW = "cluster_review"
    COUNCIL = "council"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


FINAL_STAGES = frozenset({Stage.APPROVED, Stage.REJECTED, Stage.WITHDRAWN})
OPEN_STAGES = tuple(stage for stage in Stage if stage not in FINAL_STAGES)


class Role(StrEnum):
    """The roles every installation has; a definition may declare more."""

    NOMINATOR = "nominator"
    UNIT_REVIEWER = "unit_reviewer"
    UNIT_DEPUTY = "unit_deputy"
    CLUSTER_HEAD = "cluster_head"
    CLUSTER_DEPUTY = "cluster_deputy"
    APPRAISER = "appraiser"
    COUNCIL_MEMBER = "council_member"
    COUNCIL_SECRETARY = "council_secretary"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


class RoleScope(StrEnum):
    """What a role in a definition refers to; resolved to a named seat when work opens."""

    SUBJECT_UNIT = "subject.unit"
    PARENT_UNIT = "subject.unit.parent"
    CLUSTER = "cluster"
    COUNCIL = "council"
    ROUND = "round"
    ALL = "all"


class BuiltIn(StrEnum):
    """Actions every nomination knows that are never moves of a definition."""

    CREATE = "create"
    EDIT = "edit"
    RECALL = "recall"
    WITHDRAW = "withdraw"
    CLAIM = "claim"
    RELEASE = "release"
    REASSIGN = "reassign"
    TAKE_OVER = "take_over"
    HOLD = "hold"
    RELEASE_HOLD = "release_hold"
    REQUEST_INFO = "request_info"
    ANSWER_INFO = "answer_info"
    ASK_OPINION = "ask_opinion"
    RECEIVE_OPINION = "receive_opinion"
    RECORD_OUTCOME = "record_outcome"
    ANNUL = "annul"
    REINSTATE = "reinstate"
    PREPARE = "prepare"
    PREPARE_AGAIN = "prepare_again"
    UNDO = "undo"
    ABANDON = "abandoned"


class Ending(StrEnum):
    """How a stay in a step ended: by a move that the step was for, or by what took the work away from it."""

    MOVED = "moved"
    RECALLED = "recalled"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"


class Via(StrEnum):
    """How an event reached the record."""

    WEB = "web"
    API = "api"
    CLI = "cli"
    TIMER = "timer"
    IMPORT = "import"
    PAPER = "paper"
    LINK = "link"


UNDONE: Final = "undone"
"""What the event of an undoing is called, and how the work ends that it takes away."""
REPLAN: Final = "replan"
"""What an event is called that moves a due date with its round: like a timer's, it changes no version."""
MORE_TIME: Final = "more_time"
"""What it is called where somebody above gave late work another date: no version changes either."""
ATTEST: Final = "attest"
"""What an event is called by which an upgrade put a row's facts under the chain: it changed nothing."""
NUDGE: Final = "nudge"
"""What a reminder by hand is called, as an event and as a rung of the ledger; no ladder promises one."""


class CourtesyAction(StrEnum):
    """What is said beside deciding: reports held back, calls (in the ledger too), dates, exceptions."""

    HOLD_ESCALATION = "hold_escalation"
    RELEASE_ESCALATION = "release_escalation"
    TELEPHONE = "telephone"
    PROPOSE_DATE = "propose_date"
    REFUSE_DATE = "refuse_date"
    ADMIT_LATE = "admit_late"


_PREPARING: Final = (BuiltIn.PREPARE, BuiltIn.PREPARE_AGAIN)
UNVERSIONED: Final = (REPLAN, MORE_TIME, ATTEST, NUDGE, *_PREPARING, *CourtesyAction, *Remark)


def changes_version(*, via: str, action: str) -> bool:
    """Return whether an event of a nomination moved its version: a timer's and those named here do not."""
    return action == BuiltIn.RELEASE or (via != Via.TIMER and action not in UNVERSIONED)


class SubjectKind(StrEnum):
    """Whom an award honours."""

    PERSON = "person"
    COLLECTIVE = "collective"


class WorkKind(StrEnum):
    """What a person is asked to do."""

    STAGE = "stage"
    PREPARE = "prepare"
    ANSWER = "answer"


class RungKind(StrEnum):
    """What a rung of the ladder does when its time comes."""

    REMIND = "remind"
    ESCALATE = "escalate"


class Recipient(StrEnum):
    """Whom a rung addresses; resolved to people when it fires. Only `top` leaves the house of late work."""

    HOLDER = "holder"
    GROUP = "group"
    HEAD = "head"
    NEXT_LEVEL = "next_level"
    STANDING_BODY = "standing_body"
    TOP = "top"


class NoticeKind(StrEnum):
    """Each kind of mail the product writes."""

    WORK_OPENED = "work_opened"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    ANNULLED = "annulled"
    REINSTATED = "reinstated"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    SEAT_EMPTY = "seat_empty"
    RETURN_EXPECTED = "return_expected"
    RETURN_REMINDER = "return_reminder"
    RETURN_ESCALATION = "return_escalation"
    DATES_MOVED = "dates_moved"
    WORK_GONE = "work_gone"
    OBSTACLES = "obstacles"
    ACTION_CODE = "action_code"
    DATE_PROPOSED = "date_proposed"
    DATE_REFUSED = "date_refused"
    DATE_LAPSED = "date_lapsed"
    SUBSTITUTION = "substitution"
    PREPARE_AGAIN = "prepare_again"
    FACT_ASKED = "fact_asked"
    FACT_REMINDER = "fact_reminder"
    FACT_ANSWERED = "fact_answered"
    FACT_LAPSED = "fact_lapsed"
    INFO_ASKED = "info_asked"
    INFO_ANSWERED = "info_answered"
    MENTIONED = "mentioned"


class MailClass(StrEnum):
    """How urgent a mail is and whether its reader may switch it off."""

    SECURITY = "security"
    ESCALATION = "escalation"
    DECISION = "decision"
    TASK = "task"
    INFO = "info"


class MailState(StrEnum):
    """Where a mail stands between the record and the server."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"


class InstallationKind(StrEnum):
    """What the data of an installation are; only live data are anybody's."""

    LIVE = "live"
    DEMO = "demo"
    REPLAY = "replay"
    SIMULATION = "simulation"


class DecisionKind(StrEnum):
    """What kind of paper closes a step."""

    RECOMMENDATION = "recommendation"
    DECISION = "decision"
    SUBMISSION_UPWARD = "submission_upward"
    UPPER_DECISION = "upper_decision"
    ANNULMENT = "annulment"


class AwardLevel(StrEnum):
    """Who decides on an award: the head at the base, the head of the sector, somebody above it."""

    BASE = "base"
    BASE_OR_SECTOR = "base_or_sector"
    SECTOR = "sector"
    STATE = "state"


class VoteResult(StrEnum):
    """What a council's counts mean. A tie or a share below the threshold is not a rejection by a person."""

    PASSED = "passed"
    NOT_PASSED = "not_passed"
    TIED = "tied"


class UpperOutcome(StrEnum):
    """What became of an award that is decided above."""

    AWARDED = "awarded"
    NOT_AWARDED = "not_awarded"


class RoundDate(StrEnum):
    """The dates a round may have; a step of a definition may be due by one (`due: round.unit_deadline`)."""

    UNIT_DEADLINE = "unit_deadline"
    CLUSTER_DEADLINE = "cluster_deadline"
    RECEPTION_DEADLINE = "reception_deadline"
    APPRAISAL_DEADLINE = "appraisal_deadline"
    COUNCIL_DATE = "council_date"
    DECISION_DATE = "decision_date"
    UPPER_DEADLINE = "upper_deadline"


class PaperKind(StrEnum):
    """The papers of a dossier, of a submission and of what is done on paper."""

    ACHIEVEMENT_REPORT = "achievement_report"
    INITIATIVE_CERTIFICATE = "initiative_certificate"
    SUMMARY_REPORT = "summary_report"
    PROPOSAL = "proposal"
    MEETING_MINUTES = "meeting_minutes"
    CLUSTER_MINUTES = "cluster_minutes"
    COUNCIL_MINUTES = "council_minutes"
    BALLOT_RESULT = "ballot_result"
    DECISION = "decision"
    ANSWER = "answer"
    OTHER = "other"
