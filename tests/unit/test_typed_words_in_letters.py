"""What people typed stays words in a letter: no markup, no link, no words of ours."""

import re
from dataclasses import replace

import pytest

from tests.unit.test_messages import ABOUT_DOSSIERS, FACTS, ITEM, Page, letter
from workflow.domain.vocabulary import NoticeKind

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ facts.base_url }}{% raw %}",
    "A\r\nBcc: everybody@example.vn\r\n\r\nBody",
    "A\u2028B\u0085C\x00D",
    "\u202etxet desrever",
    "javascript:alert(1)",
    "A" * 100_000,
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: repr(text[:20]))
@pytest.mark.parametrize("notice", ABOUT_DOSSIERS)
def test_what_people_typed_stays_words(notice, hostile):
    item = replace(
        ITEM,
        subject_name=hostile,
        award_name=hostile,
        unit_name=hostile,
        step_label=hostile,
        reason_label=hostile,
        comment=hostile,
        actor_name=hostile,
        holder_name=hostile,
        decision_number=hostile,
        signer=hostile,
        stands_in=replace(ITEM.stands_in, before=(hostile,)),
    )
    clean, dirty = (
        letter(notice),
        letter(
            notice,
            "vi",
            replace(FACTS, items=(item,), recipient_name=hostile, office_name=hostile, officer_name=hostile),
        ),
    )
    assert Page(dirty.html).tags == Page(clean.html).tags
    assert [a for a in Page(dirty.html).attributes if a[0] != "style"] == [
        a for a in Page(clean.html).attributes if a[0] != "style"
    ]
    assert not re.search(r"[\r\x00\x85\u2028\u202e]", dirty.subject + dirty.text + dirty.html)
    assert "\n" not in dirty.subject
    assert len(dirty.subject) <= 200
    assert not any(line.startswith("Bcc:") for line in dirty.text.split("\n"))
    assert len(dirty.text) < 10_000


def test_a_comment_cannot_pass_for_our_own_words():
    forged = "Được.\n\nĐỗ Minh Châu, điện thoại 0900 000 000"
    text = letter(NoticeKind.RETURNED, "vi", replace(FACTS, items=(replace(ITEM, comment=forged),))).text
    assert "\n> Đỗ Minh Châu, điện thoại 0900 000 000\n" in text


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "/nominations/1", 'https://a.vn/"onclick=', "https://a.vn/\nx"]
)
def test_a_link_that_is_no_web_address_is_refused(link):
    with pytest.raises(ValueError, match="web address"):
        letter(NoticeKind.REMINDER, "vi", replace(FACTS, items=(replace(ITEM, url=link),)))
