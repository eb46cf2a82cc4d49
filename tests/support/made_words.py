"""Keys of words that are put together while a page is made, with everything that can be put in."""

from collections.abc import Iterable, Mapping
from dataclasses import fields

from api.catalogue import catalogue
from api.pages.council.pasted import COLUMNS
from api.pages.exports import audit as audit_file
from api.pages.exports import inbox as inbox_file
from api.pages.exports import nominations as nominations_file
from api.pages.exports import organisation as organisation_files
from api.pages.exports import submission as submission_file
from api.pages.views.intake.autosave import AUTOSAVE_WORDS
from api.pages.views.intake.by_script import SCRIPT_WORDS
from api.sheets.table import FileKind
from tasks.errands import COUNTED
from tests.support.deeds import deeds
from tests.support.told_names import told_names
from workflow.domain.clusters.officers import Headed
from workflow.domain.eligibility.evaluate import RuleVerdict
from workflow.domain.eligibility.facts import Discipline, FactKind, FactSource, Grade, InitiativeReach
from workflow.domain.eligibility.rules import HowKnown, RuleKind
from workflow.domain.history.kinds import StreamKind
from workflow.domain.history.wrong import Wrong
from workflow.domain.mails.preferences import Pace, PreferenceProblem
from workflow.domain.moves.attention import Concern
from workflow.domain.obstacles import ObstacleReason
from workflow.domain.owed import ReturnStatus
from workflow.domain.papers.office_forms import FormFormat, FormPurpose, fields_of
from workflow.domain.papers.rules import PaperAction
from workflow.domain.remarks import Audience, Remark
from workflow.domain.reported import MailTrouble, ReportSource
from workflow.domain.route.counterparts import MIGRATE, NoCounterpart
from workflow.domain.route.differences import DifferenceKind
from workflow.domain.route.states import BUILT_IN_STATES
from workflow.domain.time.days import YearState
from workflow.domain.time.parties import Party, Pause
from workflow.domain.time.reasons import DueBasis
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import (
    ATTEST,
    MORE_TIME,
    NUDGE,
    REPLAN,
    UNDONE,
    BuiltIn,
    CourtesyAction,
    MailState,
    NoticeKind,
    PaperKind,
    Recipient,
    Role,
    RoleScope,
    RoundDate,
    RungKind,
    Stage,
    SubjectKind,
    UpperOutcome,
    Via,
    VoteResult,
)
from workflow.imports.reading.columns import ImportKind
from workflow.operations.calendars.counts import Replanned
from workflow.operations.foresight.coming import Cause
from workflow.operations.foresight.impact import StepImpact
from workflow.operations.routes.plan import GoneOver
from workflow.queries.board.board import Show
from workflow.queries.board.outlook import Risk
from workflow.queries.escalations.proposed_dates import AskedOutcome
from workflow.queries.inbox.filters import DueGroup, InboxFilters, InboxFlag
from workflow.queries.inbox.looks import Tab
from workflow.queries.inbox.narrow import HolderWord
from workflow.queries.inbox.rows import WhyKind
from workflow.queries.nominations.filters import Flag, Order
from workflow.queries.people.record import Told
from workflow.queries.progress import Progress
from workflow.queries.setup.staff import SignsIn
from workflow.queries.setup.units import UnitState
from workflow.queries.submissions.tally import ListStatus
from workflow.queries.waiting.measures import TimeKind

