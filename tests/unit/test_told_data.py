"""What an entry of history tells is read in the order in which people say it."""

from api.pages.views.admin.told_data import ToldNames, data_text


def test_the_first_day_is_told_before_the_last_whatever_order_they_are_kept_in() -> None:
    told = {"last": "2026-12-06", "first": "2026-12-01"}
    assert data_text(told, "en", ToldNames()).startswith("First day: ")
