"""A workflow definition: the route of a nomination as immutable data, identified by its content.

These models say what a definition is made of; `checking` says whether the route makes sense.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from workflow.domain.errors import UnknownStep
from workflow.domain.route.role_at import RoleAt
from workflow.domain.route.spelling import ByText, DueText, Name, Names, OffsetText, RoleAtText, Words, named
from workflow.domain.route.states import BUILT_IN_STATES
from workflow.domain.time.due import Doubling, doubled
from workflow.domain.time.ladder import LadderRung
from workflow.domain.time.parties import Party
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import FINAL_STAGES, BuiltIn, Recipient, RungKind, Stage, SubjectKind

MOST_VERSIONS: Final = 1_000_000
REVIEW_STAGES: Final = frozenset({Stage.UNIT_REVIEW, Stage.CLUSTER_REVIEW, Stage.COUNCIL})
SWITCHABLE: Final = frozenset(
    {
        BuiltIn.RECALL,
        BuiltIn.WITHDRAW,
        BuiltIn.CLAIM,
        BuiltIn.RELEASE,
        BuiltIn.REASSIGN,
        BuiltIn.TAKE_OVER,
        BuiltIn.HOLD,
        BuiltIn.RELEASE_HOLD,
        BuiltIn.REQUEST_INFO,
        BuiltIn.ANSWER_INFO,
        BuiltIn.PREPARE,
        BuiltIn.UNDO,
    }
)
"""The built-in actions that a step may switch off with `without`."""


class _Part(BaseModel):
    """What every part of a definition has in common: it never changes and knows no other words."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Part):
    """Words on the screen, in both languages."""

    vi: Words
    en: Words

    def text(self, locale: str) -> str:
        """Give the words in that language, Vietnamese for any but English."""
        return self.en if locale.startswith("en") else self.vi


class RoleEntry(_Part):
    """A role that this definition adds to the built-in ones."""

    name: Name
    label: Label


class ReasonEntry(_Part):
    """A reason that a return or rejection may name."""

    code: Name
    label: Label


class RungEntry(_Part):
    """A rung of the ladder as the file spells it. `warn: false`: nobody is told of the escalation before."""

    at: OffsetText
    do: RungKind
    to: Recipient
    warn: StrictBool = True


class _Climbing(_Part):
    """What has a ladder."""

    rungs: tuple[RungEntry, ...] = Field(default=(), alias="ladder")

    @cached_property
    def ladder(self) -> tuple[LadderRung, ...]:
        """Give the promises in the form the planner takes."""
        return tuple(LadderRung(rung.at, rung.do, rung.to, rung.warn) for rung in self.rungs)


class Timing(_Climbing):
    """When the work of a stay is due, and who is told how long before and after.

    `doubled_when`: what makes the period of the due twice as long, once in a stay.
    """

    due: DueText | None = None
    doubled_when: Doubling | None = None

    def while_asked(self, *, is_asked: bool) -> Self:
        """Give the timing of a stay in which an outside office was asked for its opinion, or was not."""
        if not is_asked or self.doubled_when is None or self.due is None:
            return self
        return self.model_copy(update={"due": doubled(self.due)})


class OwedPaper(_Climbing):
    """Who is told how long before and after the day by which a unit owes a round its paper."""

    rungs: tuple[RungEntry, ...] = Field(alias="ladder")


class Returned(Timing):
    """The timing of a stay that began with a return, where it is another than the step's own."""

    due: DueText


class Step(Timing):
    """A place where a nomination stays until somebody moves it; `party`: whose time that is, where said."""

    name: Name
    stage: Stage
    label: Label
    public_label: Label | None = None
    owner: RoleAtText | None = None
    returned: Returned | None = None
    party: Party | None = None
    final: StrictBool = False
    without: tuple[BuiltIn, ...] = ()

    @property
    def public(self) -> Label:
        """Give the words for people outside, which are the inside ones unless the file says otherwise."""
        return self.public_label or self.label

    def allows(self, action: BuiltIn) -> bool:
        """Tell whether the step leaves a built-in action on."""
        return action not in self.without


class Move(_Part):
    """A way from one or several steps to one or several others, under a name people press as a button."""

    name: Name
    sources: Names = Field(alias="from")
    dests: Names = Field(alias="to")
    by: ByText
    label: Label
    guards: tuple[str, ...] = ()
    reason_required: StrictBool = False
    by_substitute: StrictBool | None = None
    by_code: StrictBool = False

    def dests_from(self, state: str) -> tuple[str, ...]:
        """Give where the move may lead from a state; the pair of a list that stays in place is skipped."""
        return tuple(dest for dest in self.dests if dest != state)


