"""Those who judge before the office does: heads of units, their deputies, the heads of clusters."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from workflow.domain.facts import MoveRequest, OfflineStep, SignedDocument
from workflow.domain.papers.kinds import PaperRoot
from workflow.domain.rights.routing import split_key
from workflow.domain.vocabulary import BuiltIn, PaperKind, Role
from workflow.simulate.questions import question
from workflow.simulate.season import PAPER_CLUSTER, STUCK_CLUSTER, Season
from workflow.simulate.sector import unit_number
from workflow.simulate.stage import Waiting
from workflow.simulate.words import COMMENTS

APPROVE: Final = MoveRequest(action="approve")
_RETURNED_BY_UNIT, _REJECTED_BY_UNIT = 0.03, 0.045
_REJECTED_BY_CLUSTER: Final = 0.06


def sent_back(reason: str, to_step: str = "draft") -> MoveRequest:
    """Return the request that sends a name back for a reason."""
    return MoveRequest(action="return", to_step=to_step, reason_code=reason, comment=COMMENTS[reason])


def turned_down(reason: str) -> MoveRequest:
    """Return the request that ends a name for a reason."""
    return MoveRequest(action="reject", reason_code=reason, comment=COMMENTS[reason])


def piles(items: Iterable[Waiting]) -> dict[tuple[str, int | None], list[Waiting]]:
    """Lay what waits in piles: one for each seat and list."""
    found: dict[tuple[str, int | None], list[Waiting]] = defaultdict(list)
    for item in items:
        found[item.owner_key, item.submission_id].append(item)
    return dict(found)


def decide_pile(season: Season, key: str, orders: Mapping[int, MoveRequest], *, turn: int = 0) -> list[int]:
    """Have who sits in a seat decide a pile at once; what the rules refuse is left alone from then on."""
    if not orders:
        return []
    done = season.stage.decide(season.stage.actor(key, turn), list(orders.items()))
    season.left_alone.update(set(orders) - set(done))
    season.returned.update(number for number in done if orders[number].action == "return")
    season.asked.update({number: key for number in done if orders[number].action == BuiltIn.REQUEST_INFO})
    return done


def on_the_desk(season: Season, *states: str) -> list[Waiting]:
    """Return what waits in these steps where somebody still acts."""
    return [
        item
        for item in season.desk
        if item.state in states
        and not item.is_asked
        and item.nomination_id not in season.left_alone
        and not season.rests(item.owner_key)
    ]


def judge_in_units(season: Season) -> None:
    """Have the heads of units, or whoever stands in for them, decide the lists that lie there long enough."""
    for (key, _), items in piles(on_the_desk(season, "unit_review")).items():
        habit = season.plan.habits[unit_number(items[0].unit)]
        if season.stage.age(items[0]) >= habit.head_days:
            decide_pile(season, key, {item.nomination_id: _in_unit(season, item) for item in items})


def _in_unit(season: Season, item: Waiting) -> MoveRequest:
    if (asked := question(season, item)) is not None:
        return asked
    dice = season.chance("unit", item.nomination_id).random()
    if item.nomination_id in season.returned or dice >= _REJECTED_BY_UNIT:
        return APPROVE
    return sent_back("achievement_unclear") if dice < _RETURNED_BY_UNIT else turned_down("standard_not_met")


def judge_in_clusters(season: Season) -> None:
    """Have each cluster meet some days after the first collective reached it."""
    desks: dict[str, list[Waiting]] = defaultdict(list)
    for item in on_the_desk(season, "cluster_review"):
        desks[item.owner_key].append(item)
    for key, items in desks.items():
        if season.stage.age(items[0]) >= season.chance("meeting", key).randint(2, 5):
            _meet(season, key, items)


def _meet(season: Season, key: str, items: Sequence[Waiting]) -> None:
    cluster = split_key(key)[1]
    if cluster.endswith(f"/{STUCK_CLUSTER}") and not season.has_stuck:
        _take_and_forget(season, key, items[0])
        items = items[1:]
    if cluster.endswith(f"/{PAPER_CLUSTER}") and key.startswith(Role.CLUSTER_HEAD):
        items = _meet_on_paper(season, key, items)
    orders = {item.nomination_id: _in_cluster(season, item) for item in items}
    for item in items:
        if orders[item.nomination_id] is APPROVE:
            _put_minutes(season, key, item)
    decide_pile(season, key, orders)


def _in_cluster(season: Season, item: Waiting) -> MoveRequest:
    dice = season.chance("cluster", item.nomination_id).random()
    return turned_down("standard_not_met") if dice < _REJECTED_BY_CLUSTER else APPROVE


def _put_minutes(season: Season, key: str, item: Waiting) -> UUID:
    kind = PaperKind.CLUSTER_MINUTES
    return season.stage.put_paper(season.stage.actor(key), PaperRoot.NOMINATION, item.nomination_id, kind)


def _meet_on_paper(season: Season, key: str, items: Sequence[Waiting]) -> list[Waiting]:
    """Have a cluster meet round a table: its deputy enters what was signed there, with the scan."""
    deputy = f"{Role.CLUSTER_DEPUTY}@{split_key(key)[1]}"
    met_on = season.stage.calendar.shift(season.stage.today, -1)
    number = f"{season.number(key):02}/BB-CTĐ"
    signer = season.stage.actor(key).name
    own = season.unit_of(season.stage.actor(deputy))
    orders = {}
    for item in items:
        if item.unit == own:
            continue
        step = OfflineStep(key, SignedDocument(number, met_on, signer), _put_minutes(season, deputy, item))
        orders[item.nomination_id] = MoveRequest(action="approve", occurred_on=met_on, on_paper=step)
    decide_pile(season, deputy, orders)
    # Nobody enters what was decided on their own unit: that the head does on the page.
    return [item for item in items if item.unit == own]


def _take_and_forget(season: Season, key: str, item: Waiting) -> None:
    """Have somebody take one file in hand and never look at it again: it is stuck, and reminders tell."""
    season.has_stuck = True
    season.left_alone.add(item.nomination_id)
    season.stage.decide(season.stage.actor(key), [(item.nomination_id, MoveRequest(action=BuiltIn.CLAIM))])
