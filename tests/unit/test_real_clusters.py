"""The rotation beside real clusters of the sector: where two years of one cluster are known, it agrees."""

import csv
from collections import defaultdict

import pytest

from tests.architecture.source import ROOT
from workflow.domain.clusters.officers import ClusterKind
from workflow.domain.clusters.rotation import YearsCluster, propose

FILE = ROOT.parent / "shared" / "data" / "awards" / "vks_clusters.csv"
HEAD, DEPUTY = "cụm trưởng", "cụm phó"


def real_clusters():
    """Return the units of each real cluster by name and year, with the part each plays."""
    if not FILE.exists():
        pytest.skip(f"{FILE.name} is not beside this checkout, so there is no real rotation to compare with")
    found: dict[str, dict[int, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["cluster"]][int(row["year"])][row["unit"]] = row["role"]
    return found


def played(units, part):
    return next((unit for unit, role in units.items() if role == part), None)


def test_no_real_cluster_has_two_heads_or_a_head_that_is_its_deputy():
    for years in real_clusters().values():
        for units in years.values():
            assert list(units.values()).count(HEAD) == 1
            assert list(units.values()).count(DEPUTY) <= 1


def test_between_two_known_years_of_a_cluster_the_rotation_comes_to_a_head_who_really_followed():
    known = [years for years in real_clusters().values() if len(years) > 1]
    assert known, "the data know no cluster in two years"
    for years in known:
        first, last = min(years), max(years)
        members = tuple(sorted({*years[first], *years[last]}))
        head, deputy = played(years[first], HEAD), played(years[first], DEPUTY)
        headed, heads = {head: first}, [head]
        for year in range(first + 1, last + 1):
            cluster = YearsCluster(7, "Cụm", ClusterKind.CLUSTER, members, head, deputy)
            (proposal,) = propose([cluster], year=year, alive=members, barred=(), headed=headed)
            head, deputy = proposal.head.unit, proposal.deputy.unit
            headed[head] = year
            heads.append(head)
        # Who headed in between is not published. What is: the head and the deputy of the first year had had
        # their turn, so others sat there in the last one, and so they do in the rotation.
        assert len(set(heads)) == len(heads)
        assert heads[1] == played(years[first], DEPUTY)
        turned = {played(years[first], HEAD), played(years[first], DEPUTY)}
        assert turned.isdisjoint({head, played(years[last], HEAD), played(years[last], DEPUTY)})
        # Told the truth of the last year, it proposes the deputy of that year.
        truth = YearsCluster(7, "Cụm", ClusterKind.CLUSTER, members, *map_officers(years[last]))
        (proposal,) = propose([truth], year=last + 1, alive=members, barred=(), headed={})
        assert proposal.head.unit == played(years[last], DEPUTY)


def map_officers(units):
    return played(units, HEAD), played(units, DEPUTY)
