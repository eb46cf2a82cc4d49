"""Of which unit's mails a letter is one."""

import pytest

from workflow.domain.rights.mailboxes import copied_unit

AG, DT = "unit_reviewer@unit:VKS-AG", "nominator@unit:VKS-DT"


@pytest.mark.parametrize(
    ("work", "reader", "unit"),
    [
        ([AG], [AG], "VKS-AG"),
        ([AG], ["head@unit:VKS-AG"], "VKS-AG"),
        ([AG, AG], [AG, DT], "VKS-AG"),
        ([AG, DT], [AG, DT], None),
        ([AG], ["supervisor@unit:VKSTC"], None),
        ([AG], ["supervisor@all"], None),
        ([AG], ["supervisor@unit:VKS-AG"], None),
        ([AG], ["auditor@unit:VKS-AG", "admin@unit:VKS-AG"], None),
        ([AG], ["supervisor@unit:VKS-AG", AG], "VKS-AG"),
        ([AG, None], [AG], None),
        ([None], [AG], None),
        ([], [AG], None),
        (["council_secretary@council:VKSTC"], ["council_secretary@council:VKSTC"], "VKSTC"),
        (["cluster_head@cluster:2026/VKSTC/1"], ["cluster_head@cluster:2026/VKSTC/1"], None),
    ],
)
def test_it_is_of_the_one_unit_in_which_all_of_it_lies_and_its_reader_sits(
    work: list[str | None], reader: list[str], unit: str | None
) -> None:
    assert copied_unit(work, reader) == unit
