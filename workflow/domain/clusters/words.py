"""What a cluster of a known kind is called: a label is written once for both, and a page says which it is."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from workflow.domain.clusters.officers import ClusterKind

# Vietnamese labels name both, "Cụm (Khối)"; English ones name the cluster and mean the block too.
_BOTH: Final = re.compile(
    r"\b(?P<cluster>cụm)(?P<office> (?:trưởng|phó))? \((?P<block>khối)(?: (?:trưởng|phó))?\)", re.IGNORECASE
)
_ENGLISH: Final = re.compile(r"\b([Cc])luster(?=s?\b)")


@lru_cache(maxsize=1024)
def of_kind(text: str, kind: str | None) -> str:
    """Return a label as it is said of a cluster or block; of one whose kind is not known it stays.

    "Cụm trưởng" and "Khối trưởng" are not the same office (Circular 01/2026/TT-VKSTC).
    """
    return _SAID[kind](text) if kind in _SAID else text


def _of_cluster(text: str) -> str:
    return _BOTH.sub(lambda found: found["cluster"] + (found["office"] or ""), text)


def _of_block(text: str) -> str:
    said = _BOTH.sub(lambda found: found["block"] + (found["office"] or ""), text)
    return _ENGLISH.sub(lambda found: "Block" if found[1] == "C" else "block", said)


_SAID: Final[Mapping[str | None, Callable[[str], str]]] = {
    ClusterKind.CLUSTER: _of_cluster,
    ClusterKind.BLOCK: _of_block,
}
