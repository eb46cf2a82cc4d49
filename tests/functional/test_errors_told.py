"""What the pages of errors tell: how much may be sent, and whom to ask, out of order too."""

from collections.abc import Callable
from errno import ENOSPC, EROFS

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import Office
from tests.support.pages import Browser, browser, give_passwords
from workflow.clock import FixedClock
from workflow.store.database import make_sessions

OFFICER = {"officer_name": "Phạm Thị Hoa", "officer_telephone": "0296 385 2345"}
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
LIMIT = {"vi": "tối đa {most} MB", "en": "at most {most} MB"}


def of_postgres(kind: type[psycopg.Error]) -> DBAPIError:
    """Return an error of PostgreSQL as SQLAlchemy hands it on."""
    return OperationalError("INSERT", None, kind())


def test_a_page_that_cannot_be_made_names_whom_to_ask(clock: FixedClock) -> None:
    guest = browser(make_sessions(create_engine(NOWHERE), timezone="UTC"), clock, **OFFICER)
    assert guest.open("/password/none").status_code == 503
    assert OFFICER["officer_telephone"] in guest.text


@pytest.mark.parametrize(
    ("error", "vi", "en"),
    [
        (
            OSError(ENOSPC, "full"),
            "Ổ đĩa chứa tệp của máy chủ đã đầy",
            "The disk with the server's files is full",
        ),
        (OSError(EROFS, "closed"), "không đọc hoặc ghi được tệp", "can neither read nor write its files"),
        (
            of_postgres(psycopg.errors.DiskFull),
            "Ổ đĩa chứa dữ liệu",
            "The disk with the server's data is full",
        ),
        (of_postgres(psycopg.OperationalError), "không lấy được dữ liệu", "cannot reach its data"),
    ],
)
def test_what_is_the_matter_with_the_server_is_told_in_the_words_of_its_users(
    reviewer: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, error: Exception, vi: str, en: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    for locale, said in (("vi", vi), ("en", en)):
        seated = reviewer(locale)
        monkeypatch.setattr("api.pages.views.people.render", fails)
        assert seated.open("/people").status_code in {503, 507}
        monkeypatch.undo()
        assert said in seated.text
        assert "PostgreSQL" not in seated.text


@pytest.fixture
def reviewer(
    office: Office, session: Session, database: Database, clock: FixedClock
) -> Callable[..., Browser]:
    def sit(locale: str) -> Browser:
        give_passwords(session)
        seated = browser(database.sessions, clock, attachment_megabytes=3, **OFFICER)
        assert seated.sign_in("nv23@example.vn").status_code == 303
        seated.open("/")
        seated.send("/language", {"locale": locale})
        return seated

    return sit


@pytest.mark.parametrize("locale", list(LIMIT))
def test_too_much_is_told_with_how_much_may_be_sent_there(
    reviewer: Callable[..., Browser], locale: str
) -> None:
    mine = reviewer(locale)
    mine.open("/forms")
    much = {"purpose": "x" * 10_000_000}
    for path, options, most in (
        ("/language", {}, 1),
        # A form with a file takes as much as the largest file, but not of words.
        ("/forms", {"content_type": "multipart/form-data"}, 3),
        ("/forms", {}, 1),
    ):
        answer = mine.post(path, much, **options)
        assert answer.status_code == 413, path
        assert LIMIT[locale].format(most=most) in mine.text, (path, options)
        assert OFFICER["officer_telephone"] in mine.text
    mine.post("/forms", {"purpose": "x" * 2_000_000}, content_type="multipart/form-data")
    assert mine.page is not None
    assert mine.page.status_code == 413
    assert LIMIT[locale].format(most=1) in mine.text
