"""A page that cannot take a part of its address names that part as its form does, and leads to itself."""

import pytest

from api.catalogue import knows
from api.pages.frame.wrong_address import CALLED
from tests.functional.test_hostile_pages import known, seats
from tests.support.pages import BASE, Browser

__all__ = ["known", "seats"]


def test_what_a_part_is_called_has_words() -> None:
    assert [key for key in CALLED.values() if not knows(key)] == []


@pytest.mark.parametrize(
    ("asked", "said", "without"),
    [
        ("/nominations?stage=x!&unit=VKS-AG", "Stage “x!”", "/nominations?unit=VKS-AG"),
        ("/nominations?cursor=x&flag=late", "the place in the list", "/nominations?flag=late"),
        ("/forecast?days=many", "Look ahead “many”", "/forecast"),
        ("/obstacles?reason=%00x", "Reason “x”", "/obstacles"),
    ],
)
def test_a_wrong_part_of_an_address_is_named_with_the_way_back(
    seats: dict[str, Browser], asked: str, said: str, without: str
) -> None:
    supervisor = seats["supervisor"]
    supervisor.open("/nominations")
    supervisor.send("/language", {"locale": "en"})
    page = supervisor.client.get(asked, base_url=BASE)
    assert page.status_code in {400, 422}
    text = page.get_data(as_text=True)
    assert said in text
    assert f'href="{without}">Open the page without it</a>' in text
    assert supervisor.open(without).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "/nominations"), ("DELETE", "/sign-in")])
def test_a_method_that_a_page_does_not_take_is_answered_with_those_that_it_takes(
    seats: dict[str, Browser], method: str, path: str
) -> None:
    answer = seats["supervisor"].client.open(path, method=method, base_url=BASE)
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert "GET" in answer.headers["Allow"]
