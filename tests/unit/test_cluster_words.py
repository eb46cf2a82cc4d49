"""A label written for clusters and blocks alike says which it is where that is known."""

import pytest

from workflow.domain.clusters.words import of_kind


@pytest.mark.parametrize(
    ("label", "cluster", "block"),
    [
        ("Cụm (Khối) bình xét, suy tôn", "Cụm bình xét, suy tôn", "Khối bình xét, suy tôn"),
        ("Hạn cụm (khối) bình xét", "Hạn cụm bình xét", "Hạn khối bình xét"),
        ("Cụm trưởng (Khối trưởng)", "Cụm trưởng", "Khối trưởng"),
        ("Cụm phó (Khối phó)", "Cụm phó", "Khối phó"),
        ("làm Cụm (Khối) trưởng, Cụm (Khối) phó", "làm Cụm trưởng, Cụm phó", "làm Khối trưởng, Khối phó"),
        ("Cluster review", "Cluster review", "Block review"),
        ("Waiting at the cluster: 3", "Waiting at the cluster: 3", "Waiting at the block: 3"),
        ("Faculty panel", "Faculty panel", "Faculty panel"),
        ("Tổ cụm trại (khu 3)", "Tổ cụm trại (khu 3)", "Tổ cụm trại (khu 3)"),
        ("", "", ""),
    ],
)
def test_a_label_is_said_with_the_kind_and_without_one_as_it_is_written(
    label: str, cluster: str, block: str
) -> None:
    assert (of_kind(label, "cluster"), of_kind(label, "block")) == (cluster, block)
    assert of_kind(label, None) == label
