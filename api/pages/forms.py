"""The forms of the pages: which fields, how long, and the words beside what is wrong.

Wrong input comes back beside its field with everything that was typed.
"""

from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import EqualTo, InputRequired, Length

from api.pages.catalogue import say
from api.pages.identity import current_locale
from api.wording import ENGLISH
from workflow.domain.errors import InvalidField
from workflow.domain.numerals import whole_number
from workflow.domain.typed_days import day_or_none
from workflow.operations.passwords import LONGEST, SHORTEST

_CHOICES: Final = ("Not a valid choice", "Invalid Choice")
LONGEST_LINE: Final = 200
LONGEST_COMMENT: Final = 5_000
LONGEST_ACHIEVEMENT: Final = 20_000
_LONGEST_EMAIL: Final = 254
_LONGEST_PATH: Final = 2000


class Words:
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


class SignInForm(PageForm):
    """The door."""

    email = EmailField(
        Words("sign_in.email"), [InputRequired(Words("form.required")), Length(max=_LONGEST_EMAIL)]
    )
    password = PasswordField(
        Words("sign_in.password"), [InputRequired(Words("form.required")), Length(max=1024)]
    )
    next = HiddenField(validators=[Length(max=_LONGEST_PATH)])


class PasswordForm(PageForm):
    """A new password, twice."""

    password = PasswordField(
        Words("password.new"),
        [
            InputRequired(Words("form.required")),
            Length(min=SHORTEST, message=Words("password.too_short")),
            Length(max=LONGEST, message=Words("password.too_long")),
        ],
    )
    again = PasswordField(Words("password.again"), [EqualTo("password", Words("password.differs"))])


class DraftForm(PageForm):
    """A new nomination: for which round and award, who, why, proposed by whom."""

    round = SelectField(Words("draft.round"), [InputRequired(Words("form.required"))], validate_choice=False)
    award = SelectField(Words("draft.award"), [InputRequired(Words("form.required"))], validate_choice=False)
    unit = SelectField(Words("draft.unit"), [InputRequired(Words("form.required"))], validate_choice=False)
    person = SelectField(Words("draft.person"), validate_choice=False)
    achievement = TextAreaField(
        Words("draft.achievement"), [Length(max=LONGEST_ACHIEVEMENT, message=Words("form.too_long"))]
    )
    proposer = StringField(
        Words("draft.proposer"), [Length(max=LONGEST_LINE, message=Words("form.too_long"))]
    )


class Whole(IntegerField):
    """A whole number in ASCII digits, no more of them than the database can hold."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number if there is one, or raise ValueError."""
        if not valuelist or not valuelist[0].strip():
            return
        number: Any = None
        try:
            number = whole_number(valuelist[0], field=self.name)
        except InvalidField:
            raise ValueError(str(Words("form.unreadable"))) from None
        finally:
            self.data = number


class EditForm(PageForm):
    """The words of a draft."""

    version = Whole(validators=[InputRequired(Words("form.required"))])
    achievement = TextAreaField(
        Words("draft.achievement"), [Length(max=LONGEST_ACHIEVEMENT, message=Words("form.too_long"))]
    )
    proposer = StringField(
        Words("draft.proposer"), [Length(max=LONGEST_LINE, message=Words("form.too_long"))]
    )


def say_errors(form: FlaskForm, errors: dict[str, str]) -> None:
    """Put words beside fields; those of a field the form does not have are put beside the form."""
    for name, message in errors.items():
        if name not in form:
            form.form_errors.append(message)
        else:
            form[name].errors = [*form[name].errors, message]


class Day(StringField):
    """A day typed day first, whatever the browser's language; anything else is refused in the reader's words.

    A browser's own date field writes days in the browser's order, which is not the reader's.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day if there is one, or raise ValueError with what to write instead."""
        self.data = None
        try:
            self.data = day_or_none(valuelist[0]) if valuelist else None
        except ValueError:
            raise ValueError(str(Words("form.date"))) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%d/%m/%Y}" if self.data else ""
