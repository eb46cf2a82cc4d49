"""The words of the trade that code branches on, each an enum member with its stored spelling."""

from enum import StrEnum


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
    HOLD = "hold"
    RELEASE_HOLD = "release_hold"
    ABANDON = "abandoned"


class Via(StrEnum):
    """How an event reached the record."""

    WEB = "web"
    API = "api"
    CLI = "cli"
    TIMER = "timer"
    IMPORT = "import"


class SubjectKind(StrEnum):
    """Whom an award honours."""

    PERSON = "person"
    COLLECTIVE = "collective"


class WorkKind(StrEnum):
    """What a person is asked to do."""

    STAGE = "stage"


class RungKind(StrEnum):
    """What a rung of the ladder does when its time comes."""

    REMIND = "remind"
    ESCALATE = "escalate"


class Recipient(StrEnum):
    """Whom a rung addresses; resolved to people when it fires."""

    HOLDER = "holder"
    GROUP = "group"
    HEAD = "head"
    NEXT_LEVEL = "next_level"
    STANDING_BODY = "standing_body"


class NoticeKind(StrEnum):
    """Each kind of mail the product writes."""

    WORK_OPENED = "work_opened"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    PASSWORD_LINK = "password_link"  # noqa: S105 - the name of a notice, not a password


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


class DecisionKind(StrEnum):
    """What kind of paper closes a step."""

    RECOMMENDATION = "recommendation"
    DECISION = "decision"
