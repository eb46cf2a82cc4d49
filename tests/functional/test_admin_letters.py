"""Every kind of letter is shown in both languages, as it would look, to who runs the installation."""

from collections.abc import Callable

import pytest

from tests.support.pages import Browser
from tests.unit.test_page_words import VIETNAMESE_LETTERS
from workflow.domain.vocabulary import NoticeKind

ADMIN = "nv24@example.vn"


@pytest.fixture
def admin(desk: Callable[..., Browser]) -> Browser:
    return desk(ADMIN)


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_letter_is_written_whole_in_both_languages(admin: Browser, kind: NoticeKind) -> None:
    for language in ("vi", "en"):
        page = admin.open(f"/admin/letters/{kind}?language={language}")
        assert page.status_code == 200
        html = page.get_data(as_text=True)
        text = html.partition('<pre class="letter-text"')[2].partition("</pre>")[0].partition(">")[2]
        assert len(text) > 200, text
        assert "None" not in text
        assert bool(VIETNAMESE_LETTERS.search(text)) is (language == "vi"), text
        alone = admin.open(f"/admin/letters/{kind}/html?language={language}")
        assert (alone.status_code, "sandbox" in alone.headers["Content-Security-Policy"]) == (200, True)
        assert f'lang="{language}"' in alone.get_data(as_text=True)


def test_all_kinds_are_listed_and_strangers_find_no_page(
    admin: Browser, desk: Callable[..., Browser]
) -> None:
    html = admin.open("/admin/letters?language=en").get_data(as_text=True)
    assert all(f"/admin/letters/{kind}?language=en" in html for kind in NoticeKind)
    assert admin.open("/admin/letters/none").status_code == 404
    assert admin.open("/admin/letters/none/html").status_code == 404
    stranger = desk("nv01@example.vn")
    for path in ("", "/reminder", "/reminder/html"):
        assert stranger.open(f"/admin/letters{path}").status_code == 404
