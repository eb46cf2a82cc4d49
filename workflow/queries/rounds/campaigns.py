"""Movements in their tree, the rounds inside each, and how many nominations those have."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import NotFound
from workflow.domain.rights.scope import Depth, Scope
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, text, whole
from workflow.queries.shapes import Named
from workflow.store.awards import Campaign, Round
from workflow.store.base import among
from workflow.store.codes import is_named
from workflow.store.conditions import named_edition
from workflow.store.database import local_day
from workflow.store.history import stream_version
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.visible import visible

MOST_CAMPAIGNS: Final = 500
MOST_ROUNDS: Final = 2000


@dataclass(frozen=True, slots=True)
class CampaignRound:
    """A round inside a movement; `nominations` are those that its reader may count."""

    code: str
    title: str
    year: int
    owner: str
    opened_at: datetime
    closed_at: datetime | None
    nominations: int


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A movement: its theme, whose it is, the code of the one above it, its directive, its rounds."""

    code: str
    version: int
    title: str
    year: int
    owner: Named
    parent: str | None
    directive_number: str
    directive_on: date | None
    rounds: tuple[CampaignRound, ...]


@dataclass(frozen=True, slots=True)
class CampaignChoice:
    """A movement as it is chosen: two of a title are told apart by their years."""

    code: str
    title: str
    year: int


@dataclass(frozen=True, slots=True)
class CampaignNode:
    """A movement with those under it, and how many nominations they have together."""

    campaign: CampaignView
    children: tuple["CampaignNode", ...]
    nominations: int


def list_campaigns(
    session: Session, *, scope: Scope, now: datetime, limit: int, cursor: str | None
) -> Page[CampaignView]:
    """Return one page of the movements, the newest year first, then by code; `parent` makes the tree."""
    place = (-Campaign.year, Campaign.code)
    statement = _campaigns(local_day(session, now))
    if cursor is not None:
        places = decode_cursor("campaigns", cursor, whole, text)
        statement = statement.where(tuple_(*place) > tuple_(*places))
    rows = session.execute(statement.order_by(*place).limit(limit + 1)).all()
    rounds = _rounds(session, scope, [row.Campaign.id for row in rows])
    return cut(
        rows,
        limit,
        item=lambda row: _view(row, rounds),
        cursor=lambda row: encode_cursor("campaigns", -row.Campaign.year, row.Campaign.code),
    )


def campaign_choices(session: Session) -> tuple[CampaignChoice, ...]:
    """Return movements for forms that choose one, the newest year first, then by title; at most 500."""
    newest = select(Campaign.code, Campaign.title, Campaign.year).order_by(-Campaign.year, Campaign.title)
    rows = session.execute(newest.limit(MOST_CAMPAIGNS))
    return tuple(CampaignChoice(row.code, row.title, row.year) for row in rows)


def get_campaign(session: Session, *, scope: Scope, code: str, now: datetime) -> CampaignView:
    """Return one movement, or raise `NotFound`."""
    row = session.execute(
        _campaigns(local_day(session, now)).where(is_named(session, Campaign.code, code))
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no campaign '{code}'.")
    return _view(row, _rounds(session, scope, [row.Campaign.id]))


def campaign_tree(session: Session, *, scope: Scope, now: datetime) -> tuple[CampaignNode, ...]:
    """Return the movements as trees, the newest year first; at most 500 in all."""
    found = list_campaigns(session, scope=scope, now=now, limit=MOST_CAMPAIGNS, cursor=None).items
    codes = {campaign.code for campaign in found}
    children: dict[str | None, list[CampaignView]] = defaultdict(list)
    for campaign in found:
        children[campaign.parent if campaign.parent in codes else None].append(campaign)
    return tuple(_node(campaign, children) for campaign in children[None])


def _node(campaign: CampaignView, children: Mapping[str | None, Sequence[CampaignView]]) -> CampaignNode:
    below = tuple(_node(child, children) for child in children.get(campaign.code, ()))
    own = sum(one.nominations for one in campaign.rounds)
    return CampaignNode(campaign, below, own + sum(node.nominations for node in below))


def _campaigns(today: date) -> Select[*tuple[Any, ...]]:
    parent, version = aliased(Campaign), stream_version(func.concat("campaign:", Campaign.id))
    return (
        select(
            Campaign,
            Unit.code.label("owner"),
            UnitEdition.name,
            parent.code.label("parent"),
            version.label("version"),
        )
        .join(Unit, Unit.id == Campaign.owner_unit_id)
        .outerjoin(UnitEdition, named_edition(today))
        .outerjoin(parent, parent.id == Campaign.parent_id)
    )


def _view(row: Any, rounds: Mapping[int, Sequence[CampaignRound]]) -> CampaignView:  # noqa: ANN401 - a row
    campaign: Campaign = row.Campaign
    return CampaignView(
        code=campaign.code,
        version=row.version,
        title=campaign.title,
        year=campaign.year,
        owner=Named(row.owner, row.name or row.owner),
        parent=row.parent,
        directive_number=campaign.directive_number,
        directive_on=campaign.directive_on,
        rounds=tuple(rounds.get(campaign.id, ())),
    )


def _rounds(
    session: Session, scope: Scope, campaign_ids: Sequence[int]
) -> Mapping[int, Sequence[CampaignRound]]:
    counted = (
        select(func.count())
        .select_from(Nomination)
        .where(Nomination.round_id == Round.id, visible(scope, Depth.COUNT))
        .correlate(Round)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Round, Unit.code, counted.label("nominations"))
        .join(Unit, Unit.id == Round.owner_unit_id)
        .where(among(Round.campaign_id, campaign_ids))
        .order_by(Round.opened_at.desc(), Round.id.desc())
        .limit(MOST_ROUNDS)
    )
    found: dict[int, list[CampaignRound]] = defaultdict(list)
    for row in rows:
        found[row.Round.campaign_id].append(
            CampaignRound(
                code=row.Round.code,
                title=row.Round.title,
                year=row.Round.year,
                owner=row.code,
                opened_at=row.Round.opened_at,
                closed_at=row.Round.closed_at,
                nominations=row.nominations,
            )
        )
    return found
