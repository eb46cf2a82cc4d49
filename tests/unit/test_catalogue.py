"""The titles that ship are the sector's own, each under the regimes it was given under."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from workflow.domain.papers.kinds import PaperLevel, level_of
from workflow.domain.vocabulary import SubjectKind
from workflow.store.catalogue import shipped_awards

AWARDS = shipped_awards()


def test_the_sectors_titles_are_all_there():
    kinds = {award.code: award.subject_kind for award in AWARDS}
    assert {code for code, kind in kinds.items() if kind is SubjectKind.PERSON} == {
        "LDTT",
        "CSTDCS",
        "CSTD_NGANH",
        "CSTD_TOAN_QUOC",
    }
    assert {code for code, kind in kinds.items() if kind is SubjectKind.COLLECTIVE} == {
        "TTLDTT",
        "TTLDXS",
        "CTD_KHOI",
        "CTD_NGANH",
        "CTDCP",
    }


def test_every_title_has_both_names_and_a_route():
    assert all(
        award.name_vi and award.name_en and award.decided_by_vi and award.decided_by_en for award in AWARDS
    )
    assert {award.workflow_key for award in AWARDS} == {"annual"}


def test_a_dossier_asks_only_for_papers_that_exist_before_the_council_meets():
    assert all(award.papers for award in AWARDS)
    assert {level_of(kind) for award in AWARDS for kind in award.papers} == {
        PaperLevel.NOMINATION,
        PaperLevel.SUBMISSION,
    }
    asks_for_a_certificate = {award.code for award in AWARDS if "initiative_certificate" in award.papers}
    assert asks_for_a_certificate == {"CSTDCS", "CSTD_NGANH", "CSTD_TOAN_QUOC"}


def test_the_thresholds_are_those_read_in_the_sources():
    percents = {award.code: award.vote_percent for award in AWARDS if award.vote_percent}
    assert percents == {"CSTD_NGANH": 90, "CSTD_TOAN_QUOC": 90, "CTD_NGANH": 80}


def test_regimes_follow_each_other_without_a_gap():
    spans = sorted({(award.valid_from, award.valid_to) for award in AWARDS if award.valid_to})
    assert all(later[0] == earlier[1] + timedelta(days=1) for earlier, later in pairwise(spans))
    assert spans[0][0] == date(2019, 6, 28)


def test_one_title_has_one_edition_per_regime_and_each_its_own_hash():
    assert max(Counter((award.code, award.regime) for award in AWARDS).values()) == 1
    assert len({award.content_hash for award in AWARDS}) == len(AWARDS)


def test_a_flag_that_the_present_circular_does_not_name_ended_with_the_old_one():
    assert {award.regime for award in AWARDS if award.code == "CTD_KHOI"} == {"R2003", "R2022_98_TT01"}
