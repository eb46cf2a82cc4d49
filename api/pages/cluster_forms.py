"""The forms of clusters, barred units and campaigns, and how a refusal is said on them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField

from api.catalogue import say
from api.pages.forms import Day, LazyWords, PageForm, say_errors
from api.pages.refusals import told
from api.pages.typed import NotTaken
from api.wording import in_names, message_of
from workflow.domain.clusters.officers import ClusterKind, Headed
from workflow.domain.clusters.words import of_kind
from workflow.domain.errors import Conflict, Refusal


def _choice(key: str) -> SelectField:
    return SelectField(LazyWords(key), validate_choice=False)


_CHANGED: Final = "changed_meanwhile"
_CHOSEN: Final = frozenset({"owner", "members", "unit", "parent"})


class ClusterForm(PageForm):
    """A new cluster or block of a year."""

    owner = _choice("clusters.owner")
    year = StringField(LazyWords("clusters.year"))
    number = StringField(LazyWords("clusters.number"))
    kind = _choice("clusters.kind")
    name = StringField(LazyWords("clusters.name"))
    members = SelectMultipleField(LazyWords("clusters.members"), validate_choice=False)


class ClusterEditForm(PageForm):
    """A cluster's name, kind and members."""

    version = HiddenField()
    kind = _choice("clusters.kind")
    name = StringField(LazyWords("clusters.name"))
    members = SelectMultipleField(LazyWords("clusters.members"), validate_choice=False)


class OfficersForm(PageForm):
    """Who heads and who stands in."""

    version = HiddenField()
    head = _choice("clusters.head")
    deputy = _choice("clusters.deputy")
    how = _choice("clusters.how")
    since = Day(LazyWords("clusters.from"))


class YearForm(PageForm):
    """The year to open; the officers of each cluster are fields of the page's own."""

    how = _choice("clusters.how")
    since = Day(LazyWords("clusters.from"))


class BarForm(PageForm):
    """A unit that was not considered in a year."""

    unit = _choice("barred.unit")
    year = StringField(LazyWords("barred.year"))
    reason = TextAreaField(LazyWords("barred.reason"))


class CampaignForm(PageForm):
    """A movement; its code and owner are asked for once, when it is launched."""

    version = HiddenField()
    code = StringField(LazyWords("campaigns.code"))
    title = StringField(LazyWords("campaigns.name"))
    year = StringField(LazyWords("campaigns.year"))
    owner = _choice("campaigns.owner")
    parent = _choice("campaigns.parent")
    directive_number = StringField(LazyWords("campaigns.directive_number"))
    directive_on = Day(LazyWords("campaigns.directive_on"))


def kinds(locale: str) -> list[tuple[str, str]]:
    """Return the kinds a cluster can be of, in words."""
    words = {ClusterKind.CLUSTER: "clusters.kind_cluster", ClusterKind.BLOCK: "clusters.kind_block"}
    return [(kind.value, say(locale, key)) for kind, key in words.items()]


def ways(locale: str, allowed: list[Headed]) -> list[tuple[str, str]]:
    """Return the ways officers come to office that somebody may record, in words."""
    words = {Headed.APPOINTED: "clusters.how_appointed", Headed.ELECTED: "clusters.how_elected"}
    return [(how.value, say(locale, key)) for how, key in words.items() if how in allowed]


def say_refusal(
    form: FlaskForm,
    refusal: Refusal,
    locale: str,
    *,
    conflict: str,
    kind: str | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Put a refusal's words on the form; `conflict` is what a contradiction without rules means there.

    `kind` is that of the cluster the form is about, where it is about one. Units are said by their `names`,
    or as the form offers them.
    """
    if isinstance(refusal, NotTaken):
        say_errors(form, refusal.words)
    elif refusal.reasons:
        called = {**_offered(form), **names}
        said = [message_of(in_names(reason, called), locale) for reason in refusal.reasons]
        form.form_errors.extend(of_kind(words, kind) for words in said)
    elif refusal.errors:
        fields = {error.field for error in refusal.errors}
        words = {
            name: say(locale, "form.not_in_list" if name in _CHOSEN else "form.unreadable") for name in fields
        }
        say_errors(form, words)
    else:
        is_conflict = isinstance(refusal, Conflict)
        form.form_errors.append(say(locale, conflict) if is_conflict else told(refusal, locale))


def look_again(form: ClusterEditForm | OfficersForm | CampaignForm, refusal: Refusal, version: int) -> None:
    """Put a form that was refused for what it was opened on on the state of now: its reader is told so.

    Any other refusal leaves it on what its reader saw.
    """
    if any(reason.code == _CHANGED for reason in refusal.reasons):
        form.version.data = str(version)


def _offered(form: FlaskForm) -> dict[str, str]:
    """Return what can be chosen on a form, by its value."""
    chosen = (field for field in form if isinstance(field, SelectField))
    return {str(value): str(label) for field in chosen for value, label in field.choices or ()}