DEFAULT_REASONS: Final = tuple(
    ReasonEntry(code=code, label=Label(vi=vi, en=en))
    for code, vi, en in (
        ("dossier_incomplete", "Hồ sơ chưa đầy đủ", "The dossier is incomplete"),
        ("achievement_unclear", "Thành tích chưa rõ, chưa có minh chứng", "The achievement is unclear"),
        ("standard_not_met", "Chưa đạt tiêu chuẩn", "The standard is not met"),
        ("wrong_award", "Chưa đúng danh hiệu, hình thức khen thưởng", "Another award would be right"),
        ("duplicate", "Trùng với đề nghị khác", "The same is proposed elsewhere"),
        ("under_verification", "Đang được xác minh, xem xét", "Facts are being verified"),
        ("other", "Lý do khác", "Another reason"),
    )
)


class Definition(_Part):
    """One version of a route. Two definitions with the same `content_hash` are the same definition."""

    # What a file may leave out is left out of the content too, so a later default changes no old hash.
    _DUMP: ClassVar[dict[str, Any]] = {"mode": "json", "by_alias": True, "exclude_defaults": True}

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
    version: Annotated[StrictInt, Field(ge=1, le=MOST_VERSIONS)]
    title: Label
    calendar: CalendarName
    initial: str
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    moves: Annotated[tuple[Move, ...], Field(min_length=1)]
    roles: tuple[Annotated[RoleEntry, BeforeValidator(named)], ...] = ()
    reasons: tuple[ReasonEntry, ...] = ()
    owed: OwedPaper | None = None

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Build the definition that `content` gave; the content of a published one was checked before."""
        return cls.model_validate(content)

    def content(self) -> dict[str, Any]:
        """Give everything the definition says, as JSON can hold it."""
        return self.model_dump(**self._DUMP)

    @cached_property
    def content_hash(self) -> str:
        """Give the SHA-256, in hex, of the canonical JSON of the content."""
        text = json.dumps(self.content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def machine_key(self) -> str:
        """Give what a compiled state machine of this definition may be kept under."""
        return self.content_hash

    @cached_property
    def _steps_by_name(self) -> dict[str, Step]:
        return {step.name: step for step in self.steps}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {step.name: position for position, step in enumerate(self.steps)}

    @cached_property
    def known_ahead(self) -> dict[SubjectKind, dict[str, tuple[Step, ...]]]:
        """Keep which steps are ahead of which (`forecast.py`): lists ask of each row; it never changes."""
        return {kind: {} for kind in SubjectKind}

    def step(self, name: str) -> Step:
        """Give the step of that name, or raise UnknownStep naming those there are."""
        try:
            return self._steps_by_name[name]
        except KeyError:
            known = ", ".join(self._steps_by_name)
            raise UnknownStep(f"the workflow '{self.key}' has no step '{name}': it has {known}") from None

    def has_step(self, name: str) -> bool:
        """Tell whether a step of that name exists; `withdrawn` and `annulled` are states, not steps."""
        return name in self._steps_by_name

    def position(self, name: str) -> int:
        """Give the place of a step in the file, from 0; earlier ones are nearer to the draft."""
        return self._positions[self.step(name).name]

    def came_back(self, state: str, sent_from: str | None) -> bool:
        """Tell whether a stay in a state began with a return: it was sent there from a later step."""
        if sent_from is None or not (self.has_step(state) and self.has_step(sent_from)):
            return False
        return self.position(sent_from) > self.position(state)

    def timing_of(self, state: str, sent_from: str | None, *, is_asked: bool = False) -> Timing:
        """Give the timing of a stay in a state: its own after a return where the step names one.

        `is_asked`: an outside office was asked for its opinion in this stay.
        """
        step = self.step(state)
        timing = step.returned if step.returned and self.came_back(state, sent_from) else step
        return timing.while_asked(is_asked=is_asked)

    @property
    def initial_step(self) -> Step:
        """Give the step a new nomination is in."""
        return self.step(self.initial)

    def stage_of(self, state: str) -> Stage:
        """Give the stage of a state, built in or a step's, or raise UnknownStep."""
        # A route that is older than a built-in state may have a step of its name.
        if state in BUILT_IN_STATES and not self.has_step(state):
            return BUILT_IN_STATES[state]
        return self.step(state).stage

    def is_final(self, state: str) -> bool:
        """Tell whether nothing can happen any more in that state."""
        return self.stage_of(state) in FINAL_STAGES

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Give the moves that leave a state, in the order of the file."""
        return tuple(move for move in self.moves if state in move.sources and move.dests_from(state))

    def by_of(self, move: Move, state: str) -> RoleAt | None:
        """Give who makes a move out of a state: its own `by`, or the step's owner where it says `owner`."""
        return move.by if isinstance(move.by, RoleAt) else self.step(state).owner

    @property
    def starter(self) -> RoleAt | None:
        """Give who drafts: the owner of the first step, who alone may withdraw."""
        return next((step.owner for step in self.steps if step.name == self.initial), None)

    @property
    def reason_choices(self) -> tuple[ReasonEntry, ...]:
        """Give the reasons a return or rejection may name: its own, else the house's."""
        return self.reasons or DEFAULT_REASONS
