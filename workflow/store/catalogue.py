"""The award titles that ship with the project, one entry per title and rule regime."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from workflow.domain.vocabulary import AwardLevel, PaperKind, SubjectKind

Confidence = Literal["S", "S2", "I", "M"]
PLAYED_REGIME: Final = "PLAY"
"""Under which a play on a virtual clock goes on with awards whose last regime ends."""
_SUBJECT_KINDS: Final = {"individual": SubjectKind.PERSON, "collective": SubjectKind.COLLECTIVE}


@dataclass(frozen=True, slots=True)
class ShippedAward:
    """One title under one regime; `content_hash` names everything but the hash itself."""

    code: str
    regime: str
    name_vi: str
    name_en: str
    subject_kind: SubjectKind
    level: AwardLevel
    papers: tuple[PaperKind, ...]
    vote_percent: int | None
    decided_by_vi: str
    decided_by_en: str
    workflow_key: str
    confidence: str
    valid_from: date
    valid_to: date | None

    @property
    def content_hash(self) -> str:
        """Give the SHA-256, in hex, of the entry's content in canonical JSON."""
        canonical = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Regime(_Entry):
    code: str
    law: str
    decree: str
    sector: str
    valid_from: date = Field(alias="from")
    valid_to: date | None = Field(alias="to")
    conf: Confidence


class _Decider(_Entry):
    vi: str
    en: str
    conf: Confidence


class _Share(_Entry):
    share: int = Field(ge=1, le=100)
    conf: Confidence


class _Award(_Entry):
    code: str
    vi: str
    en: str
    kind: Literal["individual", "collective"]
    level: AwardLevel
    decided_by: _Decider
    papers: tuple[PaperKind, ...] = ()
    vote_percent: _Share | None = None
    workflow: str
    regimes: tuple[str, ...] = ()
    conf: Confidence


class _Catalogue(_Entry):
    regimes: tuple[_Regime, ...]
    awards: tuple[_Award, ...]


@lru_cache(maxsize=1)
def _catalogue() -> _Catalogue:
    text = (resources.files("workflow") / "definitions" / "awards.yaml").read_text(encoding="utf-8")
    return _Catalogue.model_validate(yaml.safe_load(text))


def decree_of(regime: str) -> str | None:
    """Return the number of the decree that a regime which ships rests on, None for any other."""
    return next((one.decree for one in _catalogue().regimes if one.code == regime), None)


@lru_cache(maxsize=1)
def shipped_awards() -> tuple[ShippedAward, ...]:
    """Give every title that ships under each regime it is given under, in the order of the catalogue."""
    catalogue = _catalogue()
    return tuple(
        ShippedAward(
            code=award.code,
            regime=regime.code,
            name_vi=award.vi,
            name_en=award.en,
            subject_kind=_SUBJECT_KINDS[award.kind],
            level=award.level,
            papers=award.papers,
            vote_percent=award.vote_percent.share if award.vote_percent else None,
            decided_by_vi=award.decided_by.vi,
            decided_by_en=award.decided_by.en,
            workflow_key=award.workflow,
            confidence=award.conf,
            valid_from=regime.valid_from,
            valid_to=regime.valid_to,
        )
        for award in catalogue.awards
        for regime in catalogue.regimes
        if not award.regimes or regime.code in award.regimes
    )