# Keys that are put together while a page is made, with everything that can be put in.
STEPS = (
    *("units", "people", "accounts", "definitions", "awards", "days", "round", "nomination", "decision"),
)
THINGS = ("units", "people", "accounts", "tokens", "definitions", "awards", "days", "rounds", "imports")
PASS = ("title", "wait", "nothing_waits", "sheet", "confirm", "done")
MADE: Mapping[str, Iterable[str]] = {
    "state": BUILT_IN_STATES,
    "forms.purpose_": FormPurpose,
    "forms.title_": FormPurpose,
    "forms.kind_": FormFormat,
    "forms.field_": {field.name for purpose in FormPurpose for _, field in fields_of(purpose)},
    "forms.sample_subject_": ("1", "2", "3"),
    "my_mails": ("digest_at", "quiet_from", "quiet_until", *PreferenceProblem),
    "my_mails.pace_": Pace,
    "intake.script": SCRIPT_WORDS,
    "autosave": AUTOSAVE_WORDS,
    "decide": ("apart", "clean", *PASS),
    "prepare": PASS,
    "comment.send_": Audience,
    "comment.for_": Audience,
    "decide.look_": Concern,
    "role": Role,
    "stage": Stage,
    "site": ("demo", "replay", "simulation"),
    "comment.reads_": Audience,
    "mail.notice_": (*NoticeKind, "unreadable"),
    "mail.state_": MailState,
    "mail.reason_": (
        "simulated",
        "work_done",
        "on_hold",
        "taken_by_another",
        "no_longer_entitled",
        "nothing_to_tell",
        "recipient_disabled",
        "away",
        "answered",
        "set_aside",
        "read",
        "undone",
        "award_annulled",
    ),
    "changed.mark_": ("del", "ins"),
    "changed.fact_": ("recommendation", "decision", "upper_outcome", "submission"),
    "absence.state_": ("now", "coming", "over", "ended"),
    "work.why_": WhyKind,
    "work.at_once_": ("votes", "signing"),
    "work.group_": DueGroup,
    "inbox.tab_": Tab,
    "inbox.empty_": [tab for tab in Tab if tab is not Tab.ALL],
    "inbox.holder_": [word for word in HolderWord if word is not HolderWord.ONE],
    "inbox.flag_": InboxFlag,
    "inbox": [one.name for one in fields(InboxFilters) if one.name != "state"],
    "nominations.flag_": Flag,
    "nominations.order_": Order,
    "people.source_": Told,
    "fact.kind_": FactKind,
    "fact.grade_": Grade,
    "fact.discipline_": Discipline,
    "fact.initiative_": InitiativeReach,
    "fact.source_": FactSource,
    "fact.from_on_": ("recruited", "discipline", "initiative"),
    "advice": RuleKind,
    "advice.verdict_": RuleVerdict,
    "advice.conf_": HowKnown,
    "advice.of_": ("members_awarded", "member_awarded", "no_member_disciplined_from"),
    "people": ("future", "order"),
    "progress": Progress,
    "board.show_": Show,
    "board.status_": ReturnStatus,
    "board_text.risk_": Risk,
    "board_text.count_": [progress for progress in Progress if progress is not Progress.PROPOSED],
    "board_csv.count_": Progress,
    "audit": ("actor", "code", "unit", "since", "until"),
    "letters.sample_": (
        "person",
        "award",
        "unit",
        "step",
        "reason",
        "comment",
        "officer",
        "holder",
        "office",
    ),
    "units.state_": UnitState,
    "staff.account_": SignsIn,
    "audit.kind_": StreamKind,
    "audit.via_": Via,
    "audit.did_": deeds() - {MIGRATE, REPLAN},
    "audit.data_": told_names(),
    "sheet.title_": ("inbox", "nominations", "submission", "audit", "units", "staff"),
    "sheet.file_": FileKind,
    "sheet.kind_": SubjectKind,
    "sheet": sorted(
        {
            *inbox_file.COLUMNS,
            *inbox_file.DONE_COLUMNS,
            *nominations_file.COLUMNS,
            *submission_file.COLUMNS,
            *audit_file.COLUMNS,
            *organisation_files.UNIT_COLUMNS,
            *organisation_files.STAFF_COLUMNS,
        }
    ),
    "paper.help_": PaperKind,
    "action": (
        *BuiltIn,
        *PaperAction,
        *RungKind,
        *CourtesyAction,
        *Remark,
        ATTEST,
        MIGRATE,
        MORE_TIME,
        NUDGE,
        REPLAN,
        UNDONE,
    ),
    "nomination.subject_": SubjectKind,
    "dead.kind_": (*RungKind, "unreadable"),
    "dead.why_": MailTrouble,
    "escalations.refused_": ("own_work", "own_subject", "held_before"),
    "dead.learned_": ReportSource,
    "clusters.how_": Headed,
    "submissions.status_": ListStatus,
    "submissions.vote_": VoteResult,
    "votes": (
        *COLUMNS,
        *("line_columns", "line_no_file", "line_other_name", "line_no_name", "line_two_names", "line_twice"),
    ),
    "round.date_": RoundDate,
    "round.join_": ("awards", "units"),
    "round.warning_": ("passes_upper", "out_of_order", "earlier", "in_the_past", "already_done", "own_unit"),
    "move.outcome_": UpperOutcome,
    "form": (
        "future",
        "required",
        "unreadable",
        "not_in_list",
        "paper_day",
        "votes_differ",
    ),
    "clocks": ("not_started", "running", *Pause, "ended", "ended_incomplete", "on_hold"),
    "clocks.party_": Party,
    "bottlenecks.explained_": TimeKind,
    "bottlenecks.narrowed_": ("from", "to"),
    "due_why": (
        *DueBasis,
        *RoundDate,
        YearState.ESTIMATED,
        YearState.ABSENT,
        *("working_day", "working_days", "calendar_day", "calendar_days"),
        *("working_hour", "working_hours"),
        *(f"{one}_hours" for one in ("period", "resumed", "used_up", "doubled", "doubled_unnamed")),
        *("skipped", "days_off", "run", "list_and", "worked", "months", "first", "clock", "open", "open_why"),
        *("doubled", "doubled_unnamed", "closes", "closes_why", "paper"),
    ),
    # By its Vietnamese word, as a calendar names the day.
    "day_name": [key.partition(".")[2] for key in catalogue("vi") if key.startswith("day_name.")],
    "move": ("scan_missing",),
    "password": ("too_short", "too_long", "is_own", "is_common"),
    "rule": (
        "reason_code_missing",
        "reason_code_unknown",
        "comment_missing",
        "decision_missing",
        "decision_number_missing",
        "decision_signer_missing",
    ),
    "nudge.kind_": (*RungKind, NUDGE),
    "obstacles.reason_": ObstacleReason,
    "obstacles.why_": ObstacleReason,
    "obstacles": [f"{word}_{end}" for word in ("because", "day", "do") for end in ("extend", "plan_session")],
    "impact.kind_": DifferenceKind,
    "dates.answer_": AskedOutcome,
    "imports.kind_": ImportKind,
    "import_help": ImportKind,
    "role_help": Role,
    "imports.field_": (
        *("person", "owner", "kind", "members", "name_vi", "name_en", "subject_kind", "workflow_key"),
    ),
    "import_said": [key.removeprefix("import_said.") for key in catalogue("en") if "import_said." in key],
    "admin": [f"{word}_{step}" for word in ("step", "help") for step in STEPS],
    "admin.thing_": THINGS,
    "admin.given_to_": SubjectKind,
    "accounts.kind_": ("unit", "cluster", "council"),
    "accounts": ("name", "email", "person"),
    "admin.year_": YearState,
    "admin.calendar_": {*CalendarName} - {CalendarName.LOCAL},
    "routes.at_": tuple(scope.name.lower() for scope in RoleScope),
    "routes.rung_": RungKind,
    "routes.to_": Recipient,
    "accounts.locale_": ("vi", "en"),
    "accounts.place_": ("unit", "council", "cluster"),
    "errands.count_": {*COUNTED, *Replanned().counts(), *GoneOver().counts()},
    "errands.why_": NoCounterpart,
    "errands.wrong_": Wrong,
    "impact.count_": [one.name for one in fields(StepImpact) if one.name not in {"step", "is_gone"}],
    "forecast.why_": {
        *(f"{word}{at}" for word in ("around", *Recipient) for at in ("", "_at")),
        *(cause for cause in Cause if cause is not Cause.RUNG),
    },
}
