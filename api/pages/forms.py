"""The forms of the pages: which fields, how long, and the words beside what is wrong.

Wrong input comes back beside its field with everything that was typed.
"""

from collections.abc import Mapping
from typing import Final

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import EqualTo, InputRequired, Length

from api.catalogue import say
from api.pages.frame.seen_again import refused_before
from api.pages.identity import current_locale
from api.wording import ENGLISH
from workflow.operations.people.passwords import LONGEST, SHORTEST

_CHOICES: Final = ("Not a valid choice", "Invalid Choice")
_LONGEST_EMAIL: Final = 254
_LONGEST_PATH: Final = 2000


class LazyWords:
    """A text of the catalogue, looked up in the visitor's language when it is shown."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __str__(self) -> str:
        """Return the words."""
        return say(current_locale(), self.key)

    def __mod__(self, _parts: object) -> str:
        """Return the words where WTForms would fill in its limits: ours name them already."""
        return str(self)


class _Translations:
    """What WTForms itself says, in the visitor's language: it has no Vietnamese."""

    def gettext(self, english: str) -> str:
        """Return a sentence of the library's; of what is not known only that it cannot be read."""
        if current_locale() == ENGLISH:
            return english
        return say(
            current_locale(), "form.not_in_list" if english.startswith(_CHOICES) else "form.unreadable"
        )

    def ngettext(self, one: str, _many: str, _count: int) -> str:
        """Return a sentence of the library's about a number."""
        return self.gettext(one)


class PageForm(FlaskForm):
    """A form of ours: whatever is wrong with it is said in the visitor's language."""

    class Meta(FlaskForm.Meta):
        """Where the library's sentences come from."""

        def get_translations(self, _form: FlaskForm) -> _Translations:
            """Return ours."""
            return _Translations()

        def wrap_formdata(self, form: FlaskForm, formdata: object) -> object:
            """Return what was typed, be it in a form that was refused before."""
            return request.form if refused_before() else super().wrap_formdata(form, formdata)


class SignInForm(PageForm):
    """The door."""

    email = EmailField(
        LazyWords("sign_in.email"), [InputRequired(LazyWords("form.required")), Length(max=_LONGEST_EMAIL)]
    )
    password = PasswordField(
        LazyWords("sign_in.password"), [InputRequired(LazyWords("form.required")), Length(max=1024)]
    )
    next = HiddenField(validators=[Length(max=_LONGEST_PATH)])


class PasswordForm(PageForm):
    """A new password, twice."""

    password = PasswordField(
        LazyWords("password.new"),
        [
            InputRequired(LazyWords("form.required")),
            Length(min=SHORTEST, message=LazyWords("password.too_short")),
            Length(max=LONGEST, message=LazyWords("password.too_long")),
        ],
    )
    again = PasswordField(LazyWords("password.again"), [EqualTo("password", LazyWords("password.differs"))])


class DraftForm(PageForm):
    """A new nomination: for which round and award, who, proposed by whom; its words are written later."""

    round = SelectField(LazyWords("draft.round"), validate_choice=False)
    award = SelectField(LazyWords("draft.award"), validate_choice=False)
    unit = SelectField(LazyWords("draft.unit"), validate_choice=False)
    person = SelectField(LazyWords("draft.person"), validate_choice=False)
    proposer = StringField(LazyWords("draft.proposer"))


class EditForm(PageForm):
    """The words of a draft."""

    version = StringField()
    achievement = TextAreaField(LazyWords("draft.achievement"))
    proposer = StringField(LazyWords("draft.proposer"))


def say_errors(form: FlaskForm, errors: Mapping[str, str]) -> None:
    """Put words beside fields; those of a field that nobody sees are put beside the form."""
    for name, message in errors.items():
        if name not in form or isinstance(form[name], HiddenField):
            form.form_errors.append(message)
        else:
            form[name].errors = [*form[name].errors, message]


class Day(StringField):
    """A day typed day first, whatever the browser's language: its own field for dates follows the browser."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%d/%m/%Y}" if self.data else ""
