"""The forms of clusters, barred units and campaigns, and how a refusal is said on them."""

from typing import Final

from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from api.pages.catalogue import say
from api.pages.forms import LONGEST_COMMENT, LONGEST_LINE, Day, PageForm, Whole, Words, say_errors
from api.problems import problem_of
from workflow.domain.cluster_officers import ClusterKind, Headed
from workflow.domain.cluster_words import of_kind
from workflow.domain.errors import Conflict, Refusal
from workflow.operations.campaigns import FIRST_YEAR as FIRST_CAMPAIGN
from workflow.operations.clusters import BIGGEST_NUMBER, FIRST_YEAR, LAST_YEAR

_CHOSEN: Final = frozenset({"owner", "members", "unit", "parent"})


def _line(key: str, *, is_required: bool = False) -> StringField:
    required = [InputRequired(Words("form.required"))] if is_required else []
    return StringField(Words(key), [*required, Length(max=LONGEST_LINE, message=Words("form.too_long"))])


def _choice(key: str) -> SelectField:
    return SelectField(Words(key), [InputRequired(Words("form.required"))], validate_choice=False)


def _number(key: str, first: int, last: int) -> Whole:
    within = NumberRange(first, last, Words("form.unreadable"))
    return Whole(Words(key), [InputRequired(Words("form.required")), within])


class ClusterForm(PageForm):
    """A new cluster or block of a year."""

    owner = _choice("clusters.owner")
    year = _number("clusters.year", FIRST_YEAR, LAST_YEAR)
    number = _number("clusters.number", 1, BIGGEST_NUMBER)
    kind = _choice("clusters.kind")
    name = _line("clusters.name", is_required=True)
    members = SelectMultipleField(Words("clusters.members"), validate_choice=False)


class ClusterEditForm(PageForm):
    """A cluster's name, kind and members."""

    kind = _choice("clusters.kind")
    name = _line("clusters.name", is_required=True)
    members = SelectMultipleField(Words("clusters.members"), validate_choice=False)


class OfficersForm(PageForm):
    """Who heads and who stands in."""

    head = _choice("clusters.head")
    deputy = SelectField(Words("clusters.deputy"), validate_choice=False)
    how = _choice("clusters.how")
    since = Day(Words("clusters.from"))


class YearForm(PageForm):
    """The year to open; the officers of each cluster are fields of the page's own."""

    how = _choice("clusters.how")
    since = Day(Words("clusters.from"))


class BarForm(PageForm):
    """A unit that was not considered in a year."""

    unit = _choice("barred.unit")
    year = _number("barred.year", FIRST_YEAR, LAST_YEAR)
    reason = TextAreaField(
        Words("barred.reason"),
        [
            InputRequired(Words("form.required")),
            Length(max=LONGEST_COMMENT, message=Words("form.too_long")),
        ],
    )


class CampaignForm(PageForm):
    """A movement; its code and owner are asked for once, when it is launched."""

    code = StringField(Words("campaigns.code"), [Length(max=100, message=Words("form.too_long"))])
    title = _line("campaigns.name", is_required=True)
    year = _number("campaigns.year", FIRST_CAMPAIGN, LAST_YEAR)
    owner = SelectField(Words("campaigns.owner"), validate_choice=False)
    parent = SelectField(Words("campaigns.parent"), validate_choice=False)
    directive_number = _line("campaigns.directive_number")
    directive_on = Day(Words("campaigns.directive_on"))


def kinds(locale: str) -> list[tuple[str, str]]:
    """Return the kinds a cluster can be of, in words."""
    words = {ClusterKind.CLUSTER: "clusters.kind_cluster", ClusterKind.BLOCK: "clusters.kind_block"}
    return [(kind.value, say(locale, key)) for kind, key in words.items()]


def ways(locale: str, allowed: list[Headed]) -> list[tuple[str, str]]:
    """Return the ways officers come to office that somebody may record, in words."""
    words = {Headed.APPOINTED: "clusters.how_appointed", Headed.ELECTED: "clusters.how_elected"}
    return [(how.value, say(locale, key)) for how, key in words.items() if how in allowed]


def say_refusal(
    form: FlaskForm, refusal: Refusal, locale: str, *, conflict: str, kind: str | None = None
) -> None:
    """Put a refusal's words on the form; `conflict` is what a contradiction without rules means there.

    `kind` is that of the cluster the form is about, where it is about one.
    """
    problem = problem_of(refusal, locale)
    if problem.reasons:
        form.form_errors.extend(of_kind(reason.message, kind) for reason in problem.reasons)
    elif refusal.errors:
        fields = {error.field for error in refusal.errors}
        words = {
            name: say(locale, "form.not_in_list" if name in _CHOSEN else "form.unreadable") for name in fields
        }
        say_errors(form, words)
    else:
        is_conflict = isinstance(refusal, Conflict)
        form.form_errors.append(say(locale, conflict) if is_conflict else problem.detail)
