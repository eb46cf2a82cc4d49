"""What somebody lost since a page was opened, their session or every right, for as long as a form is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Page
from sqlalchemy import ColumnElement, delete, insert, select

from tests.browser.refusing import Found, status_of
from workflow.store.access import Account, Grant, WebSession
from workflow.store.database import Sessions

LOST: Final[dict[str, type[Grant] | type[WebSession]]] = {"right": Grant, "session": WebSession}
TYPED: Final = "Điều đã gõ mà không được mất"

# Everything that can be written is, as by somebody who took their time; how much of it is for words.
_SEND: Final = """([index, button, words]) => {
  const form = document.forms[index];
  form.noValidate = true;
  let count = 0;
  for (const one of [...form.elements]) {
    if (one.disabled || one.readOnly || one.type === "hidden") continue;
    if (one.tagName === "TEXTAREA") { one.value = words; count += 1; }
    else if (one.type === "text" && !one.value) one.value = "1";
  }
  const buttons = [...form.elements].filter(one => one.type === "submit");
  setTimeout(() => form.requestSubmit(buttons[button] || null));
  return count;
}"""
_IS_SHOWN: Final = """words => [...document.querySelectorAll("main textarea, main input")].some(
  one => one.value.includes(words))"""


@contextmanager
def lost(sessions: Sessions, what: str, email: str) -> Iterator[None]:
    """Take from somebody what they have, and give it back."""
    table = LOST[what].__table__
    account = select(Account.id).where(Account.email == email).scalar_subquery()
    is_theirs: ColumnElement[bool] = table.c.account_id == account
    with sessions() as session:
        kept = [dict(row) for row in session.execute(select(table).where(is_theirs)).mappings()]
        session.execute(delete(LOST[what]).where(is_theirs))
        session.commit()
    try:
        yield
    finally:
        with sessions() as session:
            session.execute(insert(LOST[what]), kept)
            session.commit()


def send_written(page: Page, form: Found) -> tuple[int, bool]:
    """Send a form with words in it; return how it was answered, and whether there was room for words."""
    with page.expect_navigation(wait_until="load") as answer:
        count = page.evaluate(_SEND, [form.index, form.button, TYPED])
    return status_of(answer.value), count > 0


def is_shown(page: Page) -> bool:
    """Return whether what was written stands in a field of the page."""
    return bool(page.evaluate(_IS_SHOWN, TYPED))
