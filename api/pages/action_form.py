"""What an action is told on a page: words, a decision, a council's counts, a step that was done on paper."""

from typing import Final
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from api.pages.forms import LONGEST_COMMENT, LONGEST_LINE, Day, PageForm, Whole, Words
from workflow.domain.facts import DecisionEntry, MoveRequest, Paper, PaperStep, VoteEntry

BIGGEST_ID: Final = 2**63 - 1
_LONGEST_CODE: Final = 100
_MOST_VOTES: Final = 10_000
_COUNTS: Final = ("vote_members", "vote_in_favour", "vote_against")


def _required_with_paper(form: FlaskForm, field: Day) -> None:
    """Ask for the date once any other part of a decision is there: a paper has all three."""
    if field.data is None and not field.errors and (form.decision_number.data or form.decision_signer.data):
        raise StopValidation(str(Words("form.required")))


def _required_with_counts(form: FlaskForm, field: Whole) -> None:
    """Ask for a count once any other is there: what is not counted is not known to be nought."""
    if field.data is None and not field.errors and any(form[name].data is not None for name in _COUNTS):
        raise StopValidation(str(Words("form.required")))


def _count(*, is_required: bool = True) -> Whole:
    several = NumberRange(min=0, max=_MOST_VOTES, message=Words("form.count"))
    return Whole(validators=[*([_required_with_counts] if is_required else []), Optional(), several])


def _line() -> StringField:
    return StringField(validators=[Length(max=LONGEST_LINE, message=Words("form.too_long"))])


class ActionForm(PageForm):
    """One action on a nomination or a list; what it must say depends on it: only the version is required."""

    version = Whole(validators=[InputRequired(Words("form.required"))])
    comment = TextAreaField(validators=[Length(max=LONGEST_COMMENT, message=Words("form.too_long"))])
    reason_code = StringField(validators=[Length(max=_LONGEST_CODE)])
    to_step = StringField(validators=[Length(max=_LONGEST_CODE)])
    decision_number = _line()
    decision_on = Day(validators=[_required_with_paper])
    decision_signer = _line()
    vote_members = _count()
    vote_in_favour = _count()
    vote_against = _count()
    vote_blank = _count(is_required=False)
    voted_on = Day(validators=[Optional()])
    outcome = StringField(validators=[Length(max=_LONGEST_CODE)])
    paper_of = StringField(validators=[Length(max=LONGEST_LINE)])
    paper_number = _line()
    paper_on = Day(validators=[Optional()])
    paper_signer = _line()
    paper_scan = StringField(validators=[Length(max=_LONGEST_CODE)])
    assignee_id = Whole(validators=[Optional(), NumberRange(min=1, max=BIGGEST_ID)])

    def request(self, action: str) -> MoveRequest:
        """Return what the form asks a nomination to do."""
        on_paper = self._on_paper()
        return MoveRequest(
            action=action,
            to_step=self.to_step.data or None,
            comment=(self.comment.data or "").strip(),
            reason_code=self.reason_code.data or None,
            occurred_on=self.paper_on.data if on_paper else self.voted_on.data,
            decision=self._decision(),
            vote=self._vote(),
            on_paper=on_paper,
            outcome=self.outcome.data or None,
        )

    def _decision(self) -> DecisionEntry | None:
        if self.decision_on.data is None:
            return None
        return DecisionEntry(
            number=self.decision_number.data or "",
            decided_on=self.decision_on.data,
            signer=self.decision_signer.data or "",
        )

    def _vote(self) -> VoteEntry | None:
        members, in_favour, against = (self[name].data for name in _COUNTS)
        if members is None or in_favour is None or against is None:
            return None
        return VoteEntry(members, in_favour, against, self.vote_blank.data or 0)

    def _on_paper(self) -> PaperStep | None:
        """Return the paper that the step was done on; a scan that is none the rules refuse."""
        if not self.paper_of.data:
            return None
        paper = Paper(self.paper_number.data or "", self.paper_on.data, self.paper_signer.data or "")
        return PaperStep(self.paper_of.data, paper, _scan(self.paper_scan.data or ""))


def _scan(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
