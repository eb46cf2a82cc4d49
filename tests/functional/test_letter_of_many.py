"""A letter of the morning tells of many: its page leads to the work, not to one of them by chance."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.support.office import Office
from tests.support.pages import Browser
from workflow.clock import FixedClock
from workflow.store.ids import uuid7
from workflow.store.mail import KeptLetter, Outbox


@pytest.mark.parametrize("about", [1, 2])
def test_a_kept_letter_leads_to_what_it_is_about(
    desk: Callable[..., Browser], session: Session, office: Office, clock: FixedClock, about: int
) -> None:
    now, reader = clock.now(), office.ids["reviewer"]
    names = [office.draft(now, person_code=code).nomination_id for code in ("NV03", "NV04")[:about]]
    text = {"recipient": "nv02@example.vn", "subject": "Việc hôm nay", "text": "x", "html": "<p>x</p>"}
    session.add(KeptLetter(message_id="<1@example.vn>", account_id=reader, written_at=now, **text))
    for name in names:
        mail = {
            "notice": "work_opened",
            "mail_class": "task",
            "state": "sent",
            "message_id": "<1@example.vn>",
        }
        keys = {"dedupe_key": f"one:{name}", "fold_key": f"one:{name}"}
        row = {"id": uuid7(now), "account_id": reader, "not_before": now, "created_at": now}
        session.add(Outbox(nomination_id=name, **mail, **keys, **row))
    session.commit()
    page = desk("nv02@example.vn").open("/mailbox/<1@example.vn>").get_data(as_text=True)
    assert [name for name in names if f'href="/nominations/{name}"' in page] == (names if about == 1 else [])
    assert ("Về trang Việc cần xử lý" in page) is (about > 1)
